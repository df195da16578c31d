package io.shopbridge.receive;

import io.shopbridge.inbox.Event;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.springframework.stereotype.Component;

/**
 * Turns a webhook request into an {@link Event}, after it has proved that the store's Shopify app sent it.
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

    private final Stores stores;
    private final long maxBody;

    public ShopifyWebhook(Stores stores, ShopbridgeSettings settings) {
        this.stores = stores;
        this.maxBody = settings.webhook().maxBody().toBytes();
    }

    /**
     * Reads and verifies the request whose body is the raw input stream.
     *
     * @throws WebhookRefused 404 unknown store, 413 body over the limit, 401 signature missing or wrong or of another shop
     */
    public Event verify(@Header("store") String storeName, Exchange exchange) throws IOException {
        Store store = stores.find(storeName)
                .orElseThrow(() -> new WebhookRefused(404, "No store of this name is configured"));
        byte[] body = read(exchange);
        String claimed = header(exchange, "Hmac-Sha256");
        if (claimed == null || !Signature.matches(claimed, body, store.secrets())) {
            throw new WebhookRefused(401, "The signature is missing or not made with a secret of this store");
        }
        String domain = header(exchange, "Shop-Domain");
        if (domain != null && store.domain() != null && !store.domain().equalsIgnoreCase(domain)) {
            throw new WebhookRefused(401, "The webhook is of another shop than this store's");
        }
        String topic = topic(header(exchange, "Topic"));
        byte[] fingerprint = fingerprint(topic, body);
        String webhookId = header(exchange, "Webhook-Id");
        return new Event(store.name(), topic,
                webhookId == null ? "none:" + HexFormat.of().formatHex(fingerprint) : webhookId,
                header(exchange, "Event-Id"), time(header(exchange, "Triggered-At")), fingerprint, body);
    }

    private byte[] read(Exchange exchange) throws IOException {
        Long announced = exchange.getMessage().getHeader("Content-Length", Long.class);
        if (announced != null && announced > maxBody) {
            throw tooLarge();
        }
        InputStream stream = exchange.getMessage().getBody(InputStream.class);
        byte[] body = stream == null ? new byte[0] : stream.readNBytes((int) maxBody + 1);
        if (body.length > maxBody) {
            throw tooLarge();
        }
        return body;
    }

    private WebhookRefused tooLarge() {
        return new WebhookRefused(413, "The body is larger than " + maxBody + " bytes (shopbridge.webhook.max-body)");
    }

    private static String header(Exchange exchange, String name) {
        String value = exchange.getMessage().getHeader("X-Shopify-" + name, String.class);
        if (value == null) {
            value = exchange.getMessage().getHeader("Shopify-" + name, String.class);
        }
        if (value == null || value.isBlank()) {
            return null;
        }
        String trimmed = value.trim();
        return trimmed.length() <= LONGEST_HEADER ? trimmed : trimmed.substring(0, LONGEST_HEADER);
    }

    /** GraphQL spells topics ORDERS_CREATE only when subscribing; headers say orders/create. */
    private static String topic(String header) {
        return header == null ? "unknown" : header.toLowerCase();
    }

    private static Instant time(String header) {
        try {
            Instant time = header == null ? null : OffsetDateTime.parse(header).toInstant();
            // Java's years go further than PostgreSQL's, and a header must not keep its event out.
            return time == null || time.isBefore(EARLIEST) || time.isAfter(LATEST) ? null : time;
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Covers topic, object, updated_at and all else of a redelivery: object and time stand in the body. */
    private static byte[] fingerprint(String topic, byte[] body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(topic.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) '\n');
            return digest.digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
