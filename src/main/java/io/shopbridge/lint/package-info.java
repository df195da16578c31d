/**
 * Finds everything that is wrong in {@code mappings/} and {@code routes/} at once: the loader's own faults, and what
 * loads but would surprise somebody later. It needs no database and no framework.
 */
package io.shopbridge.lint;
