package io.shopbridge.map;

/** Event: saved mappings are valid. They are used after all listeners have finished their work. */
public record MappingsAccepted() {
}
