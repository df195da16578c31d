package io.shopbridge.shopify.admin;

import java.time.Instant;

/**
 * Shopify has locked or frozen the shop (423, 402). The merchant must settle it with Shopify; until then it is tried
 * seldom.
 *
 * @see <a href="https://shopify.dev/docs/api/usage/response-codes">Status codes</a>
 */
public final class AdminLocked extends AdminFailure {

    private final transient Instant until;

    AdminLocked(String message, Instant until) {
        super(message, null);
        this.until = until;
    }

    /** When it is worth another try. */
    public Instant getUntil() {
        return until;
    }
}
