package io.shopbridge.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.ShopbridgeProcess;
import io.shopbridge.plan.Planner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plan of one changed mapping over a mirror of customers and as many orders, all of them in CRM One: each third order
 * gets another number. It prints how long the plan took, and the most resident memory of the process that made it, whose
 * heap is 512 MB. Then the plan is applied: each record of a random sample is in the CRM as the plan said, and those that
 * it does not name are as they were.
 *
 * <p>{@code mvn test -Dtest=PlanAtScale}, with {@code -Dplan.records=100000} and {@code -Dplan.seed=1}.
 */
class PlanAtScale {

    private static final int RECORDS = Integer.getInteger("plan.records", 100_000);
    private static final int ORDERS = RECORDS / 2;
    private static final int SAMPLE = 1_000;
    private static final long FIRST_CUSTOMER = 7_000_000_000_000L;
    private static final long FIRST_ORDER = 5_000_000_000_000L;
    private static final Duration PATIENCE = Duration.ofHours(2);
    private static final String STEPS = "--shopbridge.schedules.plans=";

    private final Random random = new Random(Long.getLong("plan.seed", 1));
    private RunningShopbridge shopbridge;
    private Planner planner;

    @TempDir
    private Path directory;

    @Test
    void applyWritesWhatThePlanSays() throws IOException {
        Path used = RunningShopbridge.fastMappings();
        Path changed = changed(used);
        try (RunningShopbridge running = RunningShopbridge.with("--shopbridge.mappings-dir=" + used,
                "--shopbridge.stores.main.crms=crm-one", STEPS + "0 0 0 1 1 ? 2099")) {
            shopbridge = running;
            planner = new Planner(running, used);
            IntStream.range(0, RECORDS - ORDERS).parallel().forEach(this::customer);
            IntStream.range(0, ORDERS).parallel().forEach(this::order);
            idle();
            Map<String, ObjectNode> before = orders();
            assertThat(before).hasSize(ORDERS);
            Set<String> toChange = LongStream.range(FIRST_ORDER, FIRST_ORDER + ORDERS).filter(id -> id % 3 == 0)
                    .mapToObj(Long::toString).collect(Collectors.toCollection(TreeSet::new));

            JsonNode plan = plan(changed);
            JsonNode kind = plan.at("/result/0");
            assertThat(plan.path("result")).hasSize(1);
            assertThat(plan.path("looked_at").asLong()).isEqualTo(ORDERS);
            assertThat(kind.at("/fields").properties()).singleElement().satisfies(field -> {
                assertThat(field.getKey()).isEqualTo("number");
                assertThat(field.getValue().path("written").asLong()).isEqualTo(toChange.size());
                assertThat(field.getValue().path("perhaps").asLong()).isZero();
            });
            assertThat(new TreeSet<>(shopbridge.jdbc().queryForList("SELECT record_id FROM plan_record", String.class)))
                    .isEqualTo(toChange);

            planner.takeIn(changed);
            long calls = writes();
            apply(changed, plan.path("id").asLong());
            System.out.printf(Locale.ROOT, "It said %d calls and %d s at the CRM's limits, and made %d%n",
                    kind.path("calls").asLong(), kind.path("seconds").asLong(), writes() - calls);
            Map<String, ObjectNode> after = orders();
            random.longs(SAMPLE, FIRST_ORDER, FIRST_ORDER + ORDERS).mapToObj(id -> "main:" + id).forEach(key -> {
                ObjectNode expected = before.get(key).deepCopy();
                if (toChange.contains(key.substring("main:".length()))) {
                    expected.put("number", expected.path("number").asText() + " B2C");
                }
                assertThat(after.get(key)).as(key).isEqualTo(expected);
            });
            assertThat(after.values().stream().filter(order -> order.path("number").asText().endsWith(" B2C")))
                    .hasSize(toChange.size());
        }
    }

