package io.shopbridge.crm;

/** A call to a CRM that did not succeed. There are five kinds, each with one behaviour, and no others. */
public abstract sealed class CrmFailure extends RuntimeException
        permits CrmBusy, CrmLockedOut, CrmGone, CrmRefused, CrmMisfit {

    CrmFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
