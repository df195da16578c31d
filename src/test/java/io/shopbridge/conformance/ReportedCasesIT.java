package io.shopbridge.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.conformance.CrmAdapter.Contact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What went wrong for people who run such systems, as small webhooks: each is sent to a store that feeds all four CRMs,
 * and the right value must stand in the right record of each.
 */
class ReportedCasesIT {

    private static final Path CASES = Path.of("../shared/cases");
    private static final String MAIN = "shop";
    private static final String OUTLET = "outlet";

    private static OneShopAndEveryCrm shop;
    private static Map<String, CrmAdapter> crms;
    private static RunningShopbridge shopbridge;

    /** What a CRM calls a thing; null where it keeps no such thing. */
    private record Name(String crmOne, String hubSpot, String salesforce, String pipedrive) {

        String in(String folder) {
            return Map.of("crm-one", crmOne, "hubspot", hubSpot, "salesforce", salesforce, "pipedrive", pipedrive)
                    .get(folder);
        }
    }

    private static final Name CONTACTS = new Name("contacts", "contacts", "Contact", "persons");
    private static final Name ORDERS = new Name("orders", "orders", "Order", "deals");
    private static final Name CONTACT_KEY =
            new Name("external_id", "shopify_customer_key", "Shopbridge_Key__c", "shopify_customer_key");
    private static final Name ORDER_KEY =
            new Name("external_id", "shopify_order_key", "Shopbridge_Key__c", "shopify_order_key");
    private static final Name EMAIL = new Name("email", "email", "Email", "email");
    private static final Name PHONE = new Name("phone", "phone", "Phone", "phone");
    private static final Name LAST_NAME = new Name("last_name", "lastname", "LastName", "name");
    private static final Name CITY = new Name("city", "city", "MailingCity", "shopify_address");
    private static final Name STREET = new Name("street", "address", "MailingStreet", "shopify_address");
    private static final Name NOTE = new Name("note", "shopify_note", "Shopify_Note__c", "shopify_note");
    private static final Name REFUNDED =
            new Name("refunded", "shopify_refunded_total", "Shopify_Refunded__c", "shopify_refunded_total");
    private static final Name NET = new Name("net", "shopify_net_total", "Shopify_Net__c", "shopify_net_total");
    private static final Name COUNT =
            new Name("orders_count", "shopify_orders_count", "Shopify_Orders_Count__c", "shopify_orders_count");

    @BeforeAll
    static void start() {
        assumeTrue(Files.isDirectory(CASES), "the reported cases are not at hand");
        shop = new OneShopAndEveryCrm(MAIN, OUTLET);
        crms = shop.crms();
        shopbridge = shop.shopbridge();
    }

    @AfterAll
    static void stop() {
        if (shop != null) {
            shop.close();
        }
    }

    @BeforeEach
    void begin() {
        shop.clear();
    }

    // Money

    @Test
    void aRefundWithoutMoneyDoesNotCount() {
        send("orders/updated", "refunds-without-money/a-orders-updated-edit.json");
        send("orders/updated", "refunds-without-money/b-orders-updated-pending.json");
        send("orders/updated", "refunds-without-money/c-orders-updated-declined.json");
        inEach((crm, folder) -> {
            for (String order : List.of("6900000000001", "6900000000002", "6900000000003")) {
                assertThat(amount(order(folder, order), REFUNDED, folder)).as(order).isEqualByComparingTo("0");
                assertThat(amount(order(folder, order), NET, folder)).as(order).isEqualByComparingTo("90");
            }
        });
    }

    @Test
    void anExchangeIsPaidBackOnlyWhatWasPaidBack() {
        send("orders/updated", "exchanges/a-orders-updated-dearer.json");
        send("orders/updated", "exchanges/b-orders-updated-cheaper.json");
        inEach((crm, folder) -> {
            assertThat(amount(order(folder, "6900000000004"), REFUNDED, folder)).isEqualByComparingTo("0");
            assertThat(amount(order(folder, "6900000000004"), NET, folder)).isEqualByComparingTo("250");
            assertThat(amount(order(folder, "6900000000005"), REFUNDED, folder)).isEqualByComparingTo("40");
            assertThat(amount(order(folder, "6900000000005"), NET, folder)).isEqualByComparingTo("60");
        });
    }

