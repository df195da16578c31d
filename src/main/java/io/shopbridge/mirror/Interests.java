package io.shopbridge.mirror;

/** Which records and changes each CRM needs: work is marked only for a CRM that uses it. */
public interface Interests {

    /** Whether this CRM has a mapping for records of this entity. */
    boolean maps(String crm, String entity);

    /** Whether a mapping of this CRM reads {@code .metrics} of customers. */
    boolean readsMetrics(String crm);

    /** Whether a mapping of this CRM reads {@code .metrics.days_since_last_order}, which changes without any event. */
    boolean readsDaysSinceLastOrder(String crm);
}
