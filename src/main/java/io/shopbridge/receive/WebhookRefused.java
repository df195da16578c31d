package io.shopbridge.receive;

/** A request that is not kept, with the HTTP status that says why. */
public class WebhookRefused extends RuntimeException {

    private final int status;

    public WebhookRefused(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    /** HTTP status: 401, 404 or 413. */
    public int getStatus() {
        return status;
    }
}
