package io.shopbridge.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.Mishaps;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Shops of which 5 % of the webhooks are lost, 5 % doubled and 10 % late, and the same shops without any webhook: after
 * the next poll, all four CRMs hold field by field what they hold if every webhook came once and in order.
 *
 * <p>{@code mvn test -Dtest=LostWebhooks}, with {@code -Dlost.seeds=20} shops, {@code -Dlost.first=3} the seed of
 * the first and {@code -Dlost.events=120} in each.
 */
class LostWebhooks {

    private static final int SEEDS = Integer.getInteger("lost.seeds", 20);
    private static final long FIRST = Long.getLong("lost.first", 3);
    private static final int EVENTS = Integer.getInteger("lost.events", 120);
    private static final String STORE = "shop";
    private static final Instant START = Instant.now().minus(Duration.ofMinutes(50)).truncatedTo(ChronoUnit.SECONDS);
    private static final Map<String, List<String>> OBJECTS = Map.of("hubspot", List.of("contacts", "orders", "line_items"),
            "crm-one", List.of("contacts", "orders"), "salesforce", List.of("Account", "Contact", "Order", "OrderItem"),
            "pipedrive", List.of("persons", "deals", "deal_products"));
    /** Only told by their names where others refer to them. */
    private static final Map<String, List<String>> REFERRED = Map.of("salesforce", List.of("User", "Pricebook2", "Product2"),
            "pipedrive", List.of("pipelines", "stages", "products"));
    /**
     * What depends on the states that a CRM saw before: the opt-out of a person whose consent is pending since, which stays
     * in Pipedrive and in Salesforce's own field, and a deal's value, which is Pipedrive's once it has products. The name
     * of the account that was created for a person, which has the person's name of that moment. And the entry of a price
     * book, which its product tells.
     */
    private static final Map<String, String> LEFT_OUT = Map.of("Contact", "HasOptedOutOfEmail", "Account", "Name",
            "persons", "marketing_status", "deals", "value", "OrderItem", "PricebookEntryId");
    /** What a CRM counts and dates itself. */
    private static final String OF_THE_CRM = "(?i)id|client|.*(add_time|update_time|close_time|won_time|lost_time|createdate"
            + "|createddate|modifieddate|modstamp|object_id|ordernumber|orderitemnumber|lastmodified|updated_at"
            + "|created_at|change_time).*";
    private static final String KEY = ".*(?i)(shopify_\\w*key|shopbridge_key__c|external_id)";

    private OneShopAndEveryCrm every;
    private SimulatedAdminApi shop;
    private int port;

    @Test
    void afterTheNextPollEveryCrmEqualsTheShop() {
        try (SimulatedAdminApi first = SimulatedAdminApi.start(0, AdminOptions.defaults(), model(FIRST))) {
            port = first.port();
        }
        List<String> settings = new ArrayList<>(List.of(
                "--shopbridge.stores." + STORE + ".admin.url=http://localhost:" + port,
                "--shopbridge.stores." + STORE + ".admin.access-token=" + Options.DEFAULT_TOKEN));
        List.of("order", "customer", "company", "checkout").forEach(entity -> settings.add("--shopbridge.schedules.poll-"
                + entity + "=0 0 0 1 1 ? 2099"));
        try (OneShopAndEveryCrm crms = new OneShopAndEveryCrm(settings, STORE)) {
            every = crms;
            // Of what is deleted only a webhook tells.
            LongStream.iterate(FIRST, seed -> seed + 1).filter(seed -> model(seed).events(EVENTS).stream()
                    .noneMatch(event -> event.topic().matches(".*/(delete|merge)"))).limit(SEEDS).forEach(this::play);
        }
    }

    private void play(long seed) {
        long began = System.nanoTime();
        TreeMap<String, String> expected = after(seed, events -> events);
        TreeMap<String, String> disturbed = after(seed, new Mishaps(5, 10, 5, seed)::of);
        TreeMap<String, String> without = after(seed, events -> List.of());
        System.out.printf("Seed %d: %d records in all CRMs, %d differ with lost webhooks, %d without any (%d s)%n", seed,
                expected.size(), differences(expected, disturbed).size(), differences(expected, without).size(),
                (System.nanoTime() - began) / 1_000_000_000);
        assertThat(expected).hasSizeGreaterThan(EVENTS);
        assertThat(differences(expected, disturbed)).as("seed %d, lost webhooks", seed).isEmpty();
        assertThat(differences(expected, without)).as("seed %d, no webhooks", seed).isEmpty();
    }

