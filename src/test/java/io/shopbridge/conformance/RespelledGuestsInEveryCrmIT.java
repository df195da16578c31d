package io.shopbridge.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.TestDatabase;
import io.shopbridge.conformance.CrmAdapter.Contact;
import io.shopbridge.conformance.CrmAdapter.Order;
import io.shopbridge.shopify.GuestKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The application over a database and CRMs in which a version has delivered guests whose ids it made of an e-mail address as
 * it was typed: each stays one contact, with what was bought before and after.
 */
class RespelledGuestsInEveryCrmIT {

    private static final String STORE = "shop";
    /** The shipped mappings. */
    private static final String UNKEYED = ".id and (.guest | not)";
    private static final String KEYED = ".id";
    private static final String SOLO = "info@xn--mnchen-3ya.example";
    private static final String TWIN = "twin@example.org";
    private static final String TRIO = "trio@example.org";
    /** Rows of these are only added. */
    private static final Set<String> APPENDED = Set.of("audit", "taken_in");
    private static final Map<String, String> COUNT = Map.of("crm-one", "orders_count", "hubspot", "shopify_orders_count",
            "salesforce", "Shopify_Orders_Count__c", "pipedrive", "shopify_orders_count");
    private static final Map<String, String> EMAIL =
            Map.of("crm-one", "email", "hubspot", "email", "salesforce", "Email", "pipedrive", "email");
    private static final Map<String, String> CONTACTS = Map.of("crm-one", "contacts", "hubspot", "contacts",
            "salesforce", "Contact", "pipedrive", "persons");

    private OneShopAndEveryCrm shop;

    /** @param guests what says whether a guest has a key in the CRMs */
    @ParameterizedTest
    @ValueSource(strings = {UNKEYED, KEYED})
    void aGuestStaysOneContactWithAllOrders(String guests) throws IOException {
        try (TestDatabase database = TestDatabase.create();
                OneShopAndEveryCrm every = new OneShopAndEveryCrm(List.of(database.setting(),
                        "--spring.flyway.out-of-order=true", OneShopAndEveryCrm.MAPPINGS + mappings(guests)), STORE)) {
            shop = every;
            bought("11", "info@M\u00fcnchen.example", "Solo");
            shop.shopbridge().awaitIdle();
            asAnEarlierVersion("info@M\u00fcnchen.example", SOLO);
            bought("21", "<twin@example.org>", "Twin");
            shop.shopbridge().awaitIdle();
            asAnEarlierVersion("<twin@example.org>", TWIN);
            bought("22", TWIN, "Twin");
            bought("31", "<trio@example.org>", "Trio");
            shop.shopbridge().awaitIdle();
            asAnEarlierVersion("<trio@example.org>", TRIO);
            bought("32", "mailto:trio@example.org", "Trio");
            shop.shopbridge().awaitIdle();
            asAnEarlierVersion("mailto:trio@example.org", TRIO);
            assertThat(shop.shopbridge().count("SELECT count(*) FROM link WHERE entity = 'customer'"))
                    .isEqualTo(5L * shop.crms().size());
            eachIsOneContact(1, 2, 2);

            upgrade();
            shop.shopbridge().awaitIdle();
            assertThat(shop.shopbridge().count("SELECT count(*) FROM link WHERE entity = 'customer'"))
                    .isEqualTo(3L * shop.crms().size());
            eachIsOneContact(1, 2, 2);
            haveKeys(guests.equals(KEYED));

            bought("12", "info@M\u00dcNCHEN.example", "Solo");
            bought("23", "<Twin@example.org>", "Twin");
            bought("33", TRIO, "Trio");
            shop.shopbridge().awaitIdle();
            eachIsOneContact(2, 3, 3);
            assertThat(shop.shopbridge().count("SELECT count(*) FROM link WHERE entity = 'customer'"))
                    .isEqualTo(3L * shop.crms().size());
            assertThat(shop.shopbridge().operator("GET", "/api/v1/rejected").get("items")).isEmpty();
        }
    }

    private static Path mappings(String guests) throws IOException {
        Path mappings = RunningShopbridge.fastMappings();
        for (String name : List.of("crm-one/customer-to-contact", "hubspot/customer-to-contact",
                "salesforce/customer-to-contact", "pipedrive/customer-to-person")) {
            replace(mappings.resolve(name + ".yaml"), "(?<=from: 'if )\\.id and \\(\\.guest \\| not\\)(?= then)", guests);
            if (guests.equals(KEYED)) {
                replace(mappings.resolve(name + ".test.yaml"), "  - name: a guest buyer has no key\n(    .*\n)+", "");
            }
        }
        return mappings;
    }

