/**
 * Whoever knocks must prove who they are: signatures and limits of what is received.
 * Called by the routes of {@code 1-receive}.
 */
package io.shopbridge.receive;
