/**
 * The web page at {@code /}: backlog, outcomes, and rejected and held records, with a button to replay them. It shows
 * what {@link io.shopbridge.operate} reads and has no state of its own; no route calls it.
 */
package io.shopbridge.console;