    /** The plan, made by a process of its own. */
    private JsonNode plan(Path changed) throws IOException {
        try (ShopbridgeProcess process = process("plan")) {
            long id = planner.begin(Planner.zip(changed), "?crm=crm-one").path("id").asLong();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                    !planner.find(id).path("state").asText().equals("planning"));
            JsonNode plan = planner.find(id);
            assertThat(plan.path("state").asText()).as(plan.toString()).isEqualTo("planned");
            Duration took = between(plan, "asked_at", "planned_at");
            System.out.printf(Locale.ROOT, "Of a mirror of %,d records, a plan looked at %,d in %.1f s (%.0f a second); the"
                    + " process had %d MB at most%n", RECORDS, plan.path("looked_at").asLong(), took.toMillis() / 1_000.0,
                    plan.path("looked_at").asLong() * 1_000.0 / took.toMillis(),
                    Child.kilobytes(process.pid(), "status", "VmHWM:") / 1_024);
            return plan;
        }
    }

    private void apply(Path changed, long id) throws IOException {
        try (ShopbridgeProcess process = process("apply", "--shopbridge.mappings-dir=" + changed)) {
            // The process that made the plan counts as one that runs other mappings until half a minute has passed.
            await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1))
                    .ignoreExceptionsInstanceOf(IllegalStateException.class).until(() ->
                            shopbridge.operator("POST", "/api/v1/plans/" + id + "/apply").path("state").asText()
                                    .equals("applying"));
            long began = System.nanoTime();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                    planner.find(id).path("state").asText().equals("applied"));
            idle();
            System.out.printf(Locale.ROOT, "%,d records were marked and delivered in %.1f s, with limits that pass %d times"
                    + " faster; the process had %d MB at most%n", planner.find(id).path("marked").asLong(),
                    (System.nanoTime() - began) / 1e9, RunningShopbridge.SPEED,
                    Child.kilobytes(process.pid(), "status", "VmHWM:") / 1_024);
        }
    }

    /** Another instance, the only one that makes and applies plans; it has started. */
    private ShopbridgeProcess process(String name, String... settings) throws IOException {
        Path log = directory.resolve(name + ".log");
        ShopbridgeProcess process = shopbridge.replica(log, Stream.concat(Stream.of("--server.port=0",
                STEPS + "* * * * * ?", "--spring.quartz.scheduler-name=" + name), Stream.of(settings))
                .toArray(String[]::new));
        await().atMost(PATIENCE).until(() -> {
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            return Files.readString(log).contains("Started Shopbridge");
        });
        return process;
    }

    private static Duration between(JsonNode plan, String from, String to) {
        return Duration.between(Instant.parse(plan.path(from).asText()), Instant.parse(plan.path(to).asText()));
    }

    private static Path changed(Path used) {
        Path changed = Planner.copy(used);
        Planner.replace(changed.resolve("crm-one/order-to-order.yaml"), "  number:\n    from: .name\n",
                "  number:\n    from: >-\n      if (.id | tonumber) % 3 == 0 then \"\\(.name) B2C\" else .name end\n");
        return changed;
    }

    private Map<String, ObjectNode> orders() {
        return shopbridge.crmOne.records("orders").stream().map(order -> (ObjectNode) order.path("fields"))
                .collect(Collectors.toMap(fields -> fields.path("external_id").asText(), ObjectNode::deepCopy,
                        (one, other) -> one, TreeMap::new));
    }

    private long writes() {
        return shopbridge.crmOne.calls().entrySet().stream().filter(call -> call.getKey().equals("PUT /v1/orders/bulk"))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private void idle() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                        && shopbridge.count("SELECT count(*) FROM work") == 0);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    private void customer(int number) {
        post("customers/update", "{" + customerFields(number) + ", 'created_at': '2026-03-01T10:00:00Z'}");
    }

    private void order(int number) {
        long id = FIRST_ORDER + number;
        post("orders/updated", "{'id': " + id + ", 'name': '#" + number + "', 'currency': 'EUR', 'total_price': '20.00',"
                + " 'current_total_price': '20.00', 'financial_status': 'paid', 'processed_at': '2026-03-01T11:00:00Z',"
                + " 'created_at': '2026-03-01T11:00:00Z', 'updated_at': '2026-03-01T11:00:00Z', 'customer': {"
                + customerFields(number) + "}, 'line_items': [{'id': " + id + "1, 'name': 'Mug', 'title': 'Mug', 'price':"
                + " '10.00', 'quantity': 1, 'current_quantity': 1}, {'id': " + id + "2, 'name': 'Lamp', 'title': 'Lamp',"
                + " 'price': '10.00', 'quantity': 1, 'current_quantity': 1}]}");
    }

    private static String customerFields(int number) {
        return "'id': " + (FIRST_CUSTOMER + number) + ", 'email': 'buyer" + number + "@example.com', 'first_name': 'Buyer',"
                + " 'last_name': 'Number" + number + "', 'updated_at': '2026-03-01T10:00:00Z'";
    }

    private void post(String topic, String body) {
        assertThat(shopbridge.post(topic, body.replace('\'', '"'))).isEqualTo(200);
    }
}
