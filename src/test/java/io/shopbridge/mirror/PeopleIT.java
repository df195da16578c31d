package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.TestDatabase;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.GuestKey;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.store.RecordKey;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Random lives of customers and guests, told by customer topics and by orders, whole, in part and with nulls, in any
 * order, batched and repeated, on real PostgreSQL: the mirror ends as a model says that knows all at once, and no field
 * is empty that nobody said to be so. How many lives: {@code -Dpeople.lives=10000}.
 */
class PeopleIT {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final int TRIES = 300;
    private static final int LIVES = Integer.getInteger("people.lives", TRIES);
    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
    private static final List<String> PERSONAL = List.of("email", "phone", "first_name", "last_name",
            "default_address");
    private static final List<String> OTHERS = List.of("note", "locale", "tax_exempt", "a_field_of_tomorrow");

    private static TestDatabase database;
    private static SingleConnectionDataSource connection;
    private static JdbcTemplate jdbc;
    private static Mirror mirror;
    private static Topics topics;

    @BeforeContainer
    static void start() throws SQLException {
        database = TestDatabase.migrated();
        // One connection for all: each of its own costs more than the statement.
        connection = new SingleConnectionDataSource(database.dataSource().getConnection(), true);
        jdbc = new JdbcTemplate(connection);
        mirror = new Mirror(jdbc);
        topics = Topics.ofNoInstallation(SHOPIFY, "US");
    }

    @AfterContainer
    static void stop() {
        connection.destroy();
        database.close();
    }

    @Property(tries = TRIES)
    void whateverTheOrderTheMirrorEndsAsTheModel(@ForAll Random random) {
        for (int life = 0; life < Math.max(1, LIVES / TRIES); life++) {
            endsAsTheModel(random);
        }
    }

    private static void endsAsTheModel(Random random) {
        List<Told> life = life(random);

        jdbc.execute("DELETE FROM mirror_facet");
        arrive(life, random);
        Map<String, ObjectNode> first = stored();
        Map<String, String> bytes = bytes();
        jdbc.execute("DELETE FROM mirror_facet");
        arrive(life, random);

        Model model = new Model(life);
        first.forEach((id, customer) -> {
            ObjectNode expected = model.customer(id);
            for (String field : fields()) {
                assertThat(Model.orNull(customer.get(field)))
                        .as("%s of %s after %s", field, id, life).isEqualTo(Model.orNull(expected.get(field)));
            }
        });
        assertThat(first.keySet()).isEqualTo(model.ids());
        assertThat(bytes()).as("whatever the order").isEqualTo(bytes);
    }

    /** Of a guest nothing but these fields is kept, so that what is said again is the same to the byte. */
    @Example
    void aRepeatedStateIsNotOlderThanALateOne() {
        jdbc.execute("DELETE FROM mirror_facet");
        for (Told told : List.of(guestsOrder(1, "Femi"), guestsOrder(3, "Femi"), guestsOrder(2, "Otto"))) {
            mirror.write(topics.receive(told.event()).orElseThrow().changes());
        }
        assertThat(stored().values()).singleElement()
                .satisfies(guest -> assertThat(guest.path("first_name").asText()).isEqualTo("Femi"));
    }

    @Example
    void aCartIsTheGuestsWhoseEmailIsNotTheCustomers() {
        String cart = "{'cart_token': 'c1', 'token': 't1', 'currency': 'USD', 'updated_at': '2026-11-01T1%d:00:00Z', %s}";
        String customers = cart.formatted(0, "'customer': {'id': 7801, 'email': 'ada@example.com'}");
        assertThat(contactOf("checkouts/update", "c1", customers, cart.formatted(1, "'email': 'Ada@example.com'")))
                .isEqualTo("7801");
        assertThat(contactOf("checkouts/update", "c1", customers, cart.formatted(1, "'phone': '+13035550100'")))
                .as("no e-mail").isEqualTo("7801");
        String otto = GuestKey.ofNoInstallation().id("otto@example.com");
        String ottos = cart.formatted(1, "'email': 'otto@example.com'");
        assertThat(contactOf("checkouts/update", "c1", customers, ottos)).isEqualTo(otto);
        assertThat(contactOf("checkouts/update", "c1", ottos, customers)).as("came late").isEqualTo(otto);
        assertThat(contactOf("checkouts/update", "c1", ottos, cart.formatted(2, "'customer': {'id': 7801}")))
                .isEqualTo("7801");
    }

