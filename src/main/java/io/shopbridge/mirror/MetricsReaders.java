package io.shopbridge.mirror;

/** Knows which CRMs want to hear of a customer when only what the customer bought has changed. */
public interface MetricsReaders {

    /** Whether a mapping of this CRM reads {@code .metrics} of customers. */
    boolean reads(String crm);
}
