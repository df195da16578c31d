package io.shopbridge.identify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.command.Commands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is who: webhooks in at one end, the people of both simulated CRMs looked at at the other. */
class IdentityIT {

    private static final Path CASES = Path.of("../shared/cases");
    private static final String PHONE = "+15032281234";

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void twoCustomersWhoShareAPhoneAreTwoContacts() {
        customer(1, "'email': 'frances@example.com', 'phone': '" + PHONE + "', 'first_name': 'Frances', 'last_name':"
                + " 'Silva'");
        shopbridge.awaitIdle();
        customer(2, "'email': 'carl@example.com', 'phone': '" + PHONE + "', 'first_name': 'Carl', 'last_name':"
                + " 'Harbour'");
        customer(3, "'phone': '" + PHONE + "', 'first_name': 'Frances', 'last_name': 'Silva'");
        shopbridge.awaitIdle();
        assertThat(crmOne()).extracting(contact -> contact.path("external_id").asText())
                .containsExactlyInAnyOrder("main:1", "main:2", "main:3");
        assertThat(hubspot()).extracting(contact -> contact.path("shopify_customer_key").asText())
                .containsExactlyInAnyOrder("main:1", "main:2", "main:3");
        assertThat(openRejections()).isEmpty();
    }

    @Test
    void aContactWithTheKeyOfAnotherCustomerIsNotACandidateEvenIfItsLinkIsLost() {
        shopbridge.crmOneHas("contacts", json("{'external_id': 'main:77', 'phone': '" + PHONE
                + "', 'first_name': 'Ada', 'last_name': 'Marsh'}"));
        String ofOutlet = shopbridge.crmOneHas("contacts", json("{'external_id': 'outlet:77', 'phone':"
                + " '+15032281235', 'first_name': 'Bea', 'last_name': 'Marsh'}"));
        customer(1, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Marsh'");
        customer(2, "'phone': '+15032281235', 'first_name': 'Bea', 'last_name': 'Marsh'");
        shopbridge.awaitIdle();
        assertThat(crmOne()).extracting(contact -> contact.path("external_id").asText())
                .containsExactlyInAnyOrder("main:77", "main:1", "outlet:77");
        assertThat(linkedTo("crm-one", ofOutlet)).as("one person in two stores").containsExactly("2");
    }

    @Test
    void severalContactsWithAPhoneAreDistinguishedByName() {
        String ada = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE
                + "', 'first_name': 'Ada', 'last_name': 'Marsh'}"));
        shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE
                + "', 'first_name': 'Kurt', 'last_name': 'Marsh'}"));
        customer(1, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Marsh'");
        customer(2, "'phone': '" + PHONE + "', 'first_name': 'Zoe', 'last_name': 'Hill'");
        shopbridge.awaitIdle();
        assertThat(linkedTo("crm-one", ada)).containsExactly("1");
        assertThat(crmOne()).as("whom several share a number with is somebody new").hasSize(3);
    }

    @Test
    void aPhoneWithoutAnyNameToCompareIsHeld() {
        String nameless = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE + "'}"));
        customer(1, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Marsh'");
        shopbridge.awaitIdle();
        assertThat(crmOne()).hasSize(1);
        assertThat(held("crm-one").path("errors").get(0).asText()).contains(nameless)
                .contains("no name that can be compared");
    }

    @Test
    void aPartOfANameThatOnlyOneOfTwoHasDoesNotAgree() {
        String ann = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE + "', 'email': 'ann@example.com',"
                + " 'first_name': 'Ann', 'last_name': 'Smith'}"));
        String smith = shopbridge.crmOneHas("contacts", json("{'phone': '+15032281235', 'last_name': 'Smith'}"));
        customer(1, "'email': 'one@example.com', 'phone': '" + PHONE + "', 'first_name': 'Ann', 'last_name': null");
        customer(2, "'email': 'two@example.com', 'phone': '" + PHONE + "', 'first_name': null, 'last_name': 'Smith'");
        customer(3, "'phone': '+15032281235', 'first_name': 'Ann', 'last_name': 'Smith'");
        shopbridge.awaitIdle();
        assertThat(crmOne()).hasSize(2);
        assertThat(crmOne(ann).path("email").asText()).isEqualTo("ann@example.com");
        assertThat(linkedTo("crm-one", ann)).isEmpty();
        assertThat(linkedTo("crm-one", smith)).isEmpty();
        assertThat(openRejections()).hasSize(3).allSatisfy(because -> assertThat(because)
                .contains("but only a part of its name", "link-to", "create-new", "never-the-same"));
    }

    @Test
    void aPhoneAndANameDoNotOverwriteAnotherEmail() {
        String ann = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE + "', 'email': 'ann@example.com',"
                + " 'first_name': 'Ann', 'last_name': 'Smith'}"));
        customer(1, "'email': 'one@example.com', 'phone': '" + PHONE + "', 'first_name': 'Ann', 'last_name': 'Smith'");
        shopbridge.awaitIdle();
        assertThat(crmOne(ann).path("email").asText()).isEqualTo("ann@example.com");
        assertThat(held("crm-one").path("errors").get(0).asText()).contains(ann).endsWith("but a different email");
        assertThat(decide("{'decision': 'link-to'}")).isEqualTo(202);
        shopbridge.awaitIdle();
        assertThat(crmOne(ann).path("email").asText()).as("a person said so").isEqualTo("one@example.com");
        order(1, "'email': 'office@example.com', 'phone': '" + PHONE + "', 'billing_address': {'first_name': 'Ann',"
                + " 'last_name': 'Smith'}");
        shopbridge.awaitIdle();
        assertThat(crmOne()).as("a guest overwrites nothing").hasSize(1);
        assertThat(crmOne(ann).path("email").asText()).isEqualTo("one@example.com");
        assertThat(openRejections()).isEmpty();
    }

    @Test
    void aHoldSaysWhoseTheRecordIsAndWhatEachDecisionDoes() {
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "customers/update",
                json(body(9, "'phone': '" + PHONE + "'")));
        shopbridge.awaitIdle();
        String nameless = shopbridge.crmOne.records("contacts").get(0).path("id").asText();
        customer(1, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Marsh'");
        shopbridge.awaitIdle();
        JsonNode held = held("crm-one");
        assertThat(held.path("candidates").get(0).asText()).isEqualTo(nameless);
        assertThat(held.path("errors").toString())
                .contains("is not linked to a Shopify record and its external_id is forms:9")
                .contains("link-to " + nameless, "main:1", "create-new", "never-the-same");
    }

    @Test
    void guestsWhoShareANumberAreAsManyPeopleAsTheyHaveNames() {
        order(1, "'phone': '" + PHONE + "', 'billing_address': {'first_name': 'Gina', 'last_name': 'Rossi'}");
        order(2, "'phone': '" + PHONE + "', 'billing_address': {'first_name': 'Paul', 'last_name': 'Hill'}");
        order(3, "'phone': '503 228 1234', 'billing_address': {'first_name': 'GINA', 'last_name': 'Rossi',"
                + " 'country_code': 'US'}");
        shopbridge.awaitIdle();
        assertThat(crmOne()).extracting(contact -> contact.path("first_name").asText().toLowerCase())
                .containsExactlyInAnyOrder("gina", "paul");
        assertThat(openRejections()).isEmpty();
    }

    @Test
    void anOrderThatNamesItsCustomerNoMoreMakesNoGuest() {
        String office = "'email': 'office@example.com', 'phone': '" + PHONE + "'";
        order(1, "'customer': " + body(5, "'email': 'ada@example.com', 'first_name': 'Ada'") + ", " + office);
        shopbridge.awaitIdle();
        assertThat(shopbridge.post("orders/updated", json(orderBody(1, "'customer': null, " + office
                + ", 'note': 'later'").replace("'updated_at': '2026-11-01T10:00", "'updated_at': '2026-11-01T10:05"))))
                .isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(onlyOne(crmOne()).path("external_id").asText()).isEqualTo("main:5");
        assertThat(onlyOne(hubspot()).path("shopify_customer_key").asText()).isEqualTo("main:5");
        assertThat(onlyOne(crmOne()).path("orders_count").asInt()).isEqualTo(1);
    }

    @Test
    void anExtensionMakesAnotherNumber() throws IOException {
        String order = "'billing_address': {'first_name': 'Lena', 'last_name': 'Guest', 'country_code': 'US', 'phone':";
        order(1, order + " '+1 206-555-0142 ext. 40193'}");
        order(2, order + " '(206) 555-0142 x 40194'}");
        order(3, order + " '+12065550142;ext=40193'}");
        shopbridge.awaitIdle();
        assertThat(crmOne()).extracting(contact -> contact.path("phone").asText())
                .containsExactlyInAnyOrder("+12065550142;ext=40193", "+12065550142;ext=40194");
        assertThat(hubspot()).extracting(contact -> contact.path("phone").asText())
                .containsExactlyInAnyOrder("+12065550142;ext=40193", "+12065550142;ext=40194");
    }

    @Test
    void theCaseOfASharedPhoneWithExtensions() throws IOException {
        assertThat(shopbridge.post("orders/create", read("shared-phone-with-extension/1-orders-create.json")))
                .isEqualTo(200);
        assertThat(shopbridge.post("orders/create", read("shared-phone-with-extension/2-orders-create.json")))
                .isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(crmOne()).hasSize(2);
        assertThat(hubspot()).hasSize(2);
    }

    /** Mexico's mobiles had a 1 after the country code until 2019, and messengers write it to this day. */
    @Test
    void anOldNotationOfANumberFindsTheSamePerson() {
        String ones = shopbridge.crmOneHas("contacts", json("{'phone': '+5215512345678', 'first_name': 'Ana',"
                + " 'last_name': 'Ruiz'}"));
        String hubspots = shopbridge.hubspotHas("contacts", json("{'phone': '+5215512345678', 'firstname': 'Ana',"
                + " 'lastname': 'Ruiz'}"));
        customer(1, "'phone': '+52 55 1234 5678', 'first_name': 'Ana', 'last_name': 'Ruiz'");
        customer(2, "'phone': '+52 1 55 1234 5679', 'first_name': 'Eva', 'last_name': 'Paz'");
        shopbridge.awaitIdle();
        assertThat(linkedTo("crm-one", ones)).containsExactly("1");
        assertThat(linkedTo("hubspot", hubspots)).containsExactly("1");
        assertThat(crmOne()).extracting(contact -> contact.path("phone").asText())
                .containsExactlyInAnyOrder("+5215512345678", "+525512345679");
    }

    /** libphonenumber takes both for valid: a mobile in Buenos Aires, and a landline there. */
    @Test
    void anArgentineMobileIsNotTheLandlineWithItsDigits() {
        String landline = shopbridge.crmOneHas("contacts", json("{'phone': '+541123456789', 'first_name': 'Ana',"
                + " 'last_name': 'Ruiz'}"));
        customer(1, "'phone': '+54 9 11 2345-6789', 'first_name': 'Ana', 'last_name': 'Ruiz'");
        shopbridge.awaitIdle();
        assertThat(linkedTo("crm-one", landline)).isEmpty();
        assertThat(crmOne()).hasSize(2);
    }

    /** A person types the name of the domain; mail servers have it encoded. */
    @ParameterizedTest
    @CsvSource({"ada@m\u00fcnchen.example, ada@xn--mnchen-3ya.example", "Ada@xn--mnchen-3ya.example, ada@m\u00fcnchen.example",
        "\uff41\uff44\uff41\uff20example.com, ada@example.com", "ada\u200b@example.com, Ada@Example.com"})
    void anAddressFindsTheSamePersonInWhicheverSpelling(String shops, String crms) {
        String known = shopbridge.hubspotHas("contacts", json("{'email': '" + crms + "', 'firstname': 'Ada'}"));
        customer(1, "'email': '" + shops + "', 'first_name': 'Ada'");
        shopbridge.awaitIdle();
        assertThat(linkedTo("hubspot", known)).containsExactly("1");
        assertThat(shopbridge.hubspot.records("contacts")).singleElement().satisfies(contact ->
                assertThat(contact.at("/properties/email").asText()).as("as it was").isEqualToIgnoringCase(crms));
    }

    @Test
    void aGuestIsOneInWhicheverSpellingOfTheAddress() {
        String name = "'billing_address': {'first_name': 'Gina', 'last_name': 'Rossi'}";
        order(1, "'email': 'gina@m\u00fcnchen.example', " + name);
        order(2, "'email': 'Gina@xn--mnchen-3ya.example', " + name);
        order(3, "'email': ' gina\u200b@M\u00dcNCHEN.example', " + name);
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(DISTINCT record_id) FROM mirror_facet WHERE entity = 'customer'")).isOne();
        assertThat(crmOne()).singleElement().satisfies(contact ->
                assertThat(contact.path("orders_count").asText()).isEqualTo("3"));
    }

    @Test
    void aNumberIsReadInTheCountryOfItsAddress() throws IOException {
        String namesake = shopbridge.crmOneHas("contacts", json("{'phone': '+17012345678', 'first_name': 'Min',"
                + " 'last_name': 'Imal10'}"));
        assertThat(shopbridge.post("customers/create", read("phone-of-another-country/customers-create.json")))
                .isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(linkedTo("crm-one", namesake)).isEmpty();
        assertThat(shopbridge.crmOne("contacts", "main:7900000000010").at("/fields/phone").asText())
                .isEqualTo("+917012345678");
        assertThat(shopbridge.hubspot("contacts", "shopify_customer_key", "main:7900000000010")
                .at("/properties/phone").asText()).isEqualTo("+917012345678");
    }

    @Test
    void aPersonLinksAHeldRecord() {
        String nameless = hold();
        assertThat(decide("{'decision': 'link-to'}")).isEqualTo(202);
        shopbridge.awaitIdle();
        assertThat(crmOne()).extracting(contact -> contact.path("external_id").asText()).containsExactly("main:1");
        assertThat(linkedTo("crm-one", nameless)).containsExactly("1");
        assertThat(openRejections()).isEmpty();
    }

    @Test
    void theDecisionCreateNewIsRemembered() {
        String nameless = hold();
        assertThat(decide("{'decision': 'create-new'}")).isEqualTo(202);
        shopbridge.awaitIdle();
        assertThat(linkedTo("crm-one", nameless)).isEmpty();
        String own = shopbridge.crmOne("contacts", "main:1").path("id").asText();
        shopbridge.crmOneUserDeletes("contacts", own);
        customer(1, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Marshall'", 5);
        shopbridge.awaitIdle();
        assertThat(crmOne()).extracting(contact -> contact.path("last_name").asText()).as("not asked again")
                .containsExactlyInAnyOrder("", "Marshall");
        assertThat(openRejections()).isEmpty();
    }

    @Test
    void neverTheSameTriesTheOtherCandidates() {
        shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE
                + "', 'first_name': 'Ada', 'last_name': 'Marsh'}"));
        String other = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE
                + "', 'first_name': 'Ada', 'last_name': 'Marsh'}"));
        customer(1, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Marsh'");
        shopbridge.awaitIdle();
        assertThat(decide("{'decision': 'never-the-same'}")).as("which of the two?").isEqualTo(400);
        assertThat(decide("{'decision': 'never the same', 'crm_id': 'c_none'}")).isEqualTo(400);
        assertThat(decide("{'decision': 'perhaps'}")).isEqualTo(400);
        assertThat(decide("{'decision': 'never the same', 'crm_id': '" + other + "'}")).isEqualTo(202);
        shopbridge.awaitIdle();
        assertThat(crmOne()).hasSize(2);
        assertThat(linkedTo("crm-one", other)).isEmpty();
        assertThat(shopbridge.crmOne("contacts", "main:1").at("/fields/first_name").asText()).isEqualTo("Ada");
    }

    @Test
    void aLinkToAnotherCustomerOfTheStoreIsRefused() {
        String nameless = hold();
        shopbridge.jdbc().update("INSERT INTO link (crm, store, entity, record_id, object, crm_id, base)"
                + " VALUES ('crm-one', 'main', 'customer', '8', 'contacts', ?, '{}')", nameless);
        assertThat(decide("{'decision': 'link-to', 'crm_id': '" + nameless + "'}")).isEqualTo(409);
        assertThat(linkedTo("crm-one", nameless)).containsExactly("8");
    }

    @Test
    void twoCustomersOfAStoreAreNotDecidedToBeOneContact() {
        String nameless = hold();
        customer(2, "'phone': '" + PHONE + "', 'first_name': 'Bea', 'last_name': 'Marsh'");
        shopbridge.awaitIdle();
        shopbridge.jdbc().update("INSERT INTO identity_decision (crm, store, entity, record_id, crm_id, decision)"
                + " VALUES ('crm-one', 'main', 'customer', '1', ?, 'same')", nameless);
        String ofBea = String.valueOf(rejection("2"));
        assertThat(answer(ofBea, "{'decision': 'link-to'}")).contains("409", "by an earlier decision");
        assertThat(answer(String.valueOf(rejection("1")), "{'decision': 'link-to'}")).as("again").contains("is due");
        shopbridge.awaitIdle();
        assertThat(linkedTo("crm-one", nameless)).containsExactly("1");
        assertThat(answer(ofBea, "{'decision': 'link-to'}")).contains("409", "is customer 1 of the same store");
        // As two people do at the same moment
        shopbridge.jdbc().update("INSERT INTO identity_decision (crm, store, entity, record_id, crm_id, decision)"
                + " VALUES ('crm-one', 'main', 'customer', '2', ?, 'same')", nameless);
        customer(2, "'phone': '" + PHONE + "', 'first_name': 'Bea', 'last_name': 'Marsh', 'note': 'x'", 5);
        shopbridge.awaitIdle();
        assertThat(held("crm-one").path("errors").toString()).contains("A person said", "another customer",
                "is linked to customer 1 of store main");
        assertThat(decide("{'decision': 'create-new'}")).isEqualTo(202);
        shopbridge.awaitIdle();
        assertThat(crmOne()).hasSize(2);
        assertThat(openRejections()).isEmpty();
    }

    @Test
    void aDecisionForAContactThatIsGoneIsAskedAnew() {
        String nameless = hold();
        shopbridge.crmOneUserDeletes("contacts", nameless);
        assertThat(decide("{'decision': 'link-to'}")).isEqualTo(202);
        shopbridge.awaitIdle();
        assertThat(held("crm-one").path("errors").toString()).contains("A person said", "no longer exists");
        assertThat(decide("{'decision': 'create-new'}")).isEqualTo(202);
        shopbridge.awaitIdle();
        assertThat(crmOne()).extracting(contact -> contact.path("external_id").asText()).containsExactly("main:1");
    }

    private long rejection(String record) {
        return shopbridge.count("SELECT id FROM rejected WHERE state = 'open' AND crm = 'crm-one' AND record_id = '"
                + record + "'");
    }

    @Test
    void theCommandListsAndDecides() {
        hold();
        String number = held("crm-one").path("id").asText();
        assertThat(command("decide")).startsWith(number + "  customer 1 of store main for crm-one")
                .contains("create-new");
        assertThat(command("decide", number, "--create-new")).contains("is due for crm-one now");
        shopbridge.awaitIdle();
        assertThat(crmOne()).hasSize(2);
        assertThat(command("decide", number, "--create-new")).contains("was replayed");
    }

    @Test
    void anEmailThatIsAnotherContactsSecondIsHeldAndEverythingElseIsDelivered() {
        String other = shopbridge.hubspotHas("contacts", json("{'email': 'kurt@example.com', 'firstname': 'Kurt'}"));
        shopbridge.hubspot.addEmail(other, "shared@example.com");
        customer(1, "'email': 'ada@example.com', 'first_name': 'Ada'");
        shopbridge.awaitIdle();
        String own = shopbridge.hubspot("contacts", "email", "ada@example.com").path("id").asText();
        customer(1, "'email': 'shared@example.com', 'first_name': 'Ada', 'note': 'likes wool'", 5);
        customer(2, "'email': 'bea@example.com', 'first_name': 'Bea'");
        shopbridge.awaitIdle();
        JsonNode ada = shopbridge.hubspot("contacts", "hs_object_id", own).path("properties");
        assertThat(ada.path("shopify_note").asText()).isEqualTo("likes wool");
        assertThat(ada.path("email").asText()).isEqualTo("ada@example.com");
        assertThat(held("hubspot").path("errors").get(0).asText()).startsWith("email: ").contains(own, other);
        assertThat(shopbridge.hubspot("contacts", "email", "bea@example.com")).isNotNull();
        customer(1, "'email': 'lovelace@example.com', 'first_name': 'Ada', 'note': 'likes wool'", 8);
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot("contacts", "hs_object_id", own).at("/properties/email").asText())
                .isEqualTo("lovelace@example.com");
        assertThat(openRejections()).isEmpty();
    }

    @Test
    void anEmailOfAnotherCustomerOfTheStoreIsLeftToHimAsLongAsHeHasIt() {
        customer(1, "'email': 'ada@example.com', 'first_name': 'Ada'");
        shopbridge.awaitIdle();
        customer(2, "'email': 'ada@example.com', 'first_name': 'Bea'");
        shopbridge.awaitIdle();
        assertThat(hubspot()).extracting(contact -> contact.path("shopify_customer_key").asText())
                .containsExactlyInAnyOrder("main:1", "main:2");
        JsonNode bea = shopbridge.hubspot("contacts", "shopify_customer_key", "main:2");
        assertThat(bea.at("/properties/email").asText()).isEmpty();
        assertThat(held("hubspot").path("errors").get(0).asText()).contains("email", bea.path("id").asText());
        customer(1, "'email': 'lovelace@example.com', 'first_name': 'Ada'", 5);
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot("contacts", "shopify_customer_key", "main:2").at("/properties/email").asText())
                .as("as soon as he has another one").isEqualTo("ada@example.com");
        assertThat(openRejections()).isEmpty();
    }

    @Test
    void whoComesBackAfterADeletionIsTheSamePerson() {
        customer(1, "'email': 'ada@example.com', 'first_name': 'Ada'");
        shopbridge.awaitIdle();
        assertThat(shopbridge.post("customers/delete", "{\"id\": 1}")).isEqualTo(200);
        shopbridge.awaitIdle();
        customer(2, "'email': 'ada@example.com', 'first_name': 'Ada', 'tags': 'back'");
        shopbridge.awaitIdle();
        assertThat(onlyOne(crmOne()).path("tags").toString()).isEqualTo("[\"back\"]");
        assertThat(onlyOne(hubspot()).path("shopify_tags").asText()).isEqualTo("back");
        assertThat(openRejections()).isEmpty();
    }

    /** Shopify names the other customer in an order of before the merge once the order changes. */
    @Test
    void whoKeepsTheContactsOfTwoMergedCustomersIsNotAskedAgain() {
        customer(1, "'email': 'kept@example.com', 'last_name': 'Marsh'");
        customer(2, "'email': 'gone@example.com', 'last_name': 'Marsh'");
        order(9, "'customer': {'id': 2}");
        shopbridge.awaitIdle();
        assertThat(shopbridge.post("customers/merge", json("{'admin_graphql_api_customer_kept_id':"
                + " 'gid://shopify/Customer/1', 'admin_graphql_api_customer_deleted_id': 'gid://shopify/Customer/2',"
                + " 'status': 'completed'}"))).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(openRejections()).as("one of each CRM").hasSize(2);
        shopbridge.operator("GET", "/api/v1/rejected").get("items").forEach(one ->
                shopbridge.operator("POST", "/api/v1/rejected/" + one.path("id").asText() + "/done"));

        assertThat(shopbridge.post("orders/updated", json(orderBody(9, "'customer': {'id': 1}")
                .replace("'updated_at': '2026-11-01T10:00", "'updated_at': '2026-11-01T10:30")))).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(openRejections()).isEmpty();
        assertThat(shopbridge.crmOne("contacts", "main:1").at("/fields/orders_count").asText()).isEqualTo("1");
    }

    @Test
    void theCaseOfOnePersonInTwoStores() throws IOException {
        assertThat(shopbridge.post("orders/create", read("one-person-two-stores/1-main-orders-create.json")))
                .isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(shopbridge.postTo(RunningShopbridge.OUTLET, RunningShopbridge.OUTLET_DOMAIN, "orders/create",
                read("one-person-two-stores/2-outlet-orders-create.json"))).isEqualTo(200);
        shopbridge.awaitIdle();
        JsonNode person = onlyOne(crmOne());
        assertThat(person.path("external_id").asText()).isEqualTo("main:7900000000023");
        assertThat(person.path("last_name").asText()).isEqualTo("Imal23");
        assertThat(person.path("orders_count").asInt()).as("of both stores").isEqualTo(2);
        assertThat(person.path("total_spent").asText()).as("in the currency of the first").isEqualTo("100.00");
        assertThat(person.path("spent_currency").asText()).isEqualTo("USD");
        JsonNode contact = onlyOne(hubspot());
        assertThat(contact.path("shopify_total_spent").asText()).isEqualTo("100.00");
        assertThat(contact.path("shopify_orders_count").asText()).isEqualTo("2");
        assertThat(contact.path("lastname").asText()).isEqualTo("Imal23");
    }

    @Test
    void twoStoresOfOnePersonNeverTakeTurns() {
        String ada = "'email': 'ada@example.com', 'first_name': 'Ada', 'tags': 'wool', 'default_address':"
                + " {'city': 'Oslo', 'country_code': 'NO'}";
        String same = "'email': 'ada@example.com', 'first_name': 'Augusta', 'tags': 'silk', 'default_address':"
                + " {'city': 'Rome', 'country_code': 'IT', 'zip': '00100'}";
        customer(1, ada);
        shopbridge.awaitIdle();
        order(1, "'customer': " + body(1, ada));
        outlet("customers/update", body(2, same));
        shopbridge.awaitIdle();
        for (int minute = 1; minute < 4; minute++) {
            outlet("orders/updated", orderBody(20 + minute, "'customer': " + body(2, same)));
            shopbridge.awaitIdle();
            assertThat(people()).as("minute %d", minute).containsExactly("main:1 Ada Oslo 00100 [wool] "
                    + (1 + minute) + " " + (20 + 20 * minute) + ".00");
            outlet("customers/update", body(2, same.replace("Rome", "Rome " + minute))
                    .replace("'updated_at': '2026-11-01T10:00", "'updated_at': '2026-11-01T10:0" + minute));
            customer(1, ada, minute);
            shopbridge.awaitIdle();
            assertThat(people()).as("minute %d", minute).containsExactly("main:1 Ada Oslo 00100 [wool] "
                    + (1 + minute) + " " + (20 + 20 * minute) + ".00");
        }
        outlet("customers/update", body(2, "'email': null, 'first_name': null, 'tags': null, 'default_address': null")
                .replace("'updated_at': '2026-11-01T10:00", "'updated_at': '2026-11-01T10:09"));
        shopbridge.awaitIdle();
        assertThat(people()).as("what the first store says stays").singleElement().asString()
                .startsWith("main:1 Ada Oslo ");
        assertThat(onlyOne(crmOne()).path("email").asText()).isEqualTo("ada@example.com");
    }

    @Test
    void whoWasDeletedLeadsNoMore() {
        String ada = "'email': 'ada@example.com', 'first_name': 'Ada', 'note': 'likes wool', 'default_address':"
                + " {'city': 'Oslo', 'country_code': 'NO'}";
        String same = "'email': 'ada@example.com', 'first_name': 'Augusta', 'default_address': {'city': 'Rome',"
                + " 'country_code': 'IT'}";
        customer(1, ada);
        shopbridge.awaitIdle();
        consent(RunningShopbridge.DOMAIN, 1, "unsubscribed", 0);
        shopbridge.awaitIdle();
        outlet("customers/update", body(2, same));
        consent(RunningShopbridge.OUTLET_DOMAIN, 2, "subscribed", 1);
        shopbridge.awaitIdle();
        assertThat(consents()).containsExactly("unsubscribed", "unsubscribed");
        assertThat(people()).singleElement().asString().startsWith("main:1 Ada Oslo ");
        assertThat(shopbridge.post("customers/delete", "{\"id\": 1}")).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(people()).as("is filled from the other store").singleElement().asString()
                .startsWith("outlet:2 Augusta Rome ");
        assertThat(consents()).as("nobody took it back").containsExactly("unsubscribed", "unsubscribed");
        outlet("customers/update", body(2, same.replace("Rome", "Bari"))
                .replace("'updated_at': '2026-11-01T10:00", "'updated_at': '2026-11-01T10:05"));
        shopbridge.awaitIdle();
        assertThat(people()).singleElement().asString().startsWith("outlet:2 Augusta Bari ");
    }

    @Test
    void anUnsubscriptionInEitherStoreStands() {
        String ada = "'email': 'ada@example.com', 'first_name': 'Ada'";
        customer(1, ada);
        consent(RunningShopbridge.DOMAIN, 1, "subscribed", 0);
        shopbridge.awaitIdle();
        outlet("customers/update", body(2, ada));
        consent(RunningShopbridge.OUTLET_DOMAIN, 2, "subscribed", 0);
        shopbridge.awaitIdle();
        assertThat(consents()).containsExactly("subscribed", "subscribed");
        consent(RunningShopbridge.OUTLET_DOMAIN, 2, "unsubscribed", 1);
        shopbridge.awaitIdle();
        assertThat(consents()).containsExactly("unsubscribed", "unsubscribed");
        consent(RunningShopbridge.DOMAIN, 1, "unsubscribed", 2);
        shopbridge.awaitIdle();
        consent(RunningShopbridge.DOMAIN, 1, "subscribed", 3);
        shopbridge.awaitIdle();
        assertThat(consents()).as("the other store's stands").containsExactly("unsubscribed", "unsubscribed");
        consent(RunningShopbridge.OUTLET_DOMAIN, 2, "subscribed", 4);
        shopbridge.awaitIdle();
        assertThat(consents()).containsExactly("subscribed", "subscribed");
    }

    @Test
    void anUnsubscriptionStandsBesideASubscriptionInOneBatch() {
        String ada = "'email': 'ada@example.com', 'first_name': 'Ada'";
        customer(1, ada);
        shopbridge.awaitIdle();
        shopbridge.jdbc().update("INSERT INTO crm_pause (crm, until, because) SELECT crm, now() + interval '1 hour',"
                + " 'a test' FROM unnest(ARRAY['crm-one', 'hubspot']) AS crm");
        consent(RunningShopbridge.DOMAIN, 1, "unsubscribed", 0);
        outlet("customers/update", body(2, ada));
        consent(RunningShopbridge.OUTLET_DOMAIN, 2, "subscribed", 1);
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.settle();
        assertThat(consents()).containsExactly("unsubscribed", "unsubscribed");
    }

    private void consent(String domain, long id, String state, int minute) {
        String store = domain.equals(RunningShopbridge.DOMAIN) ? "main" : RunningShopbridge.OUTLET;
        assertThat(shopbridge.postTo(store, domain, "customers_email_marketing_consent/update", json("{'customer_id': "
                + id + ", 'email_address': 'ada@example.com', 'email_marketing_consent': {'state': '" + state
                + "', 'opt_in_level': 'single_opt_in', 'consent_updated_at': '2026-11-01T11:0" + minute + ":00Z'}}")))
                .isEqualTo(200);
    }

    private List<String> consents() {
        return List.of(onlyOne(crmOne()).path("email_consent").asText(),
                onlyOne(hubspot()).path("shopify_email_consent").asText());
    }

    private List<String> people() {
        return crmOne().stream().map(person -> String.join(" ", person.path("external_id").asText(),
                person.path("first_name").asText(), person.path("city").asText(),
                person.path("postal_code").asText(), person.path("tags").toString().replace("\"", ""),
                person.path("orders_count").asText(), person.path("total_spent").asText())).toList();
    }

    private static JsonNode onlyOne(List<JsonNode> records) {
        assertThat(records).hasSize(1);
        return records.get(0);
    }

    private void outlet(String topic, String body) {
        assertThat(shopbridge.postTo(RunningShopbridge.OUTLET, RunningShopbridge.OUTLET_DOMAIN, topic, json(body)))
                .isEqualTo(200);
    }

    private String command(String... arguments) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setProperty("shopbridge.operator.password", RunningShopbridge.PASSWORD);
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            List<String> all = new ArrayList<>(List.of(arguments));
            all.addAll(List.of("--at", shopbridge.uri("").toString()));
            Commands.run(all.toArray(String[]::new));
        } finally {
            System.setOut(before);
            System.clearProperty("shopbridge.operator.password");
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** Has a customer held, because a contact of CRM One has the phone and no name; returns its id. */
    private String hold() {
        String nameless = shopbridge.crmOneHas("contacts", json("{'phone': '" + PHONE + "'}"));
        customer(1, "'phone': '" + PHONE + "', 'first_name': 'Ada', 'last_name': 'Marsh'");
        shopbridge.awaitIdle();
        return nameless;
    }

    private int decide(String decision) {
        return sent(held("crm-one").path("id").asText(), decision).statusCode();
    }

    /** Status and body. */
    private String answer(String rejection, String decision) {
        HttpResponse<String> answer = sent(rejection, decision);
        return answer.statusCode() + " " + answer.body();
    }

    private HttpResponse<String> sent(String rejection, String decision) {
        String login = "operator:" + RunningShopbridge.PASSWORD;
        return shopbridge.send(HttpRequest.newBuilder(shopbridge.uri("/api/v1/rejected/" + rejection + "/decision"))
                .POST(HttpRequest.BodyPublishers.ofString(json(decision))).header("Content-Type", "application/json")
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes()))
                .build());
    }

    private static String read(String name) throws IOException {
        Path file = CASES.resolve(name);
        Assumptions.assumeTrue(Files.exists(file), file + " is not here");
        return Files.readString(file);
    }

    private void customer(long id, String fields) {
        customer(id, fields, 0);
    }

    private void customer(long id, String fields, int minute) {
        assertThat(shopbridge.post("customers/update", json(body(id, fields)
                .replace("'updated_at': '2026-11-01T10:00", "'updated_at': '2026-11-01T10:%02d".formatted(minute)))))
                .isEqualTo(200);
    }

    private static String body(long id, String fields) {
        return "{'id': " + id + ", 'created_at': '2026-11-01T10:00:00Z', 'updated_at': '2026-11-01T10:00:00Z', "
                + fields + "}";
    }

    private void order(long id, String fields) {
        assertThat(shopbridge.post("orders/updated", json(orderBody(id, fields)))).isEqualTo(200);
    }

    private static String orderBody(long id, String fields) {
        return body(id, "'name': '#" + id + "', 'currency': 'EUR', 'total_price': '20.00',"
                + " 'current_total_price': '20.00', 'financial_status': 'paid', 'line_items': [], " + fields);
    }

    private List<JsonNode> crmOne() {
        return shopbridge.crmOne.records("contacts").stream().map(contact -> contact.path("fields")).toList();
    }

    private JsonNode crmOne(String id) {
        return shopbridge.crmOne.records("contacts").stream().filter(contact -> contact.path("id").asText().equals(id))
                .findFirst().orElseThrow().path("fields");
    }

    private List<JsonNode> hubspot() {
        return shopbridge.hubspot.records("contacts").stream().map(contact -> contact.path("properties")).toList();
    }

    private List<String> linkedTo(String crm, String crmId) {
        return shopbridge.jdbc().queryForList("SELECT record_id FROM link WHERE crm = ? AND crm_id = ?",
                String.class, crm, crmId);
    }

    private List<String> openRejections() {
        return shopbridge.jdbc().queryForList("SELECT errors FROM rejected WHERE state = 'open'", String.class);
    }

    private JsonNode held(String crm) {
        ObjectNode page = (ObjectNode) shopbridge.operator("GET", "/api/v1/rejected?outcome=held&crm=" + crm);
        assertThat(page.path("items")).as("%s", page).hasSize(1);
        return page.path("items").get(0);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
