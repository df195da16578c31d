package io.shopbridge.lint;

/** Saved mappings were found right. They are used as soon as everybody who listens has done what they need. */
public record MappingsAccepted() {
}
