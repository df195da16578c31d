package io.shopbridge.crm;

/**
 * The CRM gave an answer that crm.yaml does not define, such as a redirect. No record is the cause, and a retry would
 * not help: a person must act.
 */
public final class CrmMisfit extends CrmFailure {

    public CrmMisfit(String message) {
        super(message, null);
    }
}
