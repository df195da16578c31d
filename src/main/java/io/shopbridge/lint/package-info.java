/**
 * Linter of {@code mappings/} and {@code routes/}: reports all faults at once, those of the loaders and those that load
 * but would cause failures later. It needs no database.
 */
package io.shopbridge.lint;
