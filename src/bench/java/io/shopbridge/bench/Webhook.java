package io.shopbridge.bench;

/**
 * One webhook, ready to be sent.
 *
 * @param record  the external id that the record has in the CRM: {@code main:123}
 * @param object  contacts or orders
 * @param version grows with every webhook of the record; the record carries it as a tag or note
 * @param request the whole HTTP request, signed
 */
record Webhook(String record, String object, int version, byte[] request) {
}