    private TreeMap<String, String> after(long seed, UnaryOperator<List<ShopEvent>> way) {
        every.clear();
        ShopModel model = model(seed);
        List<ShopEvent> events = model.events(EVENTS);
        if (shop != null) {
            shop.close();
        }
        shop = SimulatedAdminApi.start(port, AdminOptions.defaults().withJourneyDelay(Duration.ZERO), model);
        RunningShopbridge shopbridge = every.shopbridge();
        way.apply(events).forEach(event -> assertThat(shopbridge.postTo(STORE, OneShopAndEveryCrm.domain(STORE), event))
                .isEqualTo(200));
        shopbridge.settle();
        shopbridge.runJobs("poll");
        shopbridge.settle();
        TreeMap<String, String> records = new TreeMap<>();
        every.crms().forEach((folder, crm) -> {
            Map<String, String> names = new HashMap<>();
            Stream.concat(OBJECTS.get(folder).stream(), REFERRED.getOrDefault(folder, List.of()).stream()).forEach(object ->
                    records(crm, object).forEach(record -> names.put(id(record), object + " " + name(record))));
            OBJECTS.get(folder).forEach(object -> records(crm, object).stream().map(record -> text(object, record, names))
                    .sorted(Comparator.naturalOrder()).forEach(record -> records.merge(folder + " " + object + " " + record,
                            "1", (one, more) -> "twice")));
        });
        return records;
    }

    /**
     * With the CRM's ids. Pipedrive's own names of added fields are different in each account. The account of one person
     * has the key of whichever record of that person was delivered first: it is told by its contacts.
     */
    private static List<ObjectNode> records(CrmAdapter crm, String object) {
        if (crm.folder().equals("pipedrive")) {
            return crm.records(object);
        }
        List<ObjectNode> records = crm.simulator().records(object);
        if (object.equals("Account")) {
            records.stream().filter(account -> name(account).startsWith("contact:")).forEach(account ->
                    account.put("Shopbridge_Key__c", crm.simulator().records("Contact").stream()
                            .filter(contact -> contact.path("AccountId").equals(account.path("Id"))).map(LostWebhooks::name)
                            .sorted().collect(Collectors.joining(", ", "of ", ""))));
        }
        return records;
    }

    private static String id(ObjectNode record) {
        return record.path("Id").asText(record.path("id").asText());
    }

    private static ObjectNode fields(ObjectNode record) {
        return record.path("properties") instanceof ObjectNode properties ? properties
                : record.path("fields") instanceof ObjectNode fields ? fields : record;
    }

    /** By our key, or what people call it. */
    private static String name(ObjectNode record) {
        ObjectNode fields = fields(record);
        return fields.properties().stream().filter(field -> field.getKey().matches(KEY)
                && !field.getValue().asText("").isEmpty()).map(field -> field.getValue().asText()).findFirst()
                .orElse(fields.path("Name").asText(fields.path("name").asText()));
    }

    /** Its fields, sorted and without those that are empty; ids of other records are told by their names. */
    private static String text(String object, ObjectNode record, Map<String, String> names) {
        TreeMap<String, String> fields = new TreeMap<>();
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        all.setAll(fields(record));
        all.set("associations", record.path("associations"));
        all.properties().stream().filter(field -> !field.getKey().matches(OF_THE_CRM)
                && !field.getKey().equals(LEFT_OUT.get(object))).forEach(field -> {
            String value = field.getValue().isContainerNode() ? related(field.getValue().toString(), names)
                    : names.getOrDefault(field.getValue().asText(), field.getValue().asText());
            if (!value.isEmpty() && !value.equals("null") && !value.equals("[]") && !value.equals("{}")) {
                fields.put(field.getKey(), value);
            }
        });
        return name(record) + " " + fields;
    }

    /** Ids in a list or object; sorted, because the order in which relations were made is the CRM's. */
    private static String related(String json, Map<String, String> names) {
        TreeSet<String> parts = new TreeSet<>();
        for (String part : json.split("[\\[\\]{},]")) {
            String id = part.replaceAll("^\"|\"$", "");
            parts.add(part.matches(".*\"(id|add_time|update_time)\":.*") ? "" : names.getOrDefault(id, part));
        }
        parts.remove("");
        return parts.toString();
    }

    private static List<String> differences(TreeMap<String, String> expected, TreeMap<String, String> actual) {
        List<String> all = new ArrayList<>();
        expected.forEach((record, times) -> {
            if (!times.equals(actual.get(record))) {
                all.add("expected " + record);
            }
        });
        actual.forEach((record, times) -> {
            if (!times.equals(expected.get(record))) {
                all.add("found    " + record);
            }
        });
        all.sort(Comparator.comparing(line -> line.substring(9)));
        return all;
    }

    private static ShopModel model(long seed) {
        return ShopModel.stepping(seed, START, Duration.ofSeconds(3));
    }
}
