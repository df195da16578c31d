package io.shopbridge.inbox;

/** The event could not be committed, so the sender must redeliver it. */
public class InboxUnavailable extends RuntimeException {

    public InboxUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
