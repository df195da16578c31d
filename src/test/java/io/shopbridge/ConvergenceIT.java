package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever the order in which webhooks arrive, however often each comes, and however the deliveries fall between them:
 * the CRMs end with the same records as if every webhook had come once and in order.
 */
class ConvergenceIT {

    /** An hour ago: what was triggered days before it comes waits for a person. */
    private static final Instant START = Instant.now().minus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @ParameterizedTest(name = "shop {0}, {1} events, shuffles {2} and {3}")
    @CsvSource({"11, 120, 1, 2", "23, 90, 3, 4", "47, 120, 5, 6", "101, 60, 7, 8"})
    void anyOrderEndsInTheSameCrmRecords(long shop, int events, long oneOrder, long anotherOrder) {
        List<ShopEvent> inOrder = unambiguous(ShopModel.stepping(shop, START, Duration.ofSeconds(7)).events(events));
        inOrder.sort((one, other) -> one.triggeredAt().compareTo(other.triggeredAt()));

        shopbridge.reset();
        for (int i = 0; i < inOrder.size(); i++) {
            assertThat(shopbridge.post(inOrder.get(i))).isEqualTo(200);
            if (i % 8 == 0) {
                shopbridge.awaitIdle();
            }
        }
        shopbridge.awaitIdle();
        TreeMap<String, String> expected = crmRecords();
        assertThat(expected).hasSizeGreaterThan(events / 4);

        for (long seed : new long[] {oneOrder, anotherOrder}) {
            shopbridge.reset();
            deliverInDisorder(inOrder, new Random(seed));
            assertThat(differences(expected, crmRecords())).as("shop %d, shuffle %d", shop, seed).isEmpty();
        }
    }

    private static List<String> differences(TreeMap<String, String> expected, TreeMap<String, String> actual) {
        TreeSet<String> names = new TreeSet<>(expected.keySet());
        names.addAll(actual.keySet());
        return names.stream().filter(name -> !Objects.equals(expected.get(name), actual.get(name)))
                .map(name -> name + "\n  in order " + expected.get(name) + "\n  now      " + actual.get(name)).toList();
    }

    /** Every event one to three times: the second may come under another id, the third is a replay from the inbox. */
    private void deliverInDisorder(List<ShopEvent> events, Random random) {
        List<ShopEvent> disorder = new ArrayList<>();
        for (ShopEvent event : events) {
            disorder.add(event);
            if (random.nextBoolean()) {
                disorder.add(random.nextBoolean() ? event : new ShopEvent(event.topic(), event.webhookId() + "-again",
                        event.eventId(), event.triggeredAt(), event.body()));
            }
        }
        Collections.shuffle(disorder, random);
        for (ShopEvent event : disorder) {
            assertThat(shopbridge.post(event)).isEqualTo(200);
            int dice = random.nextInt(40);
            if (dice == 0) {
                shopbridge.awaitIdle();
            } else if (dice == 1) {
                shopbridge.jdbc().update("INSERT INTO inbox_waiting SELECT id FROM inbox WHERE id % 3 = ?"
                        + " ON CONFLICT DO NOTHING", random.nextInt(3));
            }
        }
        shopbridge.awaitIdle();
    }

    /**
     * Leaves out what no rule could make independent of the order. Which contact a person is depends on the moment where
     * an e-mail changes, since another's contact may have had the new one, or still have the old one; and where a phone
     * is shared by people of different names, of whom the first gets it and the next is held for review. A customer who
     * is deleted before the CRM heard of them never becomes a contact, one who was there stays.
     */
    private List<ShopEvent> unambiguous(List<ShopEvent> events) {
        Map<String, JsonNode> emails = new HashMap<>();
        List<ShopEvent> kept = new ArrayList<>();
        for (ShopEvent event : events) {
            if (event.topic().equals("customers/delete")) {
                continue;
            }
            String text = new String(event.body(), StandardCharsets.UTF_8).replace("(639) 372 1289", "");
            ObjectNode body = shopbridge.object(text);
            if (event.topic().startsWith("customers/")) {
                keepFirstEmail(emails, body);
            } else if (body.path("customer") instanceof ObjectNode customer) {
                keepFirstEmail(emails, customer);
            }
            kept.add(new ShopEvent(event.topic(), event.webhookId(), event.eventId(), event.triggeredAt(),
                    body.toString().getBytes(StandardCharsets.UTF_8)));
        }
        return kept;
    }

    private static void keepFirstEmail(Map<String, JsonNode> emails, ObjectNode customer) {
        customer.set("email", emails.computeIfAbsent(customer.path("id").asText(), id -> customer.path("email")));
    }

    /** Everything in both CRMs, by what a record is known by, without ids and times of the CRM's own. */
    private TreeMap<String, String> crmRecords() {
        TreeMap<String, String> records = new TreeMap<>();
        Map<String, String> people = new HashMap<>();
        for (ObjectNode contact : shopbridge.crmOne.records("contacts")) {
            ObjectNode fields = (ObjectNode) contact.get("fields");
            String person = person(fields.path("external_id"), fields.path("email"), fields.path("phone"));
            people.put(contact.path("id").asText(), person);
            put(records, "CRM One contact " + person, fields);
        }
        for (ObjectNode order : shopbridge.crmOne.records("orders")) {
            ObjectNode fields = (ObjectNode) order.get("fields");
            fields.put("contact_id", people.get(fields.path("contact_id").asText()));
            put(records, "CRM One order " + fields.path("external_id").asText(), fields);
        }
        Map<String, String> hubspot = new HashMap<>();
        for (ObjectNode contact : shopbridge.hubspot.records("contacts")) {
            JsonNode properties = contact.get("properties");
            hubspot.put("contacts " + contact.path("id").asText(), person(properties.path("shopify_customer_key"),
                    properties.path("email"), properties.path("phone")));
        }
        shopbridge.hubspot.records("orders").forEach(order -> hubspot.put("orders " + order.path("id").asText(),
                order.at("/properties/shopify_order_key").asText()));
        shopbridge.hubspot.records("line_items").forEach(item -> hubspot.put("line_items " + item.path("id").asText(),
                item.at("/properties/shopify_line_item_key").asText()));
        for (String object : List.of("contacts", "orders", "line_items")) {
            for (ObjectNode record : shopbridge.hubspot.records(object)) {
                ObjectNode properties = (ObjectNode) record.get("properties");
                properties.remove(List.of("createdate", "lastmodifieddate", "hs_createdate", "hs_lastmodifieddate",
                        "hs_object_id"));
                TreeSet<String> related = new TreeSet<>();
                record.path("associations").properties().forEach(others -> others.getValue().forEach(id ->
                        related.add(hubspot.get(others.getKey() + " " + id.asText()))));
                properties.put("associated", related.toString());
                put(records, "HubSpot " + object + " " + hubspot.get(object + " " + record.path("id").asText()), properties);
            }
        }
        return records;
    }

    private static String person(JsonNode key, JsonNode email, JsonNode phone) {
        return key.isTextual() ? key.asText() : email.isTextual() ? email.asText() : phone.asText();
    }

    /** Empty is the same as absent: a CRM keeps no difference between them. */
    private void put(TreeMap<String, String> records, String name, ObjectNode fields) {
        TreeMap<String, JsonNode> sorted = new TreeMap<>();
        fields.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (!value.isNull() && !(value.isTextual() && value.asText().isEmpty())
                    && !(value.isArray() && value.isEmpty())) {
                sorted.put(field.getKey(), value);
            }
        });
        assertThat(records.put(name, sorted.toString())).as("%s exists twice", name).isNull();
    }
}