    @Example
    void aDraftMayBecomeAGuestsAndAnOrderStaysItsCustomers() {
        String body = "{'id': 61, 'currency': 'USD', 'updated_at': '2026-11-01T1%d:00:00Z', 'completed_at': null, %s}";
        String customers = body.formatted(0, "'customer': {'id': 7801, 'email': 'ada@example.com'}");
        String ottos = body.formatted(1, "'email': 'otto@example.com'");
        assertThat(contactOf("draft_orders/update", "61", customers, ottos))
                .isEqualTo(GuestKey.ofNoInstallation().id("otto@example.com"));
        assertThat(contactOf("orders/updated", "61", customers, ottos)).isEqualTo("7801");
    }

    /** Whose a record is after these bodies, each taken in by itself. */
    private static String contactOf(String topic, String id, String... bodies) {
        jdbc.execute("DELETE FROM mirror_facet");
        KnownBuyers knownBuyers = new KnownBuyers(mirror);
        for (String body : bodies) {
            ReceivedEvent event = new ReceivedEvent(1, "main", topic, null, START.plusSeconds(86_400), Json.write(json(body)));
            Map<Long, List<FacetChange>> changes = new TreeMap<>(Map.of(1L, topics.receive(event).orElseThrow().changes()));
            knownBuyers.keep(changes);
            mirror.write(changes.get(1L));
        }
        return jdbc.queryForObject("SELECT convert_from(value, 'UTF8') FROM mirror_facet WHERE facet = 'contact' AND"
                + " record_id = ?", String.class, id).replace("\"", "");
    }

    @Example
    void halfANameInAnOrderIsNotPartOfAnother() {
        ObjectNode whole = JsonNodeFactory.instance.objectNode().put("first_name", "Anna").put("last_name", "Berg");
        ObjectNode first = JsonNodeFactory.instance.objectNode().put("first_name", "Maria").putNull("last_name");
        ObjectNode last = JsonNodeFactory.instance.objectNode().putNull("first_name").put("last_name", "Lund");
        ObjectNode order = JsonNodeFactory.instance.objectNode();

        assertThat(name(new Told(1, START, "7001", whole, null), new Told(2, START.plusSeconds(60), "7001", first, order)))
                .as("is not the whole one").isEqualTo("Anna Berg");
        assertThat(name(new Told(2, START.plusSeconds(60), "7001", first, order), new Told(1, START, "7001", whole, order)))
                .isEqualTo("Anna Berg");
        assertThat(name(new Told(1, START, "7001", first, order), new Told(2, START.plusSeconds(60), "7001", last, order)))
                .as("of the latest order").isEqualTo("null Lund");
    }

    private static String name(Told... all) {
        JsonNode customer = customer(all);
        return customer.path("first_name").asText() + " " + customer.path("last_name").asText();
    }

    @Example
    void aPhoneIsReadInTheCountryOfItsOrder() {
        assertThat(phone("{}", "{'phone': '70123 45678', 'billing_address': {'country': 'India'}}"))
                .isEqualTo("+917012345678");
        assertThat(phone("{}", "{'phone': '70123 45678', 'shipping_address': {'first_name': 'Ada', 'country_code':"
                + " 'IN'}}")).isEqualTo("+917012345678");
        assertThat(phone("{'phone': '70123 45678'}", "{'billing_address': {'country_code': 'IN'}}"))
                .as("of the customer").isEqualTo("+917012345678");
        assertThat(phone("{'phone': '503 228 1234', 'default_address': {'country_code': 'US'}}",
                "{'billing_address': {'country_code': 'IN'}}")).as("its own address").isEqualTo("+15032281234");
        assertThat(phone("{}", "{'billing_address': {'address1': '1 Road', 'phone': '70123 45678'},"
                + " 'shipping_address': {'country_code': 'IN'}}")).as("of the bill").isEqualTo("+917012345678");
    }

    @Example
    void aParcelToAnotherPersonDoesNotAffectTheBuyersPhone() {
        String parcel = "'shipping_address': {'first_name': 'Otto', 'last_name': 'Berg', 'country_code': 'IN'}";
        assertThat(phone("{'first_name': 'Ada', 'last_name': 'Marsh'}", "{'phone': '70123 45678', " + parcel + "}"))
                .isEqualTo("+17012345678");
        assertThat(phone("{}", "{'phone': '70123 45678', 'billing_address': {'first_name': 'Ada', 'last_name':"
                + " 'Marsh'}, " + parcel + "}")).isEqualTo("+17012345678");
    }

    private static String phone(String customer, String order) {
        return customer(new Told(1, START, "7001", json(customer), json(order))).path("phone").asText();
    }

