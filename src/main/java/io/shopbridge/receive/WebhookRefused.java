package io.shopbridge.receive;

/** A request that is not kept, with the HTTP status that says why. */
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