    private static void replace(Path file, String part, String by) throws IOException {
        String text = Files.readString(file);
        Matcher found = Pattern.compile(part).matcher(text);
        assertThat(found.find()).as("%s has %s", file, part).isTrue();
        Files.writeString(file, found.replaceFirst(Matcher.quoteReplacement(by)));
    }

    private void bought(String id, String email, String name) {
        assertThat(shop.shopbridge().postTo(STORE, OneShopAndEveryCrm.domain(STORE), "orders/create", """
                {"id": %1$s, "name": "#%1$s", "email": "%2$s", "currency": "USD", "financial_status": "paid",
                 "created_at": "2026-11-18T09:%1$s:00-05:00", "updated_at": "2026-11-18T09:%1$s:00-05:00",
                 "total_price": "7.00", "current_total_price": "7.00", "total_outstanding": "0.00",
                 "billing_address": {"first_name": "Ida", "last_name": "%3$s", "country_code": "US"},
                 "line_items": [{"id": 9%1$s, "title": "Tea", "quantity": 1, "current_quantity": 1,
                     "price": "7.00"}]}""".formatted(id, email, name))).isEqualTo(200);
    }

    /** Gives the guest the id that the address as it was typed made, wherever the one of its notation stands. */
    private void asAnEarlierVersion(String typed, String notation) {
        GuestKey key = shop.shopbridge().bean(GuestKey.class);
        String now = key.id(notation);
        String then = key.id(typed.toLowerCase(Locale.ROOT));
        assertThat(then).isNotEqualTo(now);
        JdbcTemplate jdbc = shop.shopbridge().jdbc();
        jdbc.query("SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
                + " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
                + " AND data_type = 'text'", (row, n) -> List.of(row.getString(1), row.getString(2))).stream()
                .filter(column -> !APPENDED.contains(column.get(0))).forEach(column ->
                        jdbc.update("UPDATE %1$s SET %2$s = replace(%2$s, ?, ?) WHERE position(? IN %2$s) > 0"
                                .formatted(column.get(0), '"' + column.get(1) + '"'), now, then, now));
        assertThat(jdbc.update("UPDATE mirror_facet"
                + " SET value = convert_to(replace(convert_from(value, 'UTF8'), ?, ?), 'UTF8')"
                + " WHERE position(convert_to(?, 'UTF8') IN value) > 0", now, then, now)).isPositive();
    }

    /** Starts it again as over the database of a version without the migrations of guests. */
    private void upgrade() {
        assertThat(shop.shopbridge().jdbc().update("DELETE FROM flyway_schema_history WHERE version LIKE '84._'"))
                .isEqualTo(3);
        shop.stop();
        shop.start();
    }

    private void eachIsOneContact(int solo, int twin, int trio) {
        shop.crms().forEach((folder, crm) -> {
            assertThat(crm.contacts()).as(folder).hasSize(3);
            assertThat(crm.orders()).as(folder).hasSize(solo + twin + trio);
            hasBought(folder, crm, SOLO, "1", solo);
            hasBought(folder, crm, TWIN, "2", twin);
            hasBought(folder, crm, TRIO, "3", trio);
        });
    }

    private void haveKeys(boolean keyed) {
        GuestKey key = shop.shopbridge().bean(GuestKey.class);
        List<String> keys = Stream.of(SOLO, TWIN, TRIO).map(email -> keyed ? STORE + ":" + key.id(email) : null).toList();
        shop.crms().forEach((folder, crm) -> assertThat(crm.contacts()).as(folder).extracting(Contact::key)
                .containsExactlyInAnyOrderElementsOf(keys));
    }

    private static void hasBought(String folder, CrmAdapter crm, String email, String begins, int orders) {
        String contact = crm.contacts().stream().filter(one -> email.equals(one.email())).map(Contact::id).findFirst()
                .orElseThrow(() -> new AssertionError(folder + " has no " + email + " but " + crm.contacts()));
        assertThat(crm.orders().stream().filter(order -> order.key().startsWith(STORE + ":" + begins))).as(folder)
                .hasSize(orders).extracting(Order::contact).containsOnly(contact);
        assertThat(crm.records(CONTACTS.get(folder))).as(folder).filteredOn(record ->
                        email.equals(record.path(EMAIL.get(folder)).asText()))
                .singleElement().satisfies(record ->
                        assertThat(record.path(COUNT.get(folder)).asInt()).as(folder).isEqualTo(orders));
    }
}
