package io.shopbridge.mirror;

import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;

/** Which records and changes each CRM needs: work is marked only for a CRM that uses it. */
public interface Interests {

    /** Whether this CRM has a mapping for records of this entity, so that they are delivered to it. */
    boolean maps(String crm, String entity);

    /**
     * Whether a CRM of this store needs what Shopify says of this entity: it has a mapping for it, or counts its records in
     * the figures of customers, as a CRM with {@code orders: figures} does.
     */
    default boolean uses(Store store, String entity) {
        return store.crms().stream().anyMatch(crm -> maps(crm, entity)
                || entity.equals(RecordKey.ORDER) && readsMetrics(crm));
    }

    /** Whether a mapping of this CRM reads {@code .metrics} of customers. */
    boolean readsMetrics(String crm);

    /** Whether a mapping of this CRM reads {@code .metrics.days_since_last_order}, which changes without any event. */
    boolean readsDaysSinceLastOrder(String crm);
}