    private static JsonNode customer(Told... all) {
        jdbc.execute("DELETE FROM mirror_facet");
        for (Told told : all) {
            mirror.write(topics.receive(told.event()).orElseThrow().changes());
        }
        return stored().get("7001");
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) Json.readOwn(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static Told guestsOrder(int number, String firstName) {
        ObjectNode order = JsonNodeFactory.instance.objectNode().put("email", "guest@example.com");
        order.putObject("billing_address").put("first_name", firstName).put("last_name", "Strand");
        return new Told(number, START.plusSeconds(60L * number), null, JsonNodeFactory.instance.objectNode(), order);
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
                stored.put(key.recordId(), CanonicalRecords.assemble(SHOPIFY.entity(key.entity()), key, facets).json()));
        return stored;
    }

    private static Map<String, String> bytes() {
        Map<String, String> bytes = new TreeMap<>();
        jdbc.query("SELECT record_id || ' ' || facet, version_at || ' ' || version_tie, value FROM mirror_facet"
                + " WHERE entity = 'customer'", row -> {
            bytes.put(row.getString(1), row.getString(2) + " " + new String(row.getBytes(3), StandardCharsets.UTF_8));
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

    /** Times are distinct: what decides between states of one second is the business of {@link VersionRuleIT}. */
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
                } else if (kind > 1 && !field.equals("default_address") && random.nextInt(8) == 0) {
                    customer.put(field, "");
                } else if ((kind > 1 || kind == 1) && random.nextInt(3) > 0) {
                    customer.set(field, value(field, i, random));
                }
            }
            if (!isOrder) {
                customer.put("state", "enabled");
                if (kind > 1 && random.nextInt(3) == 0) {
                    ArrayNode addresses = customer.putArray("addresses");
                    for (int number : List.of(12, 9).subList(0, random.nextInt(3))) {
                        addresses.add(address(200 + i, random).put("id", "" + number).put("default", false));
                    }
                }
            }
            ObjectNode order = null;
            if (isOrder) {
                order = JsonNodeFactory.instance.objectNode();
                if (id == null || random.nextBoolean()) {
                    order.put("email", id == null ? "guest" + random.nextInt(2) + "@example.com" : "o" + i
                            + "@example.com");
                }
                if (random.nextBoolean()) {
                    ObjectNode address = address(100 + i, random);
                    if (random.nextBoolean()) {
                        address.put("first_name", "Femi").put("last_name", random.nextBoolean() ? "Strand" : null);
                    }
                    order.set("billing_address", address);
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
            return address(i, random);
        }
        return json.textNode(field + i + (field.equals("email") ? "@example.com" : ""));
    }

    /** A whole one, or a part of one. */
    private static ObjectNode address(int i, Random random) {
        ObjectNode address = JsonNodeFactory.instance.objectNode().put("address1", i + " High Street")
                .put("city", "Denver");
        return random.nextBoolean() ? address
                : address.putNull("zip").putNull("name").put("country", "United States").put("country_code", "US")
                        .put("phone", random.nextBoolean() ? "+1303555" + (1000 + i) : null);
    }

    /** Knows all events at once: of every field the newest that said it, and below it what orders say of the buyer. */
    private record Model(List<Told> life) {

        private static final List<String> NAMES = List.of("first_name", "last_name");
        private static final String ADDRESS = "default_address";

        Set<String> ids() {
            Set<String> ids = new TreeSet<>();
            life.forEach(told -> ids.add(id(told)));
            return ids;
        }

        private static String id(Told told) {
            return told.id != null ? told.id
                    : GuestKey.ofNoInstallation().id(told.order.path("email").asText());
        }

        ObjectNode customer(String id) {
            List<Told> newestFirst = life.stream().filter(told -> id(told).equals(id))
                    .sorted(Comparator.comparing(Told::at).reversed()).toList();
            ObjectNode customer = JsonNodeFactory.instance.objectNode();
            Map<String, Instant> saidAt = new TreeMap<>();
            for (String field : fields()) {
                newestFirst.stream().filter(told -> said(told, field) != null).findFirst().ifPresent(told -> {
                    customer.set(field, said(told, field));
                    saidAt.put(field, told.at);
                });
            }
            newestFirst.stream().filter(Model::saysAddresses).findFirst().ifPresent(told -> {
                boolean isOlder = saidAt.getOrDefault(ADDRESS, Instant.MIN).isAfter(told.at);
                JsonNode oldest = told.customer.path("addresses").size() == 2 ? told.customer.at("/addresses/1")
                        : told.customer.at("/addresses/0");
                if (!isOlder && !has(customer, ADDRESS) && oldest.isObject()) {
                    customer.set(ADDRESS, oldest);
                }
            });
            fillIn(customer, saidAt.keySet(), newestFirst);
            return customer;
        }

        private static void fillIn(ObjectNode customer, Set<String> said, List<Told> newestFirst) {
            boolean named = isNamed(customer) || NAMES.stream().anyMatch(said::contains);
            for (String field : List.of("email", "first_name", "last_name")) {
                if (!said.contains(field) && !(named && NAMES.contains(field))) {
                    customer.set(field, ofBuyer(newestFirst, field));
                }
            }
            JsonNode address = ofBuyer(newestFirst, ADDRESS);
            if (!said.contains(ADDRESS) && !has(customer, ADDRESS) && address != null && agree(customer, address)) {
                customer.set(ADDRESS, address);
                if (!said.contains("phone") && has(address, "phone")) {
                    customer.set("phone", address.get("phone"));
                }
            }
        }

        private static JsonNode ofBuyer(List<Told> newestFirst, String field) {
            return newestFirst.stream().filter(told -> told.id != null && told.order != null)
                    .map(told -> ofBuyer(told, field)).filter(Objects::nonNull).findFirst().orElse(null);
        }

        /** Null: it doesn't say; JSON null: it says that there is none. */
        private static JsonNode said(Told told, String field) {
            JsonNode value = told.customer.get(field);
            if (told.id == null) {
                JsonNode billing = told.order.path("billing_address");
                return switch (field) {
                    case "email" -> told.order.get("email");
                    case "phone" -> has(billing, "phone") ? billing.get("phone") : null;
                    case "first_name", "last_name" -> isNamed(billing) ? billing.get(field) : null;
                    case ADDRESS -> told.order.get("billing_address");
                    default -> null;
                };
            } else if (told.order != null) {
                boolean isPart = field.equals(ADDRESS) && !told.customer.path(ADDRESS).has("zip");
                boolean isHalf = NAMES.contains(field) && !NAMES.stream().allMatch(name -> has(told.customer, name));
                return has(told.customer, field) && !isPart && !isHalf ? value : null;
            } else if (saysNobody(told)) {
                return PERSONAL.contains(field) || !has(told.customer, field) ? null : value;
            }
            boolean hasList = field.equals(ADDRESS) && told.customer.has("addresses");
            return value == null && hasList ? NullNode.instance : value;
        }

        private static JsonNode ofBuyer(Told told, String field) {
            JsonNode own = told.customer.path(ADDRESS);
            JsonNode billing = told.order.path("billing_address");
            boolean isTheirs = billing.isObject() && agree(told.customer, billing);
            return switch (field) {
                case "email" -> has(told.customer, "email") ? null : told.order.get("email");
                case ADDRESS -> own.isObject() ? (own.has("zip") ? null : own) : isTheirs ? billing : null;
                default -> ofName(told.customer, isTheirs ? billing : NullNode.instance, field);
            };
        }

        /** A whole name in the customer object is more than what an order says of its buyer, half a name is not. */
        private static JsonNode ofName(JsonNode customer, JsonNode billing, String field) {
            JsonNode named = isNamed(customer) ? customer : billing;
            boolean isWhole = NAMES.stream().allMatch(name -> has(customer, name));
            return isWhole || !isNamed(named) ? null : has(named, field) ? named.get(field) : NullNode.instance;
        }

        private static boolean saysNobody(Told told) {
            return PERSONAL.stream().noneMatch(field -> has(told.customer, field))
                    && told.customer.path("addresses").isEmpty();
        }

        private static boolean saysAddresses(Told told) {
            return told.order == null && told.customer.has("addresses") && !saysNobody(told);
        }

        private static boolean agree(JsonNode person, JsonNode address) {
            return !isNamed(person) || NAMES.stream().allMatch(name -> !has(person, name) || !has(address, name)
                    || person.get(name).equals(address.get(name)));
        }

        private static boolean isNamed(JsonNode person) {
            return NAMES.stream().anyMatch(name -> has(person, name));
        }

        private static boolean has(JsonNode object, String field) {
            return object.hasNonNull(field) && !(object.get(field).isTextual() && object.get(field).asText().isEmpty());
        }

        /** Blank is empty. */
        static JsonNode orNull(JsonNode value) {
            return value == null || value.isNull() || value.isTextual() && value.asText().isBlank() ? null : value;
        }
    }
}
