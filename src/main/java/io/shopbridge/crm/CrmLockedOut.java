package io.shopbridge.crm;

/** The CRM does not accept our credentials, or they lack a scope: a person must act. */
public final class CrmLockedOut extends CrmFailure {

    public CrmLockedOut(String message) {
        super(message, null);
    }
}
