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
import java.util.Random;
import java.util.TreeMap;
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
        TreeMap<String, String> expected = CrmRecords.of(shopbridge);
        assertThat(expected).hasSizeGreaterThan(events / 4);

        for (long seed : new long[] {oneOrder, anotherOrder}) {
            shopbridge.reset();
            deliverInDisorder(inOrder, new Random(seed));
            assertThat(CrmRecords.differences(expected, CrmRecords.of(shopbridge))).as("shop %d, shuffle %d", shop, seed).isEmpty();
        }
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
}
