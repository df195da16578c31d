package io.shopbridge.crm;

/** The record of the call no longer exists in the CRM. */
public final class CrmGone extends CrmFailure {

    public CrmGone(String message) {
        super(message, null);
    }
}
