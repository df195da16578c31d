package io.shopbridge.inbox;

/** The event could not be committed, so whoever sent it must send it again. */
public class InboxUnavailable extends RuntimeException {

    public InboxUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
