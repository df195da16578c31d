package io.shopbridge.identify;

import static io.shopbridge.RunningShopbridge.DOMAIN;
import static io.shopbridge.RunningShopbridge.OUTLET;
import static io.shopbridge.RunningShopbridge.OUTLET_DOMAIN;
import static io.shopbridge.RunningShopbridge.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.TestDatabase;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Three stores with two currencies that feed two CRMs: in HubSpot one person is one contact, in CRM One a contact for
 * each store.
 */
class StoresIT {

    private static final String NORTH = "north";
    private static final String NORTH_DOMAIN = "north.myshopify.com";
    private static final Map<String, String> DOMAINS = Map.of("main", DOMAIN, OUTLET, OUTLET_DOMAIN, NORTH, NORTH_DOMAIN);

    @Test
    void aPersonInThreeStoresIsOneContactOrThreeEachWithTheRightOrdersAndFigures() throws IOException {
        try (RunningShopbridge shopbridge = RunningShopbridge.with("--shopbridge.stores.north.domain=" + NORTH_DOMAIN,
                "--shopbridge.stores.north.webhook-secrets=" + SECRET, "--shopbridge.stores.north.region=CA",
                "--shopbridge.stores.north.crms=hubspot,crm-one", "--shopbridge.crms.crm-one.identity=per-store",
                "--shopbridge.crms.hubspot.company-owner=50123")) {
            order(shopbridge, "main", 11, "USD", "100.00", 0);
            shopbridge.awaitIdle();
            order(shopbridge, OUTLET, 12, "CAD", "40.00", 0);
            order(shopbridge, NORTH, 13, "CAD", "60.00", 0);
            order(shopbridge, "main", 14, "USD", "20.00", 0);
            shopbridge.awaitIdle();

            assertThat(contacts(shopbridge)).containsExactly("main:7 2 120.00 USD", "north:7 1 60.00 CAD",
                    "outlet:7 1 40.00 CAD");
            assertThat(ordersOfContacts(shopbridge)).isEqualTo(Map.of("main:7", "[main:11, main:14]", "outlet:7",
                    "[outlet:12]", "north:7", "[north:13]"));
            assertThat(shopbridge.hubspot.records("contacts")).singleElement().satisfies(contact -> {
                JsonNode properties = contact.path("properties");
                assertThat(properties.path("shopify_customer_key").asText()).isEqualTo("main:7");
                assertThat(properties.path("shopify_orders_count").asText()).isEqualTo("4");
                assertThat(properties.path("shopify_total_spent").asText()).as("in the currency of the first")
                        .isEqualTo("120.00");
            });
            assertThat(shopbridge.hubspot.records("orders")).hasSize(4);
            assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();

            long settled = shopbridge.count("SELECT max(id) FROM outcome");
            order(shopbridge, "main", 11, "USD", "100.00", 5);
            order(shopbridge, OUTLET, 12, "CAD", "40.00", 5);
            order(shopbridge, NORTH, 13, "CAD", "60.00", 5);
            shopbridge.awaitIdle();
            // One may wait for another of the same person.
            assertThat(shopbridge.jdbc().queryForList("SELECT DISTINCT outcome FROM outcome WHERE id > " + settled
                    + " AND outcome <> 'waiting'", String.class)).as("nothing has changed").containsExactly("unchanged");

            aNewCompanyGetsItsOwnerOnce(shopbridge);
        }
    }

