package io.shopbridge.shopify.admin;

import java.time.Instant;

/** The shop can't be asked now: to be asked again at the time given. */
public final class AdminBusy extends AdminFailure {

    private final transient Instant until;
    private final boolean soon;

    /**
     * @param until when the call may be made again
     * @param soon  whether the route itself may repeat it within seconds, because it had no effect
     */
    AdminBusy(String message, Instant until, boolean soon, Throwable cause) {
        super(message, cause);
        this.until = until;
        this.soon = soon;
    }

    /** When the call may be made again. */
    public Instant getUntil() {
        return until;
    }

    /** Whether the route itself may repeat the call within seconds. */
    public boolean isSoon() {
        return soon;
    }
}
