package io.shopbridge.receive;

import java.util.Locale;

/** Why a webhook is refused, and what the operator can do about it. */
public enum Refusal {

    UNKNOWN_STORE(404, "Correct the address of the subscription in Shopify, or configure the store."),
    NOT_A_POST(405, "Shopify sends POST, so this was another sender."),
    TOO_LARGE(413, "If Shopify sent it, raise shopbridge.webhook.max-body."),
    TOO_SLOW(408, "If Shopify sent it, check the proxy and the network before Shopbridge."),
    BROKEN_OFF(400, "If Shopify sent it, check the proxy and the network before Shopbridge."),
    NOT_SIGNED(401, "Shopify signs every webhook, so this was another sender, or a proxy removed the header."),
    WRONG_SIGNATURE(401, "Set the store's webhook-secrets to the client secret of the app that owns the subscription."),
    OTHER_DOMAIN(401, "Correct the store's domain, or the address of the subscription in the other shop."),
    BUSY(503, "Shopify redelivers it. If this continues, raise shopbridge.webhook.body-memory and the memory of the"
            + " JVM."),
    STARTING(503, "Shopify redelivers it.");

    private final int status;
    private final String remedy;

    Refusal(int status, String remedy) {
        this.status = status;
        this.remedy = remedy;
    }

    /** HTTP status of the answer. */
    int status() {
        return status;
    }

    /** What to do, as a sentence. */
    String remedy() {
        return remedy;
    }

    /** As metrics, the API and the page name it: wrong-signature. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