    /** Of one, the store is removed; of the other, it feeds only CRM One any more. */
    @Test
    void aCustomerWhoseStoreFeedsTheCrmNoMoreLeadsNoMore() {
        Options options = RunningShopbridge.options().withSearchLag(Duration.ZERO);
        try (TestDatabase database = TestDatabase.create();
                SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, options);
                SimulatedCrmOne crmOne = SimulatedCrmOne.start(0, options)) {
            List<String> settings = List.of(database.setting(),
                    "--shopbridge.mappings-dir=" + RunningShopbridge.fastMappings(),
                    "--shopbridge.stores.main.crms=hubspot,crm-one",
                    "--shopbridge.crms.hubspot.base-url=" + hubspot.baseUrl(),
                    "--shopbridge.crms.hubspot.token=" + Options.DEFAULT_TOKEN,
                    "--shopbridge.crms.crm-one.base-url=" + crmOne.baseUrl(),
                    "--shopbridge.crms.crm-one.token=" + Options.DEFAULT_TOKEN);
            try (RunningShopbridge before = only(settings, store(OUTLET, "hubspot,crm-one"),
                    store(NORTH, "hubspot,crm-one"))) {
                customer(before, OUTLET, 7, "Ada", "Oslo", 0);
                customer(before, NORTH, 8, "Bea", "Bergen", 0);
                before.awaitIdle();
                order(before, OUTLET, 11, "USD", "10.00", 0);
                customer(before, "main", 7, "Augusta", "Rome", 0);
                customer(before, "main", 8, "Beatrix", "Milan", 0);
                before.awaitIdle();
                assertThat(people(hubspot)).containsExactly("north:8 Bea Bergen 0 0.00", "outlet:7 Ada Oslo 1 10.00");
            }
            try (RunningShopbridge after = only(settings, store(NORTH, "crm-one"))) {
                order(after, "main", 12, "USD", "20.00", 0);
                after.awaitIdle();
                assertThat(people(hubspot)).as("with the orders of the store that is gone")
                        .containsExactly("main:7 Augusta Rome 2 30.00", "north:8 Bea Bergen 0 0.00");

                customer(after, "main", 7, "Augusta", "London", 5);
                customer(after, "main", 8, "Beatrix", "Paris", 5);
                after.awaitIdle();
                assertThat(people(hubspot)).containsExactly("main:7 Augusta London 2 30.00", "main:8 Beatrix Paris 0 0.00");
                assertThat(crmOne.records("contacts").stream().map(contact -> contact.path("fields")).map(fields ->
                        fields.path("external_id").asText() + " " + fields.path("first_name").asText() + " "
                                + fields.path("city").asText() + " " + fields.path("orders_count").asText()).sorted())
                        .containsExactly("main:7 Augusta London 2", "north:8 Bea Bergen 0");
                assertThat(after.count("SELECT count(*) FROM rejected")).isZero();
            }
        }
    }

    @SafeVarargs
    private static RunningShopbridge only(List<String> settings, List<String>... stores) {
        return RunningShopbridge.only(Stream.concat(settings.stream(), Stream.of(stores).flatMap(List::stream))
                .toArray(String[]::new));
    }

    private static List<String> store(String name, String crms) {
        String prefix = "--shopbridge.stores." + name + ".";
        return List.of(prefix + "domain=" + DOMAINS.get(name), prefix + "webhook-secrets=" + SECRET, prefix + "region=CA",
                prefix + "crms=" + crms);
    }

    /** Key, name, city, number of orders and what was spent of each contact in HubSpot. */
    private static List<String> people(SimulatedHubSpot hubspot) {
        return hubspot.records("contacts").stream().map(contact -> contact.path("properties")).map(properties ->
                String.join(" ", properties.path("shopify_customer_key").asText(), properties.path("firstname").asText(),
                        properties.path("city").asText(), properties.path("shopify_orders_count").asText(),
                        properties.path("shopify_total_spent").asText())).sorted().toList();
    }

    /** One who has the same id and e-mail address in every store. */
    private static void customer(RunningShopbridge shopbridge, String store, int id, String name, String city,
            int minute) {
        String email = id == 7 ? "ada@example.com" : "bea@example.com";
        assertThat(shopbridge.postTo(store, DOMAINS.get(store), "customers/update", """
                {"id": %d, "email": "%s", "first_name": "%s", "last_name": "Byron", "created_at": "2026-11-01T09:00:00Z",
                 "updated_at": "2026-11-01T11:0%d:00Z", "default_address": {"id": 1, "default": true, "city": "%s",
                 "country_code": "NO"}, "addresses": [{"id": 1, "default": true, "city": "%s", "country_code": "NO"}]}"""
                .formatted(id, email, name, minute, city, city))).isEqualTo(200);
    }

    /** Here, because it needs a setting too. */
    private static void aNewCompanyGetsItsOwnerOnce(RunningShopbridge shopbridge) throws IOException {
        shopbridge.post("companies/create", sample("company"));
        shopbridge.awaitIdle();
        assertThat(owner(shopbridge)).as("its territory is not known yet").isEmpty();
        shopbridge.post("company_locations/create", sample("company-location"));
        shopbridge.awaitIdle();
        assertThat(owner(shopbridge)).isEqualTo("50123");

        shopbridge.hubspotUserEdits("companies", shopbridge.hubspot.records("companies").get(0).path("id").asText(),
                "{\"hubspot_owner_id\": \"\"}");
        shopbridge.post("company_locations/update", sample("company-location").replace("2026-02-01", "2026-03-01")
                .replace("Ottawa", "Montreal"));
        shopbridge.awaitIdle();
        assertThat(owner(shopbridge)).as("never again").isEmpty();
    }

    private static String owner(RunningShopbridge shopbridge) {
        return shopbridge.hubspot.records("companies").get(0).at("/properties/hubspot_owner_id").asText("");
    }

    private static String sample(String name) throws IOException {
        return Files.readString(Path.of("mappings/shopify/samples/" + name + "-webhook.json"));
    }

    private static List<String> contacts(RunningShopbridge shopbridge) {
        return shopbridge.crmOne.records("contacts").stream().map(contact -> contact.path("fields"))
                .map(fields -> fields.path("external_id").asText() + " " + fields.path("orders_count").asText() + " "
                        + fields.path("total_spent").asText() + " " + fields.path("spent_currency").asText())
                .sorted().toList();
    }

    private static Map<String, String> ordersOfContacts(RunningShopbridge shopbridge) {
        Map<String, String> names = new TreeMap<>();
        shopbridge.crmOne.records("contacts").forEach(contact -> names.put(contact.path("id").asText(),
                contact.at("/fields/external_id").asText()));
        Map<String, String> orders = new TreeMap<>();
        names.forEach((id, key) -> orders.put(key, shopbridge.crmOne.records("orders").stream()
                .filter(order -> order.at("/fields/contact_id").asText().equals(id))
                .map(order -> order.at("/fields/external_id").asText()).sorted().toList().toString()));
        return orders;
    }

    /** An order of the person, who has the same id in every store. */
    private static void order(RunningShopbridge shopbridge, String store, int id, String currency, String total,
            int minute) {
        assertThat(shopbridge.postTo(store, DOMAINS.get(store), "orders/updated", """
                {"id": %d, "name": "#%d", "currency": "%s", "total_price": "%s", "current_total_price": "%s",
                 "financial_status": "paid", "processed_at": "2026-11-01T10:00:00Z", "line_items": [], "refunds": [],
                 "updated_at": "2026-11-01T10:0%d:00Z", "customer": {"id": 7, "email": "ada@example.com",
                 "first_name": "Ada", "last_name": "Byron"}}""".formatted(id, id, currency, total, total, minute)))
                .isEqualTo(200);
    }
}
