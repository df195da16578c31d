/**
 * The webhook endpoint: checks signatures, and limits size, time and memory of requests. Called by the routes of {@code
 * 1-receive}.
 */
package io.shopbridge.receive;
