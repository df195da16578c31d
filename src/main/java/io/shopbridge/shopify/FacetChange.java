package io.shopbridge.shopify;

import io.shopbridge.store.RecordKey;

/**
 * What one event says of one facet of one record.
 *
 * @param facet   profile*, buyer*, addresses, email_marketing_consent, sms_marketing_consent, tags,
 *                tag:&lt;name&gt;, metafields, company:&lt;id&gt;* of a customer; order*, contact, days*,
 *                refund:&lt;id&gt;*, fulfillment:&lt;id&gt;*, edit:&lt;id&gt; of an order; company*,
 *                location:&lt;id&gt;* of a company; draft_order*, checkout*, contact of these; deleted of any;
 *                * is kept as {@link FieldStates}
 * @param value   the facet as JSON
 * @param inboxId the event
 */
public record FacetChange(RecordKey key, String facet, Version version, byte[] value, long inboxId) {
}
