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

    AdminBusy(String message, Instant until, Again again, Throwable cause) {
        super(message, cause);
        this.until = until;
        this.again = again;
    }

    /** When the call may be made again. */
    public Instant getUntil() {
        return until;
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
