package io.shopbridge.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a shop sends, made before the clock runs: a customer registers and places two orders, each created, paid,
 * fulfilled and updated. The bodies are the simulated shop's, with ids and versions of our own; an order's webhook
 * carries the customer as Shopify's does. A life's webhooks are spread between those of other customers.
 */
final class Workload {

    static final String STORE = "main";
    static final String DOMAIN = "bench.myshopify.com";
    static final String SECRET = "bench-secret";

    /** How many webhooks of other customers lie between the first webhook of a life and each of the others. */
    private static final int[] LATER = {0, 50, 150, 2000, 2100, 4000, 4100, 6000, 6100};
    private static final int ORDERS = 2;
    private static final int STEPS = 4;
    /** Lately, because a webhook that was triggered long ago is rejected, and before now, as its last time must be too. */
    private static final Instant BEGIN = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofHours(1));
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Slot(long place, Webhook webhook) {
    }

    private final int port;
    private final ObjectNode orderBody;
    private final int spread;
    private long nextCustomer = 7_100_000_000_000L;

    /** @param spread 100: a life is spread as widely as above; 10: a tenth of it, for short runs */
    Workload(int port, int spread) {
        this.port = port;
        this.spread = spread;
        this.orderBody = orderLike();
    }

    /** At least this many webhooks, of records that no earlier call has named. */
    List<Webhook> webhooks(int wanted) {
        List<Slot> slots = new ArrayList<>(wanted + LATER.length);
        for (int i = 0; slots.size() < wanted; i++) {
            life(slots, (long) i * LATER.length);
        }
        slots.sort(Comparator.comparingLong(Slot::place));
        return slots.stream().map(Slot::webhook).toList();
    }

    /** The id of the customer whose life comes next; the ids of its orders and lines begin with it. */
    long nextCustomer() {
        return nextCustomer;
    }

    /** The mean size of the bodies, in bytes. */
    int orderSize() {
        return bytes(orderBody).length;
    }

    private void life(List<Slot> slots, long place) {
        long customerId = nextCustomer++;
        ObjectNode customer = (ObjectNode) orderBody.get("customer").deepCopy();
        customer.put("id", customerId).put("admin_graphql_api_id", "gid://shopify/Customer/" + customerId)
                .put("email", "buyer" + customerId + "@example.com").putNull("phone").put("note", "v1")
                .put("updated_at", BEGIN.toString());
        if (customer.get("default_address") instanceof ObjectNode address) {
            address.putNull("phone").put("customer_id", customerId);
        }
        slots.add(new Slot(place, webhook("customers/create", Map.of(key(customerId), 1), BEGIN, customer)));
        for (int order = 0; order < ORDERS; order++) {
            // An order counts in its customer, which is a change of the customer.
            Instant placed = BEGIN.plus(Duration.ofMinutes(10L * (order + 1)));
            customer = customer.deepCopy();
            customer.put("note", "v" + (order + 2)).put("updated_at", placed.toString());
            for (int step = 0; step < STEPS; step++) {
                long offset = (long) LATER[1 + order * STEPS + step] * spread / 100;
                slots.add(new Slot(place + offset, order(customer, customerId, order, step, placed)));
            }
        }
    }

    private Webhook order(ObjectNode customer, long customerId, int number, int step, Instant placed) {
        long id = customerId * 10 + number;
        Instant at = placed.plusSeconds(step);
        ObjectNode order = orderBody.deepCopy();
        order.put("id", id).put("admin_graphql_api_id", "gid://shopify/Order/" + id).put("name", "#" + id)
                .put("email", customer.get("email").asText()).put("contact_email", customer.get("email").asText())
                .putNull("phone").put("updated_at", at.toString()).put("tags", "v" + (step + 1))
                .put("financial_status", step == 0 ? "pending" : "paid")
                .put("fulfillment_status", step < 2 ? null : "fulfilled");
        order.set("customer", customer);
        ArrayNode lines = (ArrayNode) order.get("line_items");
        for (int i = 0; i < lines.size(); i++) {
            ((ObjectNode) lines.get(i)).put("id", id * 10 + i)
                    .put("admin_graphql_api_id", "gid://shopify/LineItem/" + (id * 10 + i));
        }
        String[] topics = {"orders/create", "orders/paid", "orders/fulfilled", "orders/updated"};
        return webhook(topics[step], Map.of(key(id), step + 1, key(customerId), number + 2), at, order);
    }

    private Webhook webhook(String topic, Map<String, Integer> states, Instant at, ObjectNode body) {
        byte[] bytes = bytes(body);
        ShopEvent event = new ShopEvent(topic, UUID.randomUUID().toString(), UUID.randomUUID().toString(), at, bytes);
        StringBuilder head = new StringBuilder("POST /webhooks/shopify/" + STORE + " HTTP/1.1\r\nHost: localhost:" + port
                + "\r\nContent-Length: " + bytes.length + "\r\n");
        SimulatedShop.headers(event, DOMAIN, SECRET).forEach((name, value) ->
                head.append(name).append(": ").append(value).append("\r\n"));
        ByteArrayOutputStream request = new ByteArrayOutputStream(bytes.length + 600);
        request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(bytes);
        return new Webhook(states, request.toByteArray());
    }

    private static String key(long id) {
        return STORE + ":" + id;
    }

    private static ObjectNode orderLike() {
        ShopModel shop = ShopModel.stepping(7, BEGIN, Duration.ofSeconds(1));
        while (true) {
            ShopEvent event = shop.next();
            if (event.topic().equals("orders/create") && event.body().length > 5_500 && event.body().length < 8_000) {
                JsonNode body = read(event.body());
                if (body.path("customer").isObject() && body.path("customer").path("default_address").isObject()
                        && body.path("billing_address").isObject()) {
                    return (ObjectNode) body;
                }
            }
        }
    }

    private static JsonNode read(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(JsonNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