    /** A subscription with include_fields: what its webhooks leave out stays. */
    @Test
    void aWebhookOfAFewFieldsEmptiesNoOrder() {
        send("orders/create", "line-discounts/orders-create.json");
        shopbridge.awaitIdle();
        Map<String, BigDecimal> before = new HashMap<>();
        crms.forEach((folder, crm) -> before.put(folder, amount(crm.records(ORDERS.in(folder)).get(0), NET, folder)));
        String id = orderId();
        assertThat(shopbridge.postTo(MAIN, OneShopAndEveryCrm.domain(MAIN), "orders/updated", "{\"id\": " + id
                + ", \"updated_at\": \"" + Instant.now() + "\", \"financial_status\": \"paid\", \"note\": \"seen\"}"))
                .isEqualTo(200);
        inEach((crm, folder) -> {
            ObjectNode order = crm.records(ORDERS.in(folder)).get(0);
            assertThat(order.toString()).contains("seen");
            assertThat(amount(order, NET, folder)).isEqualByComparingTo(before.get(folder)).isPositive();
            assertThat(crm.orders().get(0).lines()).isOne();
        });
        assertThat(shopbridge.count("SELECT count(*) FROM order_figures WHERE counted AND contact IS NOT NULL"
                + " AND net > 0")).isOne();
    }

