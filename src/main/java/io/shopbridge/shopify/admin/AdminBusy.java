package io.shopbridge.shopify.admin;

import java.time.Instant;

/** The shop can't be asked now: to be asked again at the time given. */
public final class AdminBusy extends AdminFailure {

    /** What a call that was not answered as it should may have done. */
    enum Again {
        /** It had no effect: the route itself may repeat it within seconds. */
        SOON,
        /** As {@code SOON}, when its points are there. */
        WITH_POINTS,
        /** It may have had one, or a repetition is of no use before the time given. */
        LATER,
        /** As {@code LATER}, and no other call to this shop is of use either. */
        LATER_FOR_ALL
    }

    private final transient Instant until;
    private final Again again;
    private final boolean onCall;

    AdminBusy(String message, Instant until, Again again, Throwable cause) {
        this(message, until, again, false, cause);
    }

    private AdminBusy(String message, Instant until, Again again, boolean onCall, Throwable cause) {
        super(message, cause);
        this.until = until;
        this.again = again;
        this.onCall = onCall;
    }

    /** The shop was asked, and failed on the call or did not answer it. */
    static AdminBusy onCall(String message, Instant until, Again again, Throwable cause) {
        return new AdminBusy(message, until, again, true, cause);
    }

    /** When the call may be made again. */
    public Instant getUntil() {
        return until;
    }

    /**
     * Whether the shop was asked and failed on this very call, so that it may fail on it for ever and answer others. Not so
     * where it was not asked at all: its budget is used up, or it is closed for some time.
     */
    public boolean isOnCall() {
        return onCall;
    }

    /** Whether the route itself may repeat the call within seconds. */
    public boolean isSoon() {
        return again == Again.SOON || again == Again.WITH_POINTS;
    }

    /** Whether Shopify found too few points in its bucket. */
    boolean isThrottled() {
        return again == Again.WITH_POINTS;
    }

    /** Whether nothing is to be asked of this shop until then. */
    boolean isForAll() {
        return again == Again.LATER_FOR_ALL;
    }
}
