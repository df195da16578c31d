package io.shopbridge.receive;

import io.shopbridge.inbox.Event;
import io.shopbridge.inbox.RepeatedBodies;
import io.shopbridge.store.ShopDomain;
import io.shopbridge.store.Store;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.camel.Body;
import org.springframework.stereotype.Component;

/**
 * Turns a webhook request into an {@link Event}, after its signature has proved that the store's Shopify app sent it.
 *
 * <p>Both header families are read: {@code X-Shopify-*} of webhooks and the unprefixed {@code Shopify-*} of Shopify
 * Events (https://shopify.dev/docs/api/events/2026-10). Headers are not signed, so the store is named by the path,
 * which is bound to the store's secrets.
 */
@Component("shopifyWebhook")
public class ShopifyWebhook {

    private static final int LONGEST_HEADER = 255;
    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final WebhookCounts counts;
    private final RepeatedBodies repeated;

    public ShopifyWebhook(WebhookCounts counts, RepeatedBodies repeated) {
        this.counts = counts;
        this.repeated = repeated;
    }

    /**
     * Verifies the webhook, whose store and body {@link WebhookFilter} found.
     *
     * @throws WebhookRefused 401 signature missing or wrong, or webhook of another shop
     */
    public Event verify(@Body ReceivedWebhook received) {
        Store store = received.store();
        byte[] body = received.body();
        String claimed = header(received, "hmac-sha256");
        if (claimed == null) {
            throw refused(store, Refusal.NOT_SIGNED, "The header X-Shopify-Hmac-Sha256 is missing");
        }
        if (!Signature.matches(claimed, body, store.secrets())) {
            throw refused(store, Refusal.WRONG_SIGNATURE, "The signature does not match a secret of this store");
        }
        String domain = header(received, "shop-domain");
        if (domain != null && store.domain() != null && !store.domain().equalsIgnoreCase(domain)) {
            throw refused(store, Refusal.OTHER_DOMAIN, "The webhook is from "
                    + (ShopDomain.isOne(domain) ? domain.toLowerCase(Locale.ROOT) : "another shop") + ", but store "
                    + store.name() + " is " + store.domain() + " (shopbridge.stores." + store.name() + ".domain)");
        }
        String topic = topic(header(received, "topic"));
        Instant triggeredAt = time(header(received, "triggered-at"));
        // A body without a time has that of the trigger, which stays in a redelivery.
        byte[] fingerprint = Event.fingerprint(repeated.mayRepeat(topic) ? topic + " " + triggeredAt : topic, body);
        String webhookId = header(received, "webhook-id");
        return new Event(store.name(), topic,
                webhookId == null ? "none:" + HexFormat.of().formatHex(fingerprint) : webhookId,
                header(received, "event-id"), triggeredAt, fingerprint, body);
    }

    private WebhookRefused refused(Store store, Refusal refusal, String because) {
        counts.refused(store, refusal, because + ".");
        return new WebhookRefused(refusal, because);
    }

    private static String header(ReceivedWebhook received, String name) {
        String value = received.header(name);
        if (value == null || value.isBlank()) {
            return null;
        }
        String trimmed = value.trim();
        return trimmed.length() <= LONGEST_HEADER ? trimmed : trimmed.substring(0, LONGEST_HEADER);
    }

    /** GraphQL spells topics ORDERS_CREATE only when subscribing; headers say orders/create. */
    private static String topic(String header) {
        return header == null ? "unknown" : header.toLowerCase(Locale.ROOT);
    }

    private static Instant time(String header) {
        try {
            Instant time = header == null ? null : OffsetDateTime.parse(header).toInstant();
            // Java allows later years than PostgreSQL, and a header must not make its event fail.
            return time == null || time.isBefore(EARLIEST) || time.isAfter(LATEST) ? null : time;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