    private static String orderId() {
        try {
            return new ObjectMapper().readTree(CASES.resolve("line-discounts/orders-create.json").toFile()).path("id")
                    .asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aLinesPartOfACodeIsItsDiscount() {
        send("orders/create", "line-discounts/orders-create.json");
        shopbridge.awaitIdle();
        assertThat(amount(crms.get("crm-one").records("orders").get(0).at("/lines/0"), "discount"))
                .isEqualByComparingTo("9.60");
        assertThat(amount(crms.get("hubspot").records("line_items").get(0), "shopify_total_discount"))
                .isEqualByComparingTo("9.60");
        ObjectNode item = crms.get("salesforce").records("OrderItem").get(0);
        assertThat(amount(item, "Shopify_Discount__c")).isEqualByComparingTo("9.60");
        assertThat(amount(item, "UnitPrice")).isEqualByComparingTo("50.40");
        assertThat(amount(crms.get("pipedrive").records("deals").get(0), "value")).isEqualByComparingTo("50.40");
    }

    // People

    @Test
    void anOrderNeverEmptiesItsContact() {
        send("customers/create", "order-empties-the-contact/1-customers-create.json");
        shopbridge.awaitIdle();
        send("orders/create", "order-empties-the-contact/2-orders-create.json");
        inEach((crm, folder) -> {
            ObjectNode contact = contact(folder, "7900000000040");
            assertThat(text(contact, EMAIL, folder)).isEqualTo("m40@example.com");
            assertThat(text(contact, LAST_NAME, folder)).endsWith("Imal40");
            assertThat(text(contact, PHONE, folder)).isEqualTo("+13035550140");
            assertThat(text(contact, CITY, folder)).contains("Denver");
            assertThat(text(contact, NOTE, folder)).isEqualTo("likes blue");
        });
    }

    @Test
    void aCustomerWhoIsOnlyAnIdGetsTheOrdersBuyer() {
        send("orders/create", "customer-is-only-an-id/orders-create.json");
        inEach((crm, folder) -> {
            ObjectNode contact = contact(folder, "7900000000011");
            assertThat(text(contact, EMAIL, folder)).isEqualTo("pos11@example.com");
            assertThat(text(contact, LAST_NAME, folder)).endsWith("Strand");
            assertThat(text(contact, CITY, folder)).contains("Miami");
        });
    }

    @Test
    void anAddressThatIsNotTheDefaultOneIsBetterThanNone() {
        send("customers/create", "no-default-address/customers-create.json");
        inEach((crm, folder) -> {
            ObjectNode contact = contact(folder, "7900000000007");
            assertThat(text(contact, PHONE, folder)).isEqualTo("+35391555014");
            assertThat(text(contact, STREET, folder)).contains("31 Quay Street");
            assertThat(text(contact, CITY, folder)).contains("Galway");
        });
    }

    @Test
    void aPhoneIsReadInTheCountryOfItsAddress() {
        crms.forEach((folder, crm) -> crm.add(Contact.of(null, null, "+17012345678", "Min", "Imal10")));
        send("customers/create", "phone-of-another-country/customers-create.json");
        inEach((crm, folder) -> {
            assertThat(text(contact(folder, "7900000000010"), PHONE, folder)).isEqualTo("+917012345678");
            assertThat(crm.contacts()).hasSize(2);
        });
    }

    @Test
    void twoGuestsBehindOneNumberAreTwo() {
        send("orders/create", "shared-phone-with-extension/1-orders-create.json");
        send("orders/create", "shared-phone-with-extension/2-orders-create.json");
        inEach((crm, folder) -> {
            assertThat(crm.contacts()).extracting(Contact::lastName).hasSize(2);
            assertThat(crm.orders().stream().map(CrmAdapter.Order::contact).distinct()).hasSize(2);
        });
    }

    @Test
    void theCompanyOfAnOrderMayBecomeKnownLater() {
        send("orders/create", "company-after-its-order/1-orders-create.json");
        shopbridge.awaitIdle();
        send("companies/create", "company-after-its-order/2-companies-create.json");
        shopbridge.awaitIdle();
        assertThat(crms.get("crm-one").records("orders").get(0).path("company_id").asText()).isNotEmpty();
        assertThat(crms.get("pipedrive").records("deals").get(0).path("org_id").asLong()).isPositive();
        assertThat(crms.get("hubspot").simulator().records("orders").get(0).at("/associations/companies"))
                .isNotEmpty();
        String account = crms.get("salesforce").records("Account").stream()
                .filter(one -> one.path("Name").asText().equals("Reyes Supply LLC")).findFirst().orElseThrow()
                .path("Id").asText();
        assertThat(crms.get("salesforce").records("Order").get(0).path("AccountId").asText()).isEqualTo(account);
    }

    @Test
    void onePersonInTwoStoresIsOneAndFlipsBetweenNone() {
        send("orders/create", "one-person-two-stores/1-main-orders-create.json");
        shopbridge.awaitIdle();
        Map<String, JsonNode> before = new TreeMap<>();
        inEach((crm, folder) -> before.put(folder, contact(folder, "7900000000023")));
        sendTo(OUTLET, "orders/create", "one-person-two-stores/2-outlet-orders-create.json");
        inEach((crm, folder) -> {
            assertThat(crm.contacts()).hasSize(1);
            ObjectNode contact = contact(folder, "7900000000023");
            assertThat(text(contact, LAST_NAME, folder)).endsWith("Imal23");
            assertThat(crm.orders()).hasSize(2).extracting(CrmAdapter.Order::contact)
                    .containsOnly(crm.contacts().get(0).id());
        });
    }

    /** Merging contacts can't be undone, so where each has one a person does it; the orders follow at once. */
    @Test
    void ofTwoMergedCustomersWithAContactEachOneHasTheOrders() {
        post("customers/create", customer("7900000000050", "kept@example.com", "10:00"));
        post("customers/create", customer("7900000000051", "gone@example.com", "10:01"));
        post("orders/create", order("6900000000051", "7900000000051", "gone@example.com"));
        Map<String, String> kept = new TreeMap<>();
        inEach((crm, folder) -> {
            kept.put(folder, contactId(crm, "7900000000050"));
            assertThat(crm.orders()).extracting(CrmAdapter.Order::contact)
                    .containsExactly(contactId(crm, "7900000000051"));
        });
        send("customers/merge", "customers-merge/customers-merge.json");
        inEach((crm, folder) -> {
            assertThat(crm.orders()).extracting(CrmAdapter.Order::contact).containsExactly(kept.get(folder));
            assertThat(amount(contact(folder, "7900000000050"), COUNT, folder)).isEqualByComparingTo("1");
            assertThat(crm.contacts()).hasSize(2);
        });
        JsonNode open = shopbridge.operator("GET", "/api/v1/rejected").get("items");
        assertThat(open).hasSameSizeAs(crms.keySet()).allSatisfy(one -> assertThat(one.at("/errors/0").asText())
                .contains("merged it into customer/7900000000050").contains("then replay"));

        crms.values().forEach(crm -> crm.merge(contactId(crm, "7900000000050"), contactId(crm, "7900000000051")));
        open.forEach(one -> shopbridge.operator("POST", "/api/v1/rejected/" + one.get("id").asText() + "/replay"));
        inEach((crm, folder) -> assertThat(crm.contacts()).hasSize(1));
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").get("items")).isEmpty();
    }

    @Test
    void aCustomerTakesOverTheContactOfWhoWasMergedIntoIt() {
        post("customers/create", customer("7900000000051", "gone@example.com", "10:01"));
        post("orders/create", order("6900000000051", "7900000000051", "gone@example.com"));
        Map<String, String> contacts = new TreeMap<>();
        inEach((crm, folder) -> contacts.put(folder, contactId(crm, "7900000000051")));
        send("customers/merge", "customers-merge/customers-merge.json");
        post("customers/update", customer("7900000000050", "kept@example.com", "11:00"));
        // An order from before is heard of late.
        post("orders/create", order("6900000000052", "7900000000051", "gone@example.com"));
        inEach((crm, folder) -> {
            assertThat(crm.contacts()).hasSize(1);
            assertThat(contactId(crm, "7900000000050")).isEqualTo(contacts.get(folder));
            assertThat(text(contact(folder, "7900000000050"), EMAIL, folder)).isEqualTo("kept@example.com");
            assertThat(amount(contact(folder, "7900000000050"), COUNT, folder)).isEqualByComparingTo("2");
            assertThat(crm.orders()).hasSize(2).extracting(CrmAdapter.Order::contact)
                    .containsOnly(contacts.get(folder));
        });
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").get("items")).isEmpty();
    }

    /** The last of a chain has the orders of all, in whichever order Shopify tells of the merges. */
    @Test
    void mergesOfMergedCustomersAddUp() {
        post("orders/create", order("6900000000053", "7900000000053", "first@example.com"));
        post("orders/create", order("6900000000054", "7900000000054", "second@example.com"));
        shopbridge.awaitIdle();
        post("customers/merge", merge("7900000000055", "7900000000054", "completed"));
        post("customers/merge", merge("7900000000054", "7900000000053", "completed"));
        post("customers/update", customer("7900000000055", "last@example.com", "12:00"));
        inEach((crm, folder) ->
                assertThat(amount(contact(folder, "7900000000055"), COUNT, folder)).isEqualByComparingTo("2"));
    }

    /** Of three customers with a contact each the last has the orders, and what a person is told is of the last merge. */
    @Test
    void theContactsOfAChainOfMergesAreHeldOnce() {
        for (String id : List.of("7900000000061", "7900000000062", "7900000000063")) {
            post("customers/create", customer(id, "c" + id + "@example.com", "10:00"));
        }
        post("orders/create", order("6900000000061", "7900000000061", "c7900000000061@example.com"));
        shopbridge.awaitIdle();
        post("customers/merge", merge("7900000000062", "7900000000061", "completed"));
        shopbridge.awaitIdle();
        post("customers/merge", merge("7900000000063", "7900000000062", "completed"));
        inEach((crm, folder) -> {
            String last = contactId(crm, "7900000000063");
            assertThat(crm.orders()).extracting(CrmAdapter.Order::contact).containsExactly(last);
            assertThat(shopbridge.jdbc().queryForList("SELECT errors FROM rejected WHERE state = 'open' AND crm = ?",
                    String.class, "one-" + folder)).hasSize(2).allSatisfy(errors -> assertThat(errors)
                            .contains("merged it into customer/7900000000063", "into " + last + " there"));
        });
    }

    @Test
    void theContactWhoseCreationLostItsAnswerIsFoundAfterTheMerge() {
        crms.values().forEach(crm -> crm.faults().loseAnswers(1, crm.creates()));
        post("customers/create", customer("7900000000051", "gone@example.com", "10:01"));
        await().until(() -> crms.values().stream().noneMatch(crm -> crm.contacts().isEmpty()));
        send("customers/merge", "customers-merge/customers-merge.json");
        await().pollInterval(Duration.ofMillis(200)).until(() -> {
            shopbridge.letTimePass();
            return shopbridge.count("SELECT count(*) FROM work") == 0;
        });
        post("customers/update", customer("7900000000050", "kept@example.com", "11:00"));
        inEach((crm, folder) -> {
            assertThat(crm.contacts()).hasSize(1);
            assertThat(contact(folder, "7900000000050")).isNotNull();
        });
    }

    @Test
    void aSurvivorThatIsDeletedKeepsNothingWaiting() {
        post("customers/create", customer("7900000000051", "gone@example.com", "10:01"));
        shopbridge.awaitIdle();
        post("customers/merge", merge("7900000000050", "7900000000051", "completed"));
        post("orders/create", order("6900000000051", "7900000000051", "gone@example.com"));
        post("customers/delete", "{\"id\": 7900000000050, \"admin_graphql_api_id\": \"gid://shopify/Customer/7900000000050\"}");
        inEach((crm, folder) -> {
            assertThat(crm.contacts()).hasSize(1);
            assertThat(crm.orders()).extracting(CrmAdapter.Order::contact)
                    .containsExactly(crm.contacts().get(0).id());
        });
    }

    @Test
    void anOrderOfACustomerWhoWasDeletedBeforeDoesNotWait() {
        post("customers/create", customer("7900000000064", "brief@example.com", "10:00"));
        post("customers/delete", "{\"id\": 7900000000064}");
        shopbridge.awaitIdle();
        post("orders/create", order("6900000000064", "7900000000064", "brief@example.com")
                .replace("\"email\": \"brief@example.com\", \"last_name\": \"Imal\"", "\"currency\": \"USD\""));
        shopbridge.awaitIdle();
    }

    @Test
    void aFailedMergeIsIgnored() {
        post("customers/create", customer("7900000000050", "kept@example.com", "10:00"));
        post("customers/create", customer("7900000000051", "gone@example.com", "10:01"));
        post("customers/merge", merge("7900000000050", "7900000000051", "failed"));
        post("orders/create", order("6900000000051", "7900000000051", "gone@example.com"));
        inEach((crm, folder) -> assertThat(crm.orders()).extracting(CrmAdapter.Order::contact)
                .containsExactly(contactId(crm, "7900000000051")));
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").get("items")).isEmpty();
    }

    // Consent

    /** The no of a customer that is no more is the survivor's, whose yes is older; also when it is heard of late. */
    @Test
    void anOptOutOutlivesItsCustomersMerge() {
        String yes = ", \"email_marketing_consent\": {\"state\": \"subscribed\", \"opt_in_level\": \"single_opt_in\","
                + " \"consent_updated_at\": \"2026-11-18T08:00:00-05:00\"}}";
        for (String id : List.of("7900000000071", "7900000000072")) {
            post("customers/create", customer(id, "no" + id + "@example.com", "10:00").replaceAll("}\\s*$", yes));
        }
        shopbridge.awaitIdle();
        post("customers_email_marketing_consent/update", unsubscribed("7900000000071", "11:00"));
        shopbridge.awaitIdle();
        post("customers/merge", merge("7900000000073", "7900000000071", "completed"));
        post("customers/merge", merge("7900000000074", "7900000000072", "completed"));
        for (String id : List.of("7900000000073", "7900000000074")) {
            post("customers/update", customer(id, "kept" + id + "@example.com", "12:00").replaceAll("}\\s*$", yes));
        }
        post("customers_email_marketing_consent/update", unsubscribed("7900000000072", "11:30"));
        shopbridge.awaitIdle();
        for (String id : List.of("7900000000073", "7900000000074")) {
            assertThat(contact("salesforce", id).path("HasOptedOutOfEmail").asBoolean()).as(id).isTrue();
            assertThat(contact("crm-one", id).path("email_consent").asText()).as(id).isEqualTo("unsubscribed");
            assertThat(contact("hubspot", id).path("shopify_email_consent").asText()).as(id).isEqualTo("unsubscribed");
        }
    }

    private static String unsubscribed(String customer, String hour) {
        return """
                {"customer_id": %s, "email_address": "no%1$s@example.com", "email_marketing_consent": {"state":
                 "unsubscribed", "consent_updated_at": "2026-11-18T%s:00-05:00"}}""".formatted(customer, hour);
    }

    @Test
    void anOptOutStands() {
        send("customers/create", "opt-out-lost-in-salesforce/1-customers-create.json");
        shopbridge.awaitIdle();
        send("customers_email_marketing_consent/update", "opt-out-lost-in-salesforce/2-consent-update.json");
        shopbridge.awaitIdle();
        assertThat(contact("salesforce", "7900000000041").path("HasOptedOutOfEmail").asBoolean()).isTrue();
        assertThat(contact("crm-one", "7900000000041").path("email_consent").asText()).isEqualTo("unsubscribed");
        assertThat(contact("hubspot", "7900000000041").path("shopify_email_consent").asText())
                .isEqualTo("unsubscribed");
    }

    // One bad value

    @Test
    void aBadEMailCostsNeitherItsContactNorTheOrder() {
        send("orders/create", "email-that-a-crm-refuses/a-orders-create-trailing-dot.json");
        send("orders/create", "email-that-a-crm-refuses/b-orders-create-no-tld.json");
        inEach((crm, folder) -> {
            assertThat(text(contact(folder, "7900000000019"), EMAIL, folder)).isEqualTo("m19@example.com");
            assertThat(text(contact(folder, "7900000000020"), EMAIL, folder)).isEmpty();
            assertThat(crm.orders()).hasSize(2);
        });
        assertThat(shopbridge.jdbc().queryForList("SELECT crm || ' ' || outcome || ' ' || coalesce(because, '')"
                + " FROM outcome WHERE record_id = '7900000000020'", String.class))
                .filteredOn(outcome -> outcome.toLowerCase(Locale.ROOT).contains("without email: "))
                .hasSameSizeAs(crms.keySet());
    }

    @Test
    void anUnknownCountryDoesNotRejectTheContact() {
        send("customers/create", "country-codes/customers-create.json");
        inEach((crm, folder) ->
                assertThat(text(contact(folder, "7900000000052"), EMAIL, folder)).isEqualTo("m52@example.com"));
    }

    @Test
    void whatIsLongerThanItsFieldIsCut() {
        send("orders/create", "longer-than-the-field/a-orders-create-hubspot.json");
        send("orders/create", "longer-than-the-field/b-orders-create-salesforce.json");
        send("customers/create", "longer-than-the-field/c-customers-create-crm-one.json");
        inEach((crm, folder) -> {
            assertThat(crm.orders()).hasSize(2);
            assertThat(contact(folder, "7900000000014")).isNotNull();
        });
        assertThat(crms.get("hubspot").records("orders")).anyMatch(order ->
                order.path("shopify_note").asText().length() > 65_000);
    }

    /** Every text that people write is longer than any field, of characters that count as two. */
    @Test
    void noTextIsTooLongForAnyField() {
        String text = "\uD83D\uDE00".repeat(5_000);
        String address = """
                {"first_name": "TEXT", "last_name": "TEXT", "company": "TEXT", "address1": "TEXT", "address2": "TEXT",
                 "city": "TEXT", "province": "TEXT", "province_code": "TEXT", "country": "TEXT", "zip": "TEXT",
                 "country_code": "US", "phone": "TEXT"}""";
        String customer = """
                {"id": 7001, "email": "ada@example.com", "first_name": "TEXT", "last_name": "TEXT", "note": "NOTE",
                 "tags": "vip", "state": "enabled", "updated_at": "2026-11-18T10:00:00-05:00",
                 "default_address": ADDRESS}""";
        String order = """
                {"id": 5001, "name": "TEXT", "email": "ada@example.com", "note": "NOTE", "tags": "vip", "currency": "USD",
                 "source_name": "TEXT", "po_number": "TEXT", "landing_site": "/TEXT?utm_source=TEXT&utm_campaign=TEXT",
                 "referring_site": "https://search.example/TEXT", "order_status_url": "https://shop.example/TEXT",
                 "note_attributes": [{"name": "TEXT", "value": "TEXT"}], "discount_codes": [{"code": "TEXT"}],
                 "payment_gateway_names": ["TEXT"], "shipping_lines": [{"title": "TEXT", "code": "TEXT"}],
                 "created_at": "2026-11-18T10:00:00-05:00", "updated_at": "2026-11-18T10:00:00-05:00",
                 "financial_status": "paid", "total_price": "7.00", "current_total_price": "7.00",
                 "customer": CUSTOMER, "billing_address": ADDRESS, "shipping_address": ADDRESS,
                 "fulfillments": [{"id": 3, "status": "success", "tracking_number": "TEXT", "tracking_company": "TEXT",
                     "tracking_numbers": ["TEXT"], "tracking_urls": ["https://post.example/TEXT"],
                     "tracking_url": "https://post.example/TEXT", "shipment_status": "TEXT",
                     "created_at": "2026-11-18T10:00:00-05:00", "updated_at": "2026-11-18T10:00:00-05:00"}],
                 "line_items": [{"id": 11, "title": "TEXT", "name": "TEXT", "variant_title": "TEXT", "sku": "TEXT",
                     "vendor": "TEXT", "quantity": 1, "current_quantity": 1, "price": "7.00",
                     "properties": [{"name": "TEXT", "value": "TEXT"}]}]}""";
        assertThat(shopbridge.postTo(MAIN, OneShopAndEveryCrm.domain(MAIN), "orders/create",
                order.replace("CUSTOMER", customer).replace("ADDRESS", address).replace("TEXT", text)
                        .replace("NOTE", text.repeat(8)))).isEqualTo(200);
        inEach((crm, folder) -> {
            assertThat(contact(folder, "7001")).isNotNull();
            assertThat(order(folder, "5001")).isNotNull();
            assertThat(crm.orders().get(0).lines()).isOne();
        });
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").get("items")).isEmpty();
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM outcome WHERE outcome = 'delivered'"
                + " AND entity = 'customer'", String.class)).hasSize(crms.size())
                .allSatisfy(because -> assertThat(because).contains(": cut to "));
    }

