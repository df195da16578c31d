package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What reaches the CRMs: webhooks in at one end, the records of both simulated CRMs looked at at the other. */
class DeliveryIT {

    private static final long ADA = 7001;
    private static final long ORDER = 5001;
    private static final String PHONE = "+15032281234";

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    // Who is it?

    @Test
    void aPhoneAloneIsEnoughWhereTheNameAgrees() {
        shopbridge.hubspotHas("contacts", json("{'phone': '" + PHONE + "', 'firstname': 'ZOE', 'lastname': 'Marsh'}"));
        shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE + "', 'first_name': 'Zoë', 'last_name': 'Marsh'}"));
        customer(ADA, 0, "'phone': '(503) 228-1234', 'first_name': 'Zoë', 'last_name': 'Marsh'");
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 1).get(0).path("shopify_customer_key").asText()).isEqualTo("main:7001");
        assertThat(crmOne("contacts", 1).get(0).path("external_id").asText()).isEqualTo("main:7001");
    }

    @Test
    void aPhoneOfAnotherNameIsHeldForReview() {
        String inHubSpot = shopbridge.hubspotHas("contacts",
                json("{'phone': '" + PHONE + "', 'firstname': 'Kurt', 'lastname': 'Marsh'}"));
        String inCrmOne = shopbridge.crmOneHas("contacts",
                json("{'phone': '" + PHONE + "', 'first_name': 'Kurt', 'last_name': 'Marsh'}"));
        customer(ADA, 0, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 1).get(0).has("shopify_customer_key")).isFalse();
        assertThat(crmOne("contacts", 1).get(0).has("external_id")).isFalse();
        assertThat(rejected("hubspot").path("outcome").asText()).isEqualTo("held");
        assertThat(rejected("hubspot").path("errors").toString()).contains(inHubSpot).contains("a different name");
        assertThat(rejected("crm-one").path("errors").toString()).contains(inCrmOne).contains("a different name");
    }

    @Test
    void twoContactsWithThatPhoneAreHeldAndBothAreNamed() {
        String one = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE + "', 'first_name': 'Ada'}"));
        String other = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE + "', 'last_name': 'Lovelace'}"));
        customer(ADA, 0, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        crmOne("contacts", 2);
        assertThat(rejected("crm-one").path("errors").toString()).contains(one).contains(other);
        assertThat(rejected("crm-one").path("record").asText()).contains("7001");
    }

    @Test
    void aMatchThatIsOnlySimilarIsNotUsed() {
        // CRM One finds phones by their last seven digits.
        shopbridge.crmOneHas("contacts", json("{'phone': '+13472281234', 'first_name': 'Ada', 'last_name': 'Lovelace'}"));
        customer(ADA, 0, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        crmOne("contacts", 2);
        assertThat(shopbridge.crmOne("contacts", "main:7001").at("/fields/phone").asText()).isEqualTo(PHONE);
    }

    @Test
    void newCustomersCostASearchAndAWrite() {
        assertThat(contactCalls(() -> together(() -> {
            customer(7001, 0, "'email': 'ada@example.com', 'phone': '" + PHONE + "', 'first_name': 'Ada'");
            customer(7002, 0, "'email': 'grace@example.com', 'first_name': 'Grace'");
            customer(7003, 0, "'phone': '+15032285679', 'first_name': 'Edith'");
        }))).containsExactlyInAnyOrderEntriesOf(Map.of("search", 1L, "batch/upsert", 1L));
        hubspot("contacts", 3);
    }

    @Test
    void theSearchFindsAContactByOurKeyByEmailAndByPhone() {
        shopbridge.hubspotHas("contacts",
                json("{'email': 'old@example.com', 'firstname': 'Countess', 'shopify_customer_key': 'main:7001'}"));
        shopbridge.hubspotHas("contacts", json("{'email': 'grace@example.com', 'firstname': 'Admiral'}"));
        shopbridge.hubspotHas("contacts", json("{'phone': '" + PHONE + "', 'firstname': 'Edith', 'city': 'Brooklyn'}"));
        together(() -> {
            customer(7001, 0, "'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
            customer(7002, 0, "'email': 'Grace@example.com', 'first_name': 'Grace', 'last_name': 'Hopper'");
            customer(7003, 0, "'phone': '" + PHONE + "', 'first_name': 'Edith', 'default_address': {'city': 'Boston'}");
        });
        shopbridge.awaitIdle();
        hubspot("contacts", 3);
        check(contact("main:7001"), contact -> {
            assertThat(contact.path("email").asText()).isEqualTo("ada@example.com");
            assertThat(contact.path("firstname").asText()).as("shopify-on-create").isEqualTo("Countess");
            assertThat(contact.path("lastname").asText()).isEqualTo("Lovelace");
        });
        assertThat(contact("main:7002").path("firstname").asText()).isEqualTo("Admiral");
        assertThat(contact("main:7003").path("city").asText()).isEqualTo("Brooklyn");
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void aLostAnswerMakesNoCustomerTwice() {
        shopbridge.hubspot.faults().loseAnswers(1, "contacts/batch/upsert");
        together(() -> {
            customer(ADA, 0, "'email': 'ada@example.com', 'first_name': 'Ada'");
            customer(7002, 0, "'email': 'grace@example.com', 'phone': '" + PHONE + "'");
        });
        shopbridge.awaitIdle();
        hubspot("contacts", 2);
    }

    private JsonNode contact(String key) {
        return shopbridge.hubspot("contacts", "shopify_customer_key", key).path("properties");
    }

    @Test
    void twoCustomersOfOneContactAreWrittenOneAfterTheOther() {
        customer(ADA, 0, "'email': 'ada@example.com', 'first_name': 'Ada'");
        shopbridge.awaitIdle();
        customerOfTheOutlet(0, "'email': 'ada@example.com', 'first_name': 'Ada'");
        shopbridge.awaitIdle();
        hubspot("contacts", 1);
        assertThat(contactCalls(() -> together(() -> {
            customer(ADA, 1, "'email': 'ada@example.com', 'note': 'from main', 'tags': 'one'");
            customerOfTheOutlet(1, "'email': 'ada@example.com', 'note': 'from outlet', 'tags': 'two'");
        })).getOrDefault("batch/update", 0L)).as("a call with both would be refused").isLessThanOrEqualTo(2);
        hubspot("contacts", 1);
    }

    @Test
    void aCustomerWhomTheCrmHasDoesNotWaitForTheSearchOfAnother() {
        customer(7002, 0, "'email': 'grace@example.com'");
        shopbridge.awaitIdle();
        shopbridge.hubspot.faults().answer(500, null, 1000, "contacts/search");
        together(() -> {
            customer(7002, 1, "'email': 'grace@example.com', 'note': 'changed'");
            customer(ADA, 0, "'email': 'ada@example.com', 'phone': '" + PHONE + "', 'first_name': 'Ada'");
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> hubspot("contacts", 1).get(0).path("shopify_note").asText()
                .equals("changed"));
        shopbridge.hubspot.faults().clear();
        shopbridge.settle();
        hubspot("contacts", 2);
    }

    @Test
    void aGuestWhoRegistersLaterIsOneContact() {
        order(ORDER, 0, "'email': 'Guest@example.com', 'billing_address': {'first_name': 'Gina', 'last_name': 'Rossi'}");
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 1).get(0).has("shopify_customer_key")).isFalse();
        assertThat(crmOne("contacts", 1).get(0).path("email").asText()).isEqualTo("guest@example.com");
        customer(ADA, 5, "'email': 'guest@example.com', 'first_name': 'Regina', 'last_name': 'Rossi'");
        shopbridge.awaitIdle();
        check(hubspot("contacts", 1).get(0), contact -> {
            assertThat(contact.path("shopify_customer_key").asText()).isEqualTo("main:7001");
            assertThat(contact.path("firstname").asText()).as("what the account says counts more").isEqualTo("Regina");
        });
        assertThat(crmOne("contacts", 1).get(0).path("first_name").asText()).isEqualTo("Regina");
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
    }

    @Test
    void twoOrdersOfOneGuestInOneBatchMakeOneContact() {
        together(() -> {
            order(ORDER, 0, "'email': 'guest@example.com', 'id': 5002");
            order(ORDER, 1, "'email': 'GUEST@example.com', 'id': 5003");
        });
        shopbridge.awaitIdle();
        hubspot("contacts", 1);
        crmOne("contacts", 1);
        hubspot("orders", 2);
        crmOne("orders", 2);
    }

    @Test
    void aGuestAndTheAccountOfOnePersonInOneBatchAreOneContact() {
        together(() -> {
            order(ORDER, 0, "'email': 'guest@example.com', 'billing_address': {'first_name': 'G', 'last_name': 'R'}");
            customer(ADA, 1, "'email': 'guest@example.com', 'first_name': 'Gina', 'last_name': 'Rossi'");
        });
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 1).get(0).path("firstname").asText()).isEqualTo("Gina");
        assertThat(crmOne("contacts", 1).get(0).path("external_id").asText()).isEqualTo("main:7001");
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
    }

    @Test
    void aWalkInOrderIsDeliveredWithoutAContactUntilOneIsSet() {
        order(ORDER, 0, "'source_name': 'pos', 'email': ''");
        shopbridge.awaitIdle();
        assertThat(crmOne("orders", 1).get(0).has("contact_id")).isFalse();
        hubspot("orders", 1);
        hubspot("contacts", 0);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();

        buyersOrder(5, ", 'source_name': 'pos'");
        shopbridge.awaitIdle();
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
        assertThat(crmOne("orders", 1).get(0).path("contact_id").asText()).isNotEmpty();
    }

    // Orders

    @Test
    void anOrderWhoseContactIsMadeDuringItsDeliveryFollowsAtOnce() {
        customer(7002, 0, "'email': 'grace@example.com'");
        shopbridge.awaitIdle();
        together(() -> {
            buyersOrder(0, "");
            order(5002, 0, "'customer': {'id': 7002}");
            await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
            shopbridge.jdbc().update("UPDATE work SET due_at = clock_timestamp() + CASE entity WHEN 'customer'"
                    + " THEN interval '1 hour' ELSE interval '0' END WHERE crm = 'hubspot'");
            shopbridge.hubspot.faults().hang(Duration.ofSeconds(3), 1);
        });
        await().until(() -> shopbridge.hubspot.faults().state().path("hangs-left").asInt() == 0);
        shopbridge.jdbc().update("UPDATE work SET due_at = clock_timestamp() WHERE crm = 'hubspot' AND entity = 'customer'");
        await().until(() -> shopbridge.hubspot("orders", "shopify_order_key", "main:5002") != null);
        // While the other order was written, it waited for the contact; that wait would be ten seconds.
        await().atMost(Duration.ofSeconds(5)).until(() ->
                shopbridge.hubspot("orders", "shopify_order_key", "main:5001") != null);
        shopbridge.awaitIdle();
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
    }

    @Test
    void anOrderThatComesBeforeItsCustomerBringsTheContact() {
        order(ORDER, 0, "'customer': {'id': 7001, 'email': 'ada@example.com', 'first_name': 'Ada', 'updated_at': "
                + time(0) + "}");
        shopbridge.awaitIdle();
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
        customer(ADA, 1, "'email': 'ada@example.com', 'first_name': 'Ada', 'note': 'vip'");
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 1).get(0).path("shopify_note").asText()).isEqualTo("vip");
        assertThat(crmOne("orders", 1).get(0).path("contact_id").asText())
                .isEqualTo(shopbridge.crmOne("contacts", "main:7001").path("id").asText());
    }

    @Test
    void orderAndLineItemsBelongTogether() {
        buyersOrder(0, "");
        shopbridge.awaitIdle();
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
        assertThat(hubspot("line_items", 2)).extracting(item -> item.path("shopify_line_item_key").asText())
                .containsExactlyInAnyOrder("main:1", "main:2");
        String order = shopbridge.hubspot("orders", "shopify_order_key", "main:5001").path("id").asText();
        assertThat(shopbridge.hubspot.records("line_items"))
                .allSatisfy(item -> assertThat(item.at("/associations/orders/0").asText()).isEqualTo(order));
    }

    @Test
    void anEditRemovesAndAddsLineItemsAndRepeatsNone() {
        buyersOrder(0, "");
        shopbridge.awaitIdle();
        buyersOrder(1, ", 'line_items': [{'id': 1, 'name': 'Mug', 'price': '5.00', 'quantity': 2, 'current_quantity': 0},"
                + "{'id': 2, 'name': 'Shirt', 'price': '10.00', 'quantity': 1, 'current_quantity': 1},"
                + "{'id': 3, 'name': 'Lamp', 'price': '7.00', 'quantity': 1, 'current_quantity': 1}]");
        shopbridge.awaitIdle();
        assertThat(hubspot("line_items", 2)).extracting(item -> item.path("shopify_line_item_key").asText())
                .containsExactlyInAnyOrder("main:2", "main:3");
        assertThat(crmOne("orders", 1).get(0).path("lines")).extracting(line -> line.path("external_id").asText())
                .containsExactly("main:2", "main:3");
    }

    @Test
    void aRefundChangesRefundedAndNet() {
        buyersOrder(0, "");
        shopbridge.awaitIdle();
        assertThat(post("refunds/create", "{'id': 81, 'order_id': 5001, 'created_at': " + time(3)
                + ", 'transactions': [{'kind': 'refund', 'status': 'success', 'amount': '7.50', 'currency': 'EUR'}]}"))
                .isEqualTo(200);
        shopbridge.awaitIdle();
        check(hubspot("orders", 1).get(0), order -> {
            assertThat(order.path("shopify_refunded_total").asText()).isEqualTo("7.50");
            assertThat(order.path("shopify_net_total").asText()).isEqualTo("12.50");
            assertThat(order.path("hs_total_price").asText()).isEqualTo("20.00");
        });
        check(crmOne("orders", 1).get(0), order -> {
            assertThat(order.path("refunded").asText()).isEqualTo("7.50");
            assertThat(order.path("net").asText()).isEqualTo("12.50");
        });
    }

    @Test
    void aCancelledOrderSaysSo() {
        buyersOrder(0, "");
        buyersOrder(4, ", 'cancelled_at': " + time(4));
        shopbridge.awaitIdle();
        assertThat(hubspot("orders", 1).get(0).path("shopify_order_status").asText()).isEqualTo("cancelled");
        assertThat(crmOne("orders", 1).get(0).path("status").asText()).isEqualTo("cancelled");
    }

    @Test
    void aDeletedOrderStaysAndSaysSo() {
        buyersOrder(0, "");
        shopbridge.awaitIdle();
        post("orders/delete", "{'id': 5001}");
        shopbridge.awaitIdle();
        assertThat(hubspot("orders", 1).get(0).path("shopify_order_status").asText()).isEqualTo("deleted");
        assertThat(crmOne("orders", 1).get(0).path("status").asText()).isEqualTo("deleted");
    }

    @Test
    void anOrderThatChangesHandsMovesToTheOtherContact() {
        buyersOrder(0, "");
        shopbridge.awaitIdle();
        order(ORDER, 5, "'customer': {'id': 7002, 'email': 'grace@example.com', 'updated_at': " + time(5) + "}");
        shopbridge.awaitIdle();
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7002");
        assertThat(crmOne("orders", 1).get(0).path("contact_id").asText())
                .isEqualTo(shopbridge.crmOne("contacts", "main:7002").path("id").asText());
    }

    // What is not written

    @Test
    void aRecordThatHasNotChangedCostsNoCall() {
        customer(ADA, 0, "'email': 'ada@example.com', 'first_name': 'Ada', 'phone': '" + PHONE + "'");
        buyersOrder(0, "");
        shopbridge.awaitIdle();
        Map<String, Long> before = shopbridge.calls();
        customer(ADA, 8, "'email': 'ada@example.com', 'first_name': 'Ada', 'phone': '" + PHONE + "'");
        buyersOrder(8, "");
        shopbridge.awaitIdle();
        assertThat(shopbridge.calls()).isEqualTo(before);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'unchanged'")).isPositive();
    }

    @Test
    void whatTheCrmOwnsStaysWhatItIs() {
        String id = shopbridge.hubspotHas("contacts",
                json("{'email': 'ada@example.com', 'lifecyclestage': 'opportunity', 'hubspot_owner_id': '17'}"));
        String other = shopbridge.crmOneHas("contacts", json("{'email': 'ada@example.com'}"));
        // A write to this field would be refused: it is read-only for API clients.
        shopbridge.crmOne.editAsUser("contacts", other, shopbridge.object(json("{'account_manager': 'm.okafor'}")));
        customer(ADA, 0, "'email': 'ada@example.com', 'note': 'one', 'lifecyclestage': 'lead'");
        shopbridge.awaitIdle();
        customer(ADA, 1, "'email': 'ada@example.com', 'note': 'two'");
        shopbridge.awaitIdle();
        check(hubspot("contacts", 1).get(0), contact -> {
            assertThat(contact.path("shopify_note").asText()).isEqualTo("two");
            assertThat(contact.path("lifecyclestage").asText()).isEqualTo("opportunity");
            assertThat(contact.path("hubspot_owner_id").asText()).isEqualTo("17");
            assertThat(contact.path("hs_object_id").asText()).isEqualTo(id);
        });
        assertThat(crmOne("contacts", 1).get(0).path("account_manager").asText()).isEqualTo("m.okafor");
    }

    @Test
    void aDeletedCustomerStaysAContact() {
        customer(ADA, 0, "'email': 'ada@example.com'");
        shopbridge.awaitIdle();
        post("customers/delete", "{'id': 7001}");
        shopbridge.awaitIdle();
        hubspot("contacts", 1);
        crmOne("contacts", 1);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'skipped'")).isEqualTo(2);
    }

    // Consent

    @Test
    void anUnsubscribeReachesBothAndAnOlderConsentChangesNothing() {
        customer(ADA, 0, "'email': 'ada@example.com'");
        emailConsent("subscribed", 1);
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 1).get(0).path("shopify_email_consent").asText()).isEqualTo("subscribed");
        emailConsent("unsubscribed", 9);
        shopbridge.awaitIdle();
        emailConsent("pending", 5);
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 1).get(0).path("shopify_email_consent").asText()).isEqualTo("unsubscribed");
        assertThat(crmOne("contacts", 1).get(0).path("email_consent").asText()).isEqualTo("unsubscribed");
    }

    @Test
    void consentThatComesBeforeTheCustomerIsNotLost() {
        emailConsent("unsubscribed", 1);
        shopbridge.awaitIdle();
        hubspot("contacts", 0);
        customer(ADA, 0, "'email': 'ada@example.com'");
        shopbridge.awaitIdle();
        assertThat(crmOne("contacts", 1).get(0).path("email_consent").asText()).isEqualTo("unsubscribed");
        assertThat(hubspot("contacts", 1).get(0).path("shopify_email_consent").asText()).isEqualTo("unsubscribed");
    }

    // What goes wrong

    @Test
    void aTextThatIsTooLongIsCutAndTouchesNoOtherRecord() {
        together(() -> {
            for (int i = 0; i < 20; i++) {
                customer(7100 + i, 0, "'email': 'buyer" + i + "@example.com', 'note': '"
                        + (i == 13 ? "x".repeat(70_000) : "fine") + "'");
            }
        });
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 20)).extracting(contact -> contact.path("shopify_note").asText().length())
                .containsOnly(4, 65_536);
        assertThat(crmOne("contacts", 20)).extracting(contact -> contact.path("note").asText().length())
                .containsOnly(4, 5_000);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void aRejectedRecordIsDeliveredByAReplayOnceItsCauseIsMended() {
        String id = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE + "', 'first_name': 'Kurt'}"));
        customer(ADA, 0, "'phone': '" + PHONE + "', 'first_name': 'Ada'");
        shopbridge.awaitIdle();
        JsonNode held = rejected("crm-one");
        shopbridge.crmOne.editAsUser("contacts", id, shopbridge.object(json("{'phone': '+13472281234'}")));
        shopbridge.operator("POST", "/api/v1/rejected/" + held.path("id").asLong() + "/replay");
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:7001")).isNotNull();
        assertThat(shopbridge.jdbc().queryForList("SELECT state FROM rejected WHERE crm = 'crm-one'", String.class))
                .as("replayed by a person, and not open again").containsOnly("replayed");
    }

    @Test
    void aRecordThatAppearsBetweenLookAndWriteIsLinked() {
        shopbridge.hubspot.faults().hang(Duration.ofMillis(700), 2);
        long before = searches();
        customer(ADA, 0, "'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        await().until(() -> searches() > before);
        shopbridge.hubspotHas("contacts", json("{'email': 'ada@example.com', 'firstname': 'Countess'}"));
        shopbridge.awaitIdle();
        check(hubspot("contacts", 1).get(0), contact -> {
            assertThat(contact.path("shopify_customer_key").asText()).isEqualTo("main:7001");
            assertThat(contact.path("firstname").asText()).isEqualTo("Countess");
            assertThat(contact.path("lastname").asText()).isEqualTo("Lovelace");
        });
    }

    @Test
    void aLostAnswerMakesNoGuestTwice() {
        shopbridge.hubspot.faults().loseAnswers(1);
        shopbridge.crmOne.faults().loseAnswers(1);
        order(ORDER, 0, "'email': 'guest@example.com'");
        awaitLookUp();
        hubspot("contacts", 1);
        crmOne("contacts", 1);
        crmOne("orders", 1);
    }

    @Test
    void aLostAnswerMakesNoGuestTwiceWhoIsKnownByPhoneOnly() {
        shopbridge.hubspot.faults().loseAnswers(1);
        shopbridge.crmOne.faults().loseAnswers(1);
        order(ORDER, 0, "'phone': '" + PHONE + "', 'billing_address': {'first_name': 'Gina', 'last_name': 'Rossi'}");
        awaitLookUp();
        hubspot("contacts", 1);
        crmOne("contacts", 1);
        crmOne("orders", 1);
    }

    @Test
    void aLongFaultMakesRecordsWaitAndNoneIsLost() {
        shopbridge.hubspot.faults().answer(500, null, 1000);
        buyersOrder(0, "");
        await().atMost(Duration.ofSeconds(30)).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE crm ="
                + " 'hubspot' AND claimed_by IS NULL AND attempts > 0 AND because IS NOT NULL"
                + " AND due_at > clock_timestamp() + interval '3 seconds'") == 2);
        crmOne("orders", 1);
        shopbridge.hubspot.faults().clear();
        await().atMost(Duration.ofSeconds(120)).pollInterval(Duration.ofMillis(500)).until(() -> {
            shopbridge.letTimePass();
            return shopbridge.count("SELECT count(*) FROM work") == 0;
        });
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
    }

    @Test
    void aRefusedTokenPausesTheCrmAndLosesNothing() {
        shopbridge.hubspot.faults().answer(401, null, 1000);
        customer(ADA, 0, "'email': 'ada@example.com'");
        await().until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'hubspot'"
                + " AND until > clock_timestamp() + interval '1 minute'") == 1);
        customer(7002, 0, "'email': 'grace@example.com'");
        await().until(() -> shopbridge.crmOne.records("contacts").size() == 2);
        hubspot("contacts", 0);
        shopbridge.hubspot.faults().clear();
        shopbridge.endThePause();
        shopbridge.awaitIdle();
        hubspot("contacts", 2);
    }

    @Test
    void theOrderOfAContactThatWasMadeAnewFollowsAtItsNextChange() {
        buyersOrder(0, "");
        shopbridge.awaitIdle();
        shopbridge.hubspotUserDeletes("contacts",
                shopbridge.hubspot("contacts", "shopify_customer_key", "main:7001").path("id").asText());
        shopbridge.crmOneUserDeletes("contacts", shopbridge.crmOne("contacts", "main:7001").path("id").asText());
        customer(ADA, 2, "'email': 'ada@example.com', 'first_name': 'Ada', 'note': 'back again'");
        shopbridge.awaitIdle();
        assertThat(hubspot("contacts", 1).get(0).path("shopify_note").asText()).isEqualTo("back again");
        assertThat(crmOne("contacts", 1).get(0).path("note").asText()).isEqualTo("back again");
        buyersOrder(3, ", 'source_name': 'pos'");
        shopbridge.awaitIdle();
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
        assertThat(crmOne("orders", 1).get(0).path("contact_id").asText())
                .isEqualTo(shopbridge.crmOne("contacts", "main:7001").path("id").asText());
    }

    @Test
    void anOrderThatAUserDeletedInTheCrmIsMadeAnewWithItsLines() {
        buyersOrder(0, "");
        shopbridge.awaitIdle();
        shopbridge.hubspotUserDeletes("orders",
                shopbridge.hubspot("orders", "shopify_order_key", "main:5001").path("id").asText());
        buyersOrder(3, ", 'source_name': 'pos'");
        shopbridge.awaitIdle();
        assertThat(contactOfOrderInHubSpot()).isEqualTo("main:7001");
        String order = shopbridge.hubspot("orders", "shopify_order_key", "main:5001").path("id").asText();
        hubspot("line_items", 2);
        assertThat(shopbridge.hubspot.records("line_items"))
                .allSatisfy(item -> assertThat(item.at("/associations/orders/0").asText()).isEqualTo(order));
    }

    @Test
    void aMergeInHubSpotIsFollowed() {
        customer(ADA, 0, "'email': 'ada@example.com'");
        customer(7002, 0, "'email': 'countess@example.com'");
        shopbridge.awaitIdle();
        String merged = shopbridge.hubspot.mergeContacts(
                shopbridge.hubspot("contacts", "shopify_customer_key", "main:7001").path("id").asText(),
                shopbridge.hubspot("contacts", "shopify_customer_key", "main:7002").path("id").asText());
        customer(ADA, 2, "'email': 'ada@example.com', 'first_name': 'Ada', 'note': 'merged'");
        shopbridge.awaitIdle();
        check(hubspot("contacts", 1).get(0), contact -> {
            assertThat(contact.path("hs_object_id").asText()).isEqualTo(merged);
            assertThat(contact.path("shopify_note").asText()).isEqualTo("merged");
            assertThat(contact.path("firstname").asText()).isEqualTo("Ada");
        });
    }

    private static void check(JsonNode record, Consumer<JsonNode> what) {
        what.accept(record);
    }

    /**
     * A create whose answer was lost waits until HubSpot's search can tell whether it happened; CRM One knows a create
     * that is repeated.
     */
    private void awaitLookUp() {
        await().atMost(Duration.ofSeconds(20)).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE because"
                + " LIKE '%may have created it%' AND claimed_by IS NULL") == 1);
        shopbridge.letTimePass();
        shopbridge.awaitIdle();
    }

    /** The calls about HubSpot's contacts that these events cost. */
    private Map<String, Long> contactCalls(Runnable events) {
        Map<String, Long> before = shopbridge.hubspot.calls();
        events.run();
        shopbridge.awaitIdle();
        Map<String, Long> calls = new TreeMap<>();
        shopbridge.hubspot.calls().forEach((call, count) -> {
            String[] parts = call.split("/contacts/", 2);
            if (parts.length == 2 && count > before.getOrDefault(call, 0L)) {
                calls.put(parts[1], count - before.getOrDefault(call, 0L));
            }
        });
        return calls;
    }

    private long searches() {
        return shopbridge.hubspot.calls().entrySet().stream()
                .filter(call -> call.getKey().contains("contacts/search")).mapToLong(Map.Entry::getValue).sum();
    }

    /** Lets these events gather, so that each CRM gets them in one batch. */
    private void together(Runnable events) {
        shopbridge.jdbc().update("INSERT INTO crm_pause SELECT crm, clock_timestamp() + interval '1 hour', 'a test'"
                + " FROM unnest(ARRAY['hubspot', 'crm-one']) AS c (crm)");
        events.run();
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.jdbc().update("DELETE FROM crm_pause");
    }

    private void customer(long id, int minute, String fields) {
        assertThat(post("customers/update", "{'id': " + id + ", 'created_at': " + time(0) + ", 'updated_at': "
                + time(minute) + ", " + fields + "}")).isEqualTo(200);
    }

    private void customerOfTheOutlet(int minute, String fields) {
        assertThat(shopbridge.postTo(RunningShopbridge.OUTLET, RunningShopbridge.OUTLET_DOMAIN, "customers/update",
                json("{'id': 9001, 'created_at': " + time(0) + ", 'updated_at': " + time(minute) + ", " + fields + "}")))
                .isEqualTo(200);
    }

    private void order(long id, int minute, String fields) {
        ObjectNode order = shopbridge.object(json("{'id': " + id + ", 'name': '#1', 'currency': 'EUR', 'total_price':"
                + " '20.00', 'current_total_price': '20.00', 'financial_status': 'paid', 'created_at': " + time(0)
                + ", 'updated_at': " + time(minute) + ", 'line_items': ["
                + "{'id': 1, 'name': 'Mug', 'price': '5.00', 'quantity': 2, 'current_quantity': 2},"
                + "{'id': 2, 'name': 'Shirt', 'price': '10.00', 'quantity': 1, 'current_quantity': 1}]}"));
        order.setAll(shopbridge.object(json("{" + fields + "}")));
        assertThat(shopbridge.post("orders/updated", order)).isEqualTo(200);
    }

    private void buyersOrder(int minute, String fields) {
        order(ORDER, minute, "'customer': {'id': 7001, 'email': 'ada@example.com', 'first_name': 'Ada', 'phone': '"
                + PHONE + "', 'created_at': " + time(0) + ", 'updated_at': " + time(0) + "}" + fields);
    }

    private void emailConsent(String state, int minute) {
        assertThat(post("customers_email_marketing_consent/update", "{'customer_id': 7001, 'email_marketing_consent':"
                + " {'state': '" + state + "', 'consent_updated_at': " + time(minute) + "}}")).isEqualTo(200);
    }

    private int post(String topic, String body) {
        return shopbridge.post(topic, json(body));
    }

    private static String time(int minute) {
        return "'2026-11-01T10:%02d:00Z'".formatted(minute);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private List<JsonNode> hubspot(String object, int expected) {
        List<ObjectNode> records = shopbridge.hubspot.records(object);
        assertThat(records).as("%s in HubSpot", object).hasSize(expected);
        return records.stream().map(record -> record.path("properties")).toList();
    }

    private List<JsonNode> crmOne(String object, int expected) {
        List<ObjectNode> records = shopbridge.crmOne.records(object);
        assertThat(records).as("%s in CRM One", object).hasSize(expected);
        return records.stream().map(record -> record.path("fields")).toList();
    }

    /** Our key of the only contact that the order is associated with. */
    private String contactOfOrderInHubSpot() {
        JsonNode contacts = shopbridge.hubspot("orders", "shopify_order_key", "main:5001").at("/associations/contacts");
        assertThat(contacts).hasSize(1);
        return shopbridge.hubspot("contacts", "hs_object_id", contacts.get(0).asText())
                .at("/properties/shopify_customer_key").asText();
    }

    /** What the operator sees as open for this CRM; there must be exactly one. */
    private JsonNode rejected(String crm) {
        JsonNode page = shopbridge.operator("GET", "/api/v1/rejected");
        JsonNode items = page.isArray() ? page : page.path("items");
        List<JsonNode> ofCrm = StreamSupport.stream(items.spliterator(), false)
                .filter(one -> one.path("crm").asText().equals(crm)).toList();
        assertThat(ofCrm).as("rejected of %s: %s", crm, page).hasSize(1);
        return ofCrm.get(0);
    }
}
