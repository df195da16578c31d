/**
 * The page at {@code /}: what waits, what was done, and what a person must look at, with a button to replay it.
 * It shows what {@link io.shopbridge.operate} reads, and holds no state of its own; no route calls it.
 */
package io.shopbridge.console;
