package io.shopbridge.crm;

/**
 * The CRM answered what crm.yaml has no words for, such as a redirect: no record's fault, and nothing that a repeat
 * would mend. A person must act.
 */
public final class CrmMisfit extends CrmFailure {

    public CrmMisfit(String message) {
        super(message, null);
    }
}