    @Test
    void aDayIsTheShops() {
        send("orders/create", "the-shops-day/orders-create.json");
        shopbridge.awaitIdle();
        assertThat(order("salesforce", "6900000000016").path("EffectiveDate").asText()).isEqualTo("2026-03-31");
        assertThat(order("pipedrive", "6900000000016").path("shopify_ordered_on").asText()).isEqualTo("2026-03-31");
        ObjectNode person = contact("pipedrive", "7900000000016");
        assertThat(person.path("shopify_first_order_on").asText()).isEqualTo("2026-03-31");
        assertThat(person.path("shopify_last_order_on").asText()).isEqualTo("2026-03-31");
    }

    @Test
    void aBurstOfNewCustomersIsDelivered() {
        for (int number = 1; number <= 4; number++) {
            send("customers/create", "pipedrive-burst/" + number + "-customers-create.json");
        }
        inEach((crm, folder) -> assertThat(crm.contacts()).hasSize(4));
    }

    // How the tests speak

    private static void send(String topic, String file) {
        sendTo(MAIN, topic, file);
    }

    private static void sendTo(String store, String topic, String file) {
        try {
            postTo(store, topic, Files.readString(CASES.resolve(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void post(String topic, String body) {
        postTo(MAIN, topic, body);
    }

    private static void postTo(String store, String topic, String body) {
        assertThat(shopbridge.postTo(store, OneShopAndEveryCrm.domain(store), topic, body)).isEqualTo(200);
    }

    private static String customer(String id, String email, String hour) {
        return """
                {"id": %1$s, "email": "%2$s", "first_name": "Ada", "last_name": "Imal", "state": "enabled",
                 "verified_email": true, "created_at": "2026-11-18T08:00:00-05:00",
                 "updated_at": "2026-11-18T%3$s:00-05:00"}""".formatted(id, email, hour);
    }

    private static String order(String id, String customer, String email) {
        return """
                {"id": %1$s, "name": "#%1$s", "email": "%3$s", "currency": "USD", "financial_status": "paid",
                 "created_at": "2026-11-18T09:00:00-05:00", "updated_at": "2026-11-18T09:00:00-05:00",
                 "total_price": "7.00", "current_total_price": "7.00", "total_outstanding": "0.00",
                 "customer": {"id": %2$s, "email": "%3$s", "last_name": "Imal"},
                 "line_items": [{"id": 1%1$s, "title": "Tea", "quantity": 1, "current_quantity": 1,
                     "price": "7.00"}]}""".formatted(id, customer, email);
    }

    private static String merge(String kept, String absorbed, String status) {
        return """
                {"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/%s",
                 "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/%s",
                 "admin_graphql_api_job_id": null, "status": "%s", "errors": []}""".formatted(kept, absorbed, status);
    }

    private static String contactId(CrmAdapter crm, String customer) {
        return crm.contacts().stream().filter(contact -> (MAIN + ":" + customer).equals(contact.key()))
                .map(Contact::id).findFirst().orElseThrow(() -> new AssertionError("no contact of " + customer));
    }

    /** Waits until everything is delivered, and looks into each CRM. */
    private static void inEach(BiConsumer<CrmAdapter, String> look) {
        shopbridge.awaitIdle();
        crms.forEach((folder, crm) -> {
            try {
                look.accept(crm, folder);
            } catch (AssertionError e) {
                throw new AssertionError("In " + folder + ": " + e.getMessage(), e);
            }
        });
    }

    private static ObjectNode contact(String folder, String id) {
        return with(folder, CONTACTS, CONTACT_KEY, id);
    }

    private static ObjectNode order(String folder, String id) {
        return with(folder, ORDERS, ORDER_KEY, id);
    }

    private static ObjectNode with(String folder, Name object, Name key, String id) {
        return stream(folder, object).filter(record ->
                        record.path(key.in(folder)).asText().equals(MAIN + ":" + id)).findFirst()
                .orElseThrow(() -> new AssertionError(folder + " has no " + object.in(folder) + " " + id + " but "
                        + stream(folder, object).toList()));
    }

    private static Stream<ObjectNode> stream(String folder, Name object) {
        return crms.get(folder).records(object.in(folder)).stream();
    }

    private static String text(JsonNode record, Name name, String folder) {
        JsonNode value = record.path(name.in(folder));
        return value.isNull() ? "" : value.asText();
    }

    private static BigDecimal amount(JsonNode record, Name name, String folder) {
        return amount(record, name.in(folder));
    }

    private static BigDecimal amount(JsonNode record, String name) {
        return new BigDecimal(record.path(name).asText());
    }
}
