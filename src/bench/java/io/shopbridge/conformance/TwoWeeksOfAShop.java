package io.shopbridge.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Two weeks of a shop with a till, an office whose people share one number, and buyers who mistype their address: what
 * is left for a person at the end must be a real decision. The list is printed.
 *
 * <p>{@code mvn test -Dtest=TwoWeeksOfAShop}, with {@code -Dtwo-weeks.events=3000} of them and {@code -Dtwo-weeks.seed=1}.
 */
class TwoWeeksOfAShop {

    private static final int EVENTS = Integer.getInteger("two-weeks.events", 3_000);
    private static final long SEED = Long.getLong("two-weeks.seed", 1);
    private static final Duration DAYS = Duration.ofDays(14);
    private static final String STORE = "shop";
    private static final String[] SLIPS = {".", ",", " ", "@", ".c"};

    private final Random random = new Random(SEED);

    @Test
    void whatIsLeftForAPersonIsARealDecision() {
        Instant begin = Instant.now().minus(DAYS).truncatedTo(ChronoUnit.SECONDS);
        ShopModel model = ShopModel.stepping(SEED, begin, DAYS.dividedBy(EVENTS));
        try (OneShopAndEveryCrm shop = new OneShopAndEveryCrm(STORE)) {
            RunningShopbridge shopbridge = shop.shopbridge();
            for (ShopEvent event : model.events(EVENTS)) {
                JsonNode body = lifelike(shopbridge.object(new String(event.body(), StandardCharsets.UTF_8)));
                assertThat(shopbridge.postTo(STORE, OneShopAndEveryCrm.domain(STORE), event.topic(), body.toString()))
                        .isEqualTo(200);
            }
            await().atMost(Duration.ofMinutes(15)).pollInterval(Duration.ofMillis(500)).until(() ->
                    shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0 && shopbridge.count("SELECT count(*)"
                            + " FROM work WHERE due_at < clock_timestamp() + interval '1 hour'") == 0);
            Map<String, Long> open = new TreeMap<>();
            for (JsonNode one : shopbridge.operator("GET", "/api/v1/rejected?limit=200").get("items")) {
                open.merge(String.join(" ", one.path("crm").asText(), one.path("outcome").asText(),
                        one.path("entity").asText(), kind(one.at("/errors/0").asText())), 1L, Long::sum);
            }
            System.out.println("After " + EVENTS + " events: " + shopbridge.jdbc().queryForList("SELECT crm || ' '"
                    + " || outcome || ' ' || count(DISTINCT (entity, record_id)) FROM outcome WHERE crm IS NOT NULL"
                    + " GROUP BY crm, outcome ORDER BY 1", String.class) + ", records without a field: "
                    + shopbridge.count("SELECT count(*) FROM left_out") + ". Open:");
            open.forEach((what, number) -> System.out.println(number + " x " + what));
            assertThat(shop.crms().values()).allSatisfy(crm -> assertThat(crm.contacts()).isNotEmpty());
            assertThat(open.keySet()).noneMatch(what -> what.contains(" rejected "));
            assertThat(shopbridge.count("SELECT count(*) FROM work")).as("waits for what is held").isLessThan(
                    10 * (1 + open.values().stream().mapToLong(Long::longValue).sum()));
        }
    }

    /** The sentence without what differs from record to record. */
    private static String kind(String sentence) {
        return sentence.replaceAll("[0-9+(][0-9 ()-]{3,}|\\S+@\\S*", "…");
    }

    /** Every fourth buyer without an account walks in, every fourth gives the office's number; every thirtieth mistypes. */
    private JsonNode lifelike(ObjectNode body) {
        long id = body.path("id").asLong();
        if (body.has("line_items") && !body.path("customer").isObject()) {
            switch ((int) (id / 101 % 4)) {
                case 0 -> List.of("email", "contact_email", "phone", "billing_address", "shipping_address")
                        .forEach(body::putNull);
                case 1 -> {
                    List.of("email", "contact_email").forEach(body::putNull);
                    if (body.path("billing_address") instanceof ObjectNode address) {
                        address.put("phone", "+1 206-555-0142");
                    }
                }
                default -> { }
            }
        }
        if (body.path("email").isTextual() && Math.abs(body.path("email").asText().hashCode()) % 30 == 0) {
            body.put("email", body.path("email").asText() + SLIPS[random.nextInt(SLIPS.length)]);
        }
        return body;
    }
}
