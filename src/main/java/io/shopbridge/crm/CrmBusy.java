package io.shopbridge.crm;

import java.time.Instant;

/** The CRM asked to wait, or did not answer: to be retried. */
public final class CrmBusy extends CrmFailure {

    private final Instant until;
    private final boolean untouched;
    private final boolean serverFault;

    public CrmBusy(String message, Instant until, Throwable cause) {
        this(message, until, cause, false);
    }

    /** @param untouched whether it is certain that the CRM did not process the call */
    CrmBusy(String message, Instant until, Throwable cause, boolean untouched) {
        this(message, until, cause, untouched, false);
    }

    private CrmBusy(String message, Instant until, Throwable cause, boolean untouched, boolean serverFault) {
        super(message, cause);
        this.until = until;
        this.untouched = untouched;
        this.serverFault = serverFault;
    }

    /** The CRM answered with a status of 500 and above. */
    static CrmBusy serverFault(String message, Instant until) {
        return new CrmBusy(message, until, null, false, true);
    }

    /** Whether it is certain that the CRM did nothing of what it was asked: a create may be sent again unseen. */
    public boolean isUntouched() {
        return untouched;
    }

    /** When the CRM may be called again; null where it did not say: the fault may heal within seconds. */
    public Instant getUntil() {
        return until;
    }

    /** Whether the CRM itself failed on the call, as it may on one record of many. */
    public boolean isServerFault() {
        return serverFault && until == null;
    }

    /** Whether a CRM said how long to stay away. A split wraps what failed in it, so the causes count too. */
    public static boolean asksToWait(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof CrmBusy)) {
            cause = cause.getCause();
        }
        return cause instanceof CrmBusy busy && busy.asksToWait();
    }

    /** Whether the CRM said how long to stay away. */
    public boolean asksToWait() {
        return until != null;
    }
}
