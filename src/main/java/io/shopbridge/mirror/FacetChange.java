package io.shopbridge.mirror;

import io.shopbridge.store.RecordKey;

/**
 * What one event says of one facet of one record.
 *
 * @param facet   profile, addresses, email_marketing_consent, sms_marketing_consent, tags, tag:&lt;name&gt;, order, contact,
 *                refund:&lt;id&gt;, fulfillment:&lt;id&gt;, edit:&lt;id&gt; or deleted
 * @param value   the facet as JSON
 * @param inboxId the event
 */
record FacetChange(RecordKey key, String facet, Version version, byte[] value, long inboxId) {
}
