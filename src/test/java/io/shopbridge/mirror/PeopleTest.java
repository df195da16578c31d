package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.store.RecordKey;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Random lives of customers and guests, told by customer topics and by orders, whole, in part and with nulls, in any
 * order, batched and repeated, on real PostgreSQL: the mirror ends as a model says that knows all at once, and no field
 * is empty that nobody said to be so.
 */
class PeopleTest {

    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
    private static final List<String> PERSONAL = List.of("email", "phone", "first_name", "last_name",
            "default_address");
    private static final List<String> OTHERS = List.of("note", "locale", "tax_exempt", "a_field_of_tomorrow");

    private static EmbeddedPostgres server;
    private static JdbcTemplate jdbc;
    private static Mirror mirror;
    private static Topics topics;

    @BeforeContainer
    static void start() throws IOException {
        server = EmbeddedPostgres.start();
        Flyway.configure().dataSource(server.getPostgresDatabase()).load().migrate();
        jdbc = new JdbcTemplate(server.getPostgresDatabase());
        mirror = new Mirror(jdbc);
        topics = new Topics(new GuestBuyer(store -> "US", GuestKey.ofNoInstallation()));
    }

    @AfterContainer
    static void stop() throws IOException {
        server.close();
    }

    @Property(tries = 300)
    void whateverTheOrderTheMirrorEndsAsTheModel(@ForAll Random random) {
        List<Told> life = life(random);

        jdbc.execute("TRUNCATE mirror_facet");
        arrive(life, random);
        Map<String, ObjectNode> first = stored();
        Map<String, String> bytes = bytes();
        jdbc.execute("TRUNCATE mirror_facet");
        arrive(life, random);

        Model model = new Model(life);
        first.forEach((id, customer) -> {
            for (String field : fields()) {
                JsonNode known = customer.path(field);
                assertThat(known.isNull() || known.isMissingNode() ? null : known)
                        .as("%s of %s after %s", field, id, life).isEqualTo(model.value(id, field));
            }
        });
        assertThat(first.keySet()).isEqualTo(model.ids());
        assertThat(bytes()).as("whatever the order").isEqualTo(bytes);
    }

    private static List<String> fields() {
        List<String> fields = new ArrayList<>(PERSONAL);
        fields.addAll(OTHERS);
        return fields;
    }

    /** Sends the events in some order, some of them more than once, in batches of any size. */
    private static void arrive(List<Told> life, Random random) {
        List<Told> arrivals = new ArrayList<>();
        for (Told told : life) {
            Collections.nCopies(1 + random.nextInt(2), told).forEach(arrivals::add);
        }
        Collections.shuffle(arrivals, random);
        while (!arrivals.isEmpty()) {
            List<Told> batch = arrivals.subList(0, 1 + random.nextInt(arrivals.size()));
            List<FacetChange> changes = new ArrayList<>();
            batch.forEach(told -> changes.addAll(topics.receive(told.event()).orElseThrow().changes()));
            mirror.write(changes);
            batch.clear();
        }
    }

    private static Map<String, ObjectNode> stored() {
        Map<String, ObjectNode> stored = new TreeMap<>();
        List<RecordKey> keys = jdbc.query("SELECT DISTINCT record_id FROM mirror_facet WHERE entity = 'customer'",
                (row, n) -> new RecordKey("main", RecordKey.CUSTOMER, row.getString(1)));
        mirror.read(keys).forEach((key, facets) ->
                stored.put(key.recordId(), CanonicalRecords.assemble(key, facets).json()));
        return stored;
    }

    private static Map<String, String> bytes() {
        Map<String, String> bytes = new TreeMap<>();
        jdbc.query("SELECT record_id || ' ' || facet, value FROM mirror_facet WHERE entity = 'customer'", row -> {
            bytes.put(row.getString(1), new String(row.getBytes(2), StandardCharsets.UTF_8));
        });
        return bytes;
    }

    /**
     * One event, in what both the webhook and the model are made of.
     *
     * @param at       of the customer, and of the order at the same time
     * @param id       null: a guest
     * @param customer what the customer object holds; JSON null where it says so
     * @param order    what the order holds; null: it is a customer's own topic
     */
    record Told(int number, Instant at, String id, ObjectNode customer, ObjectNode order) {

