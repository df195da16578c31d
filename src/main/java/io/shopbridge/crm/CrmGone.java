package io.shopbridge.crm;

/** The record that the call names is no longer there. */
public final class CrmGone extends CrmFailure {

    public CrmGone(String message) {
        super(message, null);
    }
}
