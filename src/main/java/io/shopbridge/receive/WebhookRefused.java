package io.shopbridge.receive;

/** A webhook that is not stored, with the HTTP status for its sender. */
public class WebhookRefused extends RuntimeException {

    private final Refusal refusal;

    public WebhookRefused(Refusal refusal, String message) {
        super(message, null, false, false);
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }

    /** HTTP status of the answer. */
    public int getStatus() {
        return refusal.status();
    }
}
