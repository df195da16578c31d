package io.shopbridge.bench;

import java.util.Map;

/**
 * One webhook, ready to be sent.
 *
 * @param states  what it brings: the external id of a record in the CRM ({@code main:123}) to the version of that
 *                record, which the record carries as a tag or note. An order's webhook brings its customer too
 * @param request the whole HTTP request, signed
 */
record Webhook(Map<String, Integer> states, byte[] request) {
}
