/**
 * Delta polls: asks the shops' Admin API at intervals for the records that changed, in case a webhook was lost. The routes
 * are {@code routes/1-receive/poll.camel.yaml}.
 */
package io.shopbridge.poll;