        ReceivedEvent event() {
            ObjectNode body = customer.deepCopy();
            String topic = "customers/update";
            if (id != null) {
                body.put("id", Long.parseLong(id)).put("updated_at", at.toString());
            }
            if (order != null) {
                topic = "orders/updated";
                ObjectNode whole = order.deepCopy();
                whole.put("id", 9000L + number).put("updated_at", at.toString()).put("financial_status", "paid");
                whole.set("customer", id == null ? JsonNodeFactory.instance.nullNode() : body);
                body = whole;
            }
            return new ReceivedEvent(number, "main", topic, at.plusMillis(1), at.plusMillis(2), Json.write(body));
        }
    }

    /** Times are distinct: what decides between states of one second is the business of {@link VersionRuleTest}. */
    private static List<Told> life(Random random) {
        List<Told> life = new ArrayList<>();
        int events = 1 + random.nextInt(12);
        for (int i = 0; i < events; i++) {
            boolean isOrder = random.nextBoolean();
            String id = isOrder && random.nextInt(4) == 0 ? null : "" + (7001 + random.nextInt(2));
            ObjectNode customer = JsonNodeFactory.instance.objectNode();
            int kind = random.nextInt(4);       // nothing but an id, all personal fields null, a part, a part
            for (String field : fields()) {
                boolean isPersonal = PERSONAL.contains(field);
                if (kind == 1 && isPersonal || kind > 1 && random.nextInt(4) == 0) {
                    customer.putNull(field);
                } else if ((kind > 1 || kind == 1) && random.nextInt(3) > 0) {
                    customer.set(field, value(field, i, random));
                }
            }
            if (!isOrder) {
                customer.put("state", "enabled");
            }
            ObjectNode order = null;
            if (isOrder) {
                order = JsonNodeFactory.instance.objectNode();
                if (id == null || random.nextBoolean()) {
                    order.put("email", id == null ? "guest" + random.nextInt(2) + "@example.com" : "o" + i
                            + "@example.com");
                }
                if (random.nextBoolean()) {
                    order.set("billing_address", value("default_address", 100 + i, random));
                }
            }
            life.add(new Told(i + 1, START.plusSeconds(60L * i), id, customer, order));
        }
        return life;
    }

    private static JsonNode value(String field, int i, Random random) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (field.equals("tax_exempt")) {
            return json.booleanNode(random.nextBoolean());
        }
        if (field.equals("default_address")) {
            return json.objectNode().put("address1", i + " High Street").put("city", "Denver");
        }
        return json.textNode(field + i + (field.equals("email") ? "@example.com" : ""));
    }

    /** Knows all events at once: of every field the newest that said it, and below all customers' own words the orders'. */
    private record Model(List<Told> life) {

        Set<String> ids() {
            Set<String> ids = new TreeSet<>();
            life.forEach(told -> ids.add(id(told)));
            return ids;
        }

        private static String id(Told told) {
            return told.id != null ? told.id
                    : GuestKey.ofNoInstallation().id(told.order.path("email").asText());
        }

        JsonNode value(String id, String field) {
            List<Told> newestFirst = life.stream().filter(told -> id(told).equals(id))
                    .sorted(Comparator.comparing(Told::at).reversed()).toList();
            for (Told told : newestFirst) {
                if (said(told, field)) {
                    return told.customer.hasNonNull(field) ? told.customer.get(field) : null;
                }
            }
            boolean named = newestFirst.stream().anyMatch(told -> told.id != null)
                    && field.endsWith("_name") && (isNamed(id, "first_name") || isNamed(id, "last_name"));
            for (Told told : newestFirst) {
                JsonNode ofOrder = told.order == null || named ? null : ofOrder(told, field);
                if (ofOrder != null) {
                    return ofOrder;
                }
            }
            return null;
        }

        /** By a customer object. */
        private boolean isNamed(String id, String field) {
            return life.stream().filter(told -> id(told).equals(id)).filter(told -> said(told, field))
                    .max(Comparator.comparing(Told::at)).filter(told -> told.customer.hasNonNull(field)).isPresent();
        }

        private static boolean said(Told told, String field) {
            if (told.id == null || !told.customer.has(field)) {
                return false;
            }
            boolean isOwnTopic = told.order == null;
            boolean saysWhoItIs = PERSONAL.stream().anyMatch(told.customer::hasNonNull);
            return told.customer.hasNonNull(field) || isOwnTopic && (saysWhoItIs || !PERSONAL.contains(field));
        }

        private static JsonNode ofOrder(Told told, String field) {
            return switch (field) {
                case "email" -> told.order.get("email");
                case "default_address" -> told.order.get("billing_address");
                default -> null;
            };
        }
    }
}
