package io.shopbridge.lint;

/** Event: saved mappings are valid. They are used after all listeners have finished their work. */
public record MappingsAccepted() {
}
