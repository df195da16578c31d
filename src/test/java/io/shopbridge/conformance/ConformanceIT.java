package io.shopbridge.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.conformance.CrmAdapter.Contact;
import io.shopbridge.conformance.CrmAdapter.Order;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.Crms;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.CrmChanges;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.lint.Lint;
import io.shopbridge.map.Field;
import io.shopbridge.map.Mapping;
import io.shopbridge.sandbox.server.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What every CRM folder must do: webhooks in at one end, the CRM's records looked at at the other. Each CRM is an
 * account of its own, fed by a store of its own, in one running application.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConformanceIT {

    /** Every CRM folder; a new one joins here. {@code -Dconformance.only=hubspot} leaves out the others. */
    private static final Map<String, Function<Options, CrmAdapter>> FOLDERS = new TreeMap<>(Map.of(
            "hubspot", HubSpotAdapter::new, "salesforce", SalesforceAdapter::new,
            "pipedrive", PipedriveAdapter::new, "crm-one", CrmOneAdapter::new,
            "tidewater", TidewaterAdapter::new));
    private static final String ONLY = System.getProperty("conformance.only", "");
    private static final Path MORE = Path.of("src/test/resources/conformance/mappings");

    private static final String PHONE = "+15032281234";
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private static List<CrmAdapter> crms;
    private static RunningShopbridge shopbridge;
    private static Path mappings;

    static synchronized Stream<Named<CrmAdapter>> crms() {
        if (crms == null) {
            crms = FOLDERS.entrySet().stream()
                    .filter(folder -> ONLY.isEmpty() || List.of(ONLY.split(",")).contains(folder.getKey()))
                    .map(folder -> folder.getValue()
                            .apply(RunningShopbridge.options())).toList();
            List<String> settings = new ArrayList<>();
            mappings = RunningShopbridge.fastMappings(MORE);
            settings.add("--shopbridge.mappings-dir=" + mappings);
            for (CrmAdapter crm : crms) {
                settings.add("--shopbridge.stores." + crm.folder() + ".domain=" + domain(crm));
                settings.add("--shopbridge.stores." + crm.folder() + ".webhook-secrets=" + RunningShopbridge.SECRET);
                settings.add("--shopbridge.stores." + crm.folder() + ".region=US");
                settings.add("--shopbridge.stores." + crm.folder() + ".crms=" + account(crm));
                String account = "--shopbridge.crms." + account(crm) + ".";
                settings.add(account + "folder=" + crm.folder());
                settings.add(account + "timeout=" + TIMEOUT.toSeconds() + "s");
                crm.settings().forEach((name, value) -> settings.add(account + name + "=" + value));
            }
            shopbridge = RunningShopbridge.with(settings.toArray(String[]::new));
        }
        crms.forEach(crm -> crm.faults().clear());
        return crms.stream().map(crm -> Named.of(crm.folder(), crm));
    }

    /** A CRM of its own, not that of the suite. */
    static CrmAdapter folder(String folder, Options options) {
        return FOLDERS.get(folder).apply(options);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        crms.forEach(CrmAdapter::close);
    }

    // Who is it?

    @ForEveryCrm
    void aContactWithOurKeyIsFoundWhateverItsEmail(CrmAdapter crm) {
        begin(crm);
        String id = crm.add(Contact.of(key(crm, 1), "old@example.com", null, "Ada", "Lovelace"));
        customer(crm, 1, 0, "'email': 'new@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only(crm).id()).isEqualTo(id);
        assertThat(only(crm).email()).isEqualTo("new@example.com");
    }

    @ForEveryCrm
    void aContactWithTheSameEmailIsAdoptedAndKeepsItsOwnName(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeTrue(crm.keys().contains("email"));
        String id = crm.add(Contact.of(null, "ada@example.com", null, "Countess", "King"));
        customer(crm, 1, 0, "'email': 'Ada@Example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only(crm).id()).isEqualTo(id);
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
        assertThat(only(crm).firstName()).isEqualTo("Countess");
    }

    @ForEveryCrm
    void aContactWithTheSamePhoneAndNameIsAdopted(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeTrue(crm.keys().contains("phone"));
        String id = crm.add(Contact.of(null, null, PHONE, "Ada", "Lovelace"));
        customer(crm, 1, 0, "'phone': '(503) 228-1234', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only(crm).id()).isEqualTo(id);
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
    }

    // What is written

    @ForEveryCrm
    void aCustomerIsCreatedWithTheOrderAndItsLines(CrmAdapter crm) {
        begin(crm);
        order(crm, 5, 1, 0);
        shopbridge.awaitIdle();
        assertThat(only(crm)).extracting(Contact::key, Contact::email, Contact::firstName)
                .containsExactly(key(crm, 1), "buyer1@example.com", "Buyer1");
        assertThat(crm.orders()).containsExactly(new Order(crm.orders().get(0).id(), key(crm, 5), only(crm).id(), 2));
    }

    @ForEveryCrm
    void aChangeIsWrittenAndWhatTheCrmsUserChangedStays(CrmAdapter crm) {
        begin(crm);
        customer(crm, 1, 0, "'email': 'one@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        crm.edit(only(crm).id(), Contact.of(null, null, null, "Countess", null));
        customer(crm, 1, 1, "'email': 'two@example.com', 'first_name': 'Adah', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only(crm).email()).isEqualTo("two@example.com");
        assertThat(only(crm).firstName()).isEqualTo("Countess");
    }

    @ForEveryCrm
    void whatChangesNothingCostsNoWrite(CrmAdapter crm) {
        begin(crm);
        order(crm, 5, 1, 0);
        shopbridge.awaitIdle();
        long writes = writes(crm);
        customer(crm, 1, 1, person(1));
        order(crm, 5, 1, 1);
        shopbridge.awaitIdle();
        assertThat(writes(crm)).isEqualTo(writes);
    }

    @ForEveryCrm
    void unicodeArrivesAsItIs(CrmAdapter crm) {
        begin(crm);
        String name = "Zoë \uD83E\uDD8A كريم 李";
        customer(crm, 1, 0, "'email': 'zoe@example.com', 'first_name': '" + name + "', 'last_name': '"
                + "Å".repeat(30) + "'");
        shopbridge.awaitIdle();
        assertThat(only(crm).firstName()).isEqualTo(name);
        assertThat(only(crm).lastName()).isEqualTo("Å".repeat(30));
    }

    @ForEveryCrm
    void aValueOf64KilobytesIsDeliveredOrCutOrRejectedWithASentence(CrmAdapter crm) {
        begin(crm);
        String note = "ä".repeat(64 * 1024);
        customer(crm, 1, 0, "'email': 'ada@example.com', 'note': '" + note + "'");
        customer(crm, 2, 0, "'email': 'grace@example.com'");
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).anyMatch(contact -> key(crm, 2).equals(contact.key()));
        if (crm.contacts().size() == 2) {
            Contact ada = withKey(crm, 1);
            assertThat(ada.note() == null || note.startsWith(ada.note().substring(0, ada.note().length() - 1))).isTrue();
        } else {
            assertThat(rejected(crm)).singleElement().satisfies(one ->
                    assertThat(one.path("errors").toString()).hasSizeBetween(20, 2000));
        }
    }

    // Who the buyers are

    @ForEveryCrm
    void anOrderThatKnowsNothingButTheCustomersIdEmptiesNothing(CrmAdapter crm) {
        begin(crm);
        customer(crm, 1, 0, person(1) + ", 'phone': '" + PHONE + "', 'note': 'likes blue', 'default_address': {"
                + "'address1': '5 High Street', 'city': 'Denver', 'country_code': 'US'}");
        shopbridge.awaitIdle();
        Contact before = only(crm);
        orderOf(crm, 5, "{'id': 7001, 'updated_at': " + time(9) + "}", "'email': 'other@example.com'");
        shopbridge.awaitIdle();
        assertThat(only(crm)).isEqualTo(before);
        assertThat(crm.orders()).singleElement().extracting(Order::contact).isEqualTo(before.id());
    }

    @ForEveryCrm
    void aCustomerWhoseFieldsAreWithheldKeepsThemAndTheOutcomeSaysSo(CrmAdapter crm) {
        begin(crm);
        customer(crm, 1, 0, person(1) + ", 'phone': '" + PHONE + "', 'note': 'n1'");
        shopbridge.awaitIdle();
        Contact before = only(crm);
        double noticed = withheld(crm);
        customer(crm, 1, 1, "'email': null, 'phone': null, 'first_name': null, 'last_name': null, 'addresses': [],"
                + " 'note': 'n2'");
        shopbridge.awaitIdle();
        assertThat(only(crm)).usingRecursiveComparison().ignoringFields("note").isEqualTo(before);
        assertThat(only(crm).note()).isIn(null, "n2");
        assertThat(withheld(crm) - noticed).isEqualTo(1);
        assertThat(lastBecause(crm)).contains("empty, all at once", "protected customer data");

        customer(crm, 1, 2, "'email': 'buyer1@example.com', 'first_name': 'Buyer1', 'last_name': 'One', 'phone': null,"
                + " 'note': null");
        shopbridge.awaitIdle();
        assertThat(only(crm).note()).as("one that a person emptied is empty").isNull();
        assertThat(lastBecause(crm)).isNull();
    }

    @ForEveryCrm
    void aCustomerWhoIsOnlyAnIdIsKnownFromTheOrderUntilATopicSaysMore(CrmAdapter crm) {
        begin(crm);
        orderOf(crm, 5, "{'id': 7001, 'email': null, 'first_name': null, 'last_name': null, 'updated_at': " + time(0)
                + "}", "'email': 'pos11@example.com', 'shipping_address': {'first_name': 'Femi', 'last_name': 'Strand',"
                + " 'city': 'Miami', 'country_code': 'US'}");
        shopbridge.awaitIdle();
        Contact known = only(crm);
        assertThat(known).extracting(Contact::key, Contact::email, Contact::firstName, Contact::lastName)
                .containsExactly(key(crm, 1), "pos11@example.com", "Femi", "Strand");

        // Older than the order, and still the customer's own words.
        customer(crm, 1, 0, "'email': 'femi@example.com', 'first_name': 'Femi', 'last_name': 'Strand', 'phone': '"
                + PHONE + "'");
        shopbridge.awaitIdle();
        assertThat(only(crm)).extracting(Contact::id, Contact::email, Contact::phone)
                .containsExactly(known.id(), "femi@example.com", PHONE);
    }

    @ForEveryCrm
    void aGuestWhoLaterHasAnAccountStaysOneContact(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeTrue(crm.keys().contains("email"));
        orderOf(crm, 5, "null", "'email': 'femi@example.com', 'billing_address': {'first_name': 'Femi', 'last_name':"
                + " 'Strand'}");
        shopbridge.awaitIdle();
        String id = only(crm).id();
        customer(crm, 1, 1, "'email': 'femi@example.com', 'first_name': 'Femi', 'last_name': 'Strand'");
        shopbridge.awaitIdle();
        assertThat(only(crm)).extracting(Contact::id, Contact::key).containsExactly(id, key(crm, 1));
    }

    @ForEveryCrm
    void theOldestAddressCountsWhereNoneIsTheDefault(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(account(crm)).mapping("customer").orElseThrow()
                .mentions("default_address"));
        customer(crm, 1, 0, person(1) + ", 'phone': null, 'addresses': [{'id': 12, 'address1': '2 Quay', 'phone':"
                + " '+15032285678', 'default': false}, {'id': 9, 'address1': '1 Quay', 'phone': '" + PHONE
                + "', 'default': false}]");
        shopbridge.awaitIdle();
        assertThat(only(crm).phone()).isEqualTo(PHONE);
    }

    @ForEveryCrm
    void aCompanyThatIsKnownAfterItsOrderIsThatOrdersCompany(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(account(crm)).mapping("company").isPresent());
        orderOf(crm, 5, "{'id': 7001, 'updated_at': " + time(0) + ", " + person(1) + "}",
                "'company': {'id': 311, 'location_id': 321}");
        shopbridge.awaitIdle();
        post(crm, "companies/create", "{'name': 'Reyes Supply', 'created_at': " + time(0) + ", 'updated_at': " + time(1)
                + ", 'admin_graphql_api_id': 'gid://shopify/Company/311', 'main_contact_admin_graphql_api_id': null}");
        shopbridge.awaitIdle();
        String company = shopbridge.jdbc().queryForObject(
                "SELECT crm_id FROM link WHERE crm = ? AND entity = 'company'", String.class, account(crm));
        assertThat(crm.orders()).singleElement().extracting(crm::companyOf).isEqualTo(company);
    }

    @ForEveryCrm
    void anOrderThatWaitsForARejectedContactSaysSoWithItsNumber(CrmAdapter crm) {
        begin(crm);
        customer(crm, 1, 0, person(1) + ", " + crm.refused());
        shopbridge.awaitIdle();
        orderOf(crm, 5, "{'id': 7001}", "'tags': ''");
        await().atMost(PATIENCE).untilAsserted(() -> {
            shopbridge.letTimePass();
            assertThat(shopbridge.jdbc().queryForList("SELECT because FROM work WHERE entity = 'order'", String.class))
                    .singleElement().asString()
                    .contains("is rejected, number " + rejected(crm).get(0).path("id").asText());
        });
    }

    // Consent

    @ForEveryCrm
    void aNoIsToldThoughItsCustomerWasDeletedAndNothingElseIs(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeFalse(consents(crm, "email").isEmpty(), "this CRM has no field for the consent");
        customer(crm, 1, 0, person(1) + ", " + consent("email", "subscribed", 0) + ", " + consent("sms", "subscribed", 0));
        shopbridge.awaitIdle();
        assertThat(noes(crm, "email")).isEmpty();
        Map<String, JsonNode> before = only(crm, consents(crm, "email"));
        together(crm, () -> {
            customer(crm, 1, 5, "'email': 'other@example.com', 'last_name': 'Other', 'note': 'new', "
                    + consent("email", "unsubscribed", 5) + ", " + consent("sms", "pending", 5));
            post(crm, "customers/delete", "{'id': 7001}");
        });
        shopbridge.awaitIdle();
        assertThat(noes(crm, "email")).containsExactlyElementsOf(consents(crm, "email"));
        assertThat(only(crm, consents(crm, "email"))).isEqualTo(before);
        assertThat(lastBecause(crm)).startsWith("deleted in Shopify").contains("unsubscription is written all the same");
        long calls = calls(crm);
        post(crm, "customers/delete", "{'id': 7001, 'admin_graphql_api_id': 'gid://shopify/Customer/7001'}");
        shopbridge.awaitIdle();
        assertThat(calls(crm)).as("it is told once").isEqualTo(calls);
    }

    @ForEveryCrm
    void aNoOutlivesADeletedCustomerWhileTheCrmIsAway(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeFalse(consents(crm, "email").isEmpty(), "this CRM has no field for the consent");
        customer(crm, 1, 0, person(1) + ", " + consent("email", "subscribed", 0));
        shopbridge.awaitIdle();
        crm.faults().answer(500, null, 1000);
        together(crm, () -> {
            post(crm, "customers_email_marketing_consent/update", "{'customer_id': 7001, "
                    + consent("email", "unsubscribed", 5) + "}");
            post(crm, "customers/delete", "{'id': 7001}");
        });
        await().atMost(PATIENCE).until(() -> shopbridge.count(
                "SELECT count(*) FROM work WHERE claimed_by IS NULL AND because IS NOT NULL") == 1);
        crm.faults().clear();
        settle();
        assertThat(noes(crm, "email")).containsExactlyElementsOf(consents(crm, "email"));
    }

    @ForEveryCrm
    void aWordThatNobodyKnowsCostsItsOwnChannelAlone(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeFalse(consents(crm, "sms").isEmpty(), "this CRM has no field for the consent");
        customer(crm, 1, 0, person(1) + ", " + consent("email", "subscribed", 0) + ", " + consent("sms", "unsubscribed", 0));
        shopbridge.awaitIdle();
        customer(crm, 1, 5, person(1) + ", 'last_name': 'Other', " + consent("email", "unsubscribed", 5) + ", "
                + consent("sms", "pending_review", 5));
        shopbridge.awaitIdle();
        assertThat(noes(crm, "email")).containsExactlyElementsOf(consents(crm, "email"));
        assertThat(noes(crm, "sms")).as("an unreadable word is no yes").containsExactlyElementsOf(consents(crm, "sms"));
        assertThat(lastBecause(crm)).contains("without " + consents(crm, "sms").get(0)
                + ": \"pending_review\" is not in tables/");
        assertThat(rejected(crm)).isEmpty();
        assertThat(shopbridge.operator("GET", "/api/v1/left-out?crm=" + account(crm)).at("/items/0/fields").toString())
                .contains(consents(crm, "sms").get(0)).doesNotContain(consents(crm, "email").get(0));
    }

    /** The CRM's fields that say whether a person agreed to this channel, and take a no. */
    private static List<String> consents(CrmAdapter crm, String channel) {
        return shopbridge.bean(Crms.class).get(account(crm)).mapping("customer").orElseThrow().fields().stream()
                .filter(field -> field.isConsent() && field.mentions(channel + "_marketing_consent"))
                .map(Field::name).filter(name -> !name.equals("marketing_status")).toList();
    }

    /** Those that say no in the only contact. */
    private static List<String> noes(CrmAdapter crm, String channel) {
        Mapping mapping = shopbridge.bean(Crms.class).get(account(crm)).mapping("customer").orElseThrow();
        ObjectNode contact = crm.records(mapping.object()).get(0);
        return consents(crm, channel).stream()
                .filter(name -> mapping.field(crm.folder(), name).saysNo(contact.get(name))).toList();
    }

    /** All of the only contact but these fields, and what the CRM itself says of its last change. */
    private static Map<String, JsonNode> only(CrmAdapter crm, List<String> without) {
        Mapping mapping = shopbridge.bean(Crms.class).get(account(crm)).mapping("customer").orElseThrow();
        assertThat(crm.records(mapping.object())).hasSize(1);
        ObjectNode contact = crm.records(mapping.object()).get(0);
        Map<String, JsonNode> rest = new TreeMap<>();
        mapping.fieldNames().stream().filter(field -> !without.contains(field) && !field.equals("marketing_status"))
                .forEach(field -> rest.put(field, contact.path(field)));
        return rest;
    }

    private static String consent(String channel, String state, int minute) {
        return "'" + channel + "_marketing_consent': {'state': '" + state + "', 'opt_in_level': 'single_opt_in',"
                + " 'consent_updated_at': " + time(minute) + "}";
    }

    // What goes wrong with records

    @ForEveryCrm
    void oneBadRecordIsRejectedAloneAndSaysWhy(CrmAdapter crm) {
        begin(crm);
        together(crm, () -> {
            for (int i = 1; i <= 20; i++) {
                customer(crm, i, 0, "'email': 'buyer" + i + "@example.com', 'last_name': 'Buyer'"
                        + (i == 13 ? ", " + crm.refused() : ""));
            }
        });
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).hasSize(19);
        assertThat(rejected(crm)).singleElement().satisfies(one -> {
            assertThat(one.path("record").asText()).contains("7013");
            assertThat(one.path("errors").toString()).hasSizeBetween(10, 2000);
        });
    }

    @ForEveryCrm
    void aBatchThatIsRefusedWholeIsTriedInHalves(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeTrue(crm.batch() > 1, "this CRM takes one record a call");
        crm.faults().answer(400, null, 1, crm.creates());
        together(crm, () -> {
            for (int i = 1; i <= 20; i++) {
                customer(crm, i, 0, person(i));
            }
        });
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).hasSize(20);
        assertThat(rejected(crm)).isEmpty();
    }

    @ForEveryCrm
    void aValueThatMustBeUniqueAndIsTakenEndsWithASentence(CrmAdapter crm) {
        begin(crm);
        customer(crm, 1, 0, person(1));
        customer(crm, 2, 0, person(2));
        shopbridge.awaitIdle();
        customer(crm, 2, 1, "'email': 'buyer1@example.com', 'first_name': 'Buyer2'");
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).hasSize(2);
        assertThat(withKey(crm, 1).email()).isEqualTo("buyer1@example.com");
        if (withKey(crm, 2).email().equals("buyer2@example.com")) {
            assertThat(rejected(crm)).singleElement().satisfies(one ->
                    assertThat(one.path("errors").toString()).contains(withKey(crm, 1).id()));
        }
    }

    @ForEveryCrm
    void aRecordThatAppearsBetweenLookAndWriteIsNotMadeTwice(CrmAdapter crm) {
        begin(crm);
        Assumptions.assumeTrue(crm.keys().contains("email"));
        Crm ours = shopbridge.bean(Crms.class).get(account(crm));
        // Where one list answers all that is asked, and nothing is unique, it must be there before that is answered.
        boolean looksOnce = ours.listed(ours.mapping("customer").orElseThrow().object()).isPresent()
                && !ours.keepsKeysUnique();
        long before = calls(crm);
        if (looksOnce) {
            crm.faults().latency(Duration.ofMillis(700));
        } else {
            crm.faults().hang(Duration.ofMillis(700), 3);
        }
        customer(crm, 1, 0, person(1));
        await().until(() -> calls(crm) > before);
        if (looksOnce) {
            crm.faults().clear();
        }
        crm.add(Contact.of(key(crm, 1), "buyer1@example.com", null, "Countess", null));
        settle();
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
    }

    @ForEveryCrm
    void whatAUserDeletedInTheCrmIsMadeAnewWhenItChanges(CrmAdapter crm) {
        begin(crm);
        order(crm, 5, 1, 0);
        shopbridge.awaitIdle();
        crm.delete(only(crm).id());
        customer(crm, 1, 1, "'email': 'again@example.com', 'first_name': 'Again', 'last_name': 'One'");
        settle();
        assertThat(only(crm)).extracting(Contact::key, Contact::email).containsExactly(key(crm, 1), "again@example.com");
    }

    @ForEveryCrm
    void aNewOrderBringsBackWhomAUserDeletedInTheCrm(CrmAdapter crm) {
        begin(crm);
        order(crm, 5, 1, 0);
        shopbridge.awaitIdle();
        crm.delete(only(crm).id());
        order(crm, 6, 1, 0);
        settle();
        assertThat(rejected(crm)).isEmpty();
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
        assertThat(crm.orders()).filteredOn(order -> key(crm, 6).equals(order.key())).singleElement()
                .satisfies(order -> assertThat(order.contact()).isEqualTo(only(crm).id()));
    }

    @ForEveryCrm
    void whatAUserMergedInTheCrmIsFollowed(CrmAdapter crm) {
        begin(crm);
        customer(crm, 1, 0, person(1));
        customer(crm, 2, 0, person(2));
        shopbridge.awaitIdle();
        crm.merge(withKey(crm, 1).id(), withKey(crm, 2).id());
        customer(crm, 1, 1, "'email': 'buyer1@example.com', 'first_name': 'Buyer1', 'last_name': 'Changed', 'note': 'x'");
        settle();
        assertThat(only(crm)).extracting(Contact::key, Contact::email)
                .containsExactly(key(crm, 1), "buyer1@example.com");
    }

    // What goes wrong with calls

    @ForEveryCrm
    void aLostAnswerMakesNothingTwice(CrmAdapter crm) {
        begin(crm);
        crm.faults().loseAnswers(1);
        order(crm, 5, 1, 0);
        settle();
        crm.faults().loseAnswers(2);
        order(crm, 6, 2, 0);
        settle();
        assertThat(crm.contacts()).extracting(Contact::key).containsExactlyInAnyOrder(key(crm, 1), key(crm, 2));
        assertThat(crm.orders()).extracting(Order::key).containsExactlyInAnyOrder(key(crm, 5), key(crm, 6));
        assertThat(crm.orders()).allSatisfy(order -> {
            assertThat(order.contact()).isNotNull();
            assertThat(order.lines()).isEqualTo(2);
        });
    }

    @ForEveryCrm
    void anAnswerThatComesTooLateMakesNothingTwice(CrmAdapter crm) {
        begin(crm);
        crm.faults().hang(TIMEOUT.plusSeconds(1), 2);
        customer(crm, 1, 0, person(1));
        settle();
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
    }

    @ForEveryCrm
    void nobodyKnocksBeforeTheTimeThatTheCrmNamed(CrmAdapter crm) {
        begin(crm);
        crm.faults().answer(429, 3, 1);
        customer(crm, 1, 0, person(1));
        await().atMost(PATIENCE).until(() -> paused(crm));
        await().until(() -> shopbridge.count("SELECT count(*) FROM work WHERE claimed_by IS NOT NULL") == 0);
        long calls = calls(crm);
        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(4)).until(() -> calls(crm) == calls);
        shopbridge.awaitIdle();
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
    }

    @ForEveryCrm
    void aWriteThatMeetsABusyCrmWaitsTheTimeThatItNamed(CrmAdapter crm) {
        begin(crm);
        crm.faults().answer(429, 2, 1, crm.creates());
        customer(crm, 1, 0, person(1));
        await().atMost(PATIENCE).until(() -> paused(crm));
        shopbridge.awaitIdle();
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
    }

    @ForEveryCrm
    void aCrmThatIsBusyWithoutSayingHowLongIsTriedAgain(CrmAdapter crm) {
        begin(crm);
        crm.faults().answer(429, null, 1);
        customer(crm, 1, 0, person(1));
        settle();
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
    }

    @ForEveryCrm
    void aShortFaultIsRetriedWithinSeconds(CrmAdapter crm) {
        begin(crm);
        crm.faults().answer(500, null, 2);
        customer(crm, 1, 0, person(1));
        shopbridge.awaitIdle();
        assertThat(only(crm).key()).isEqualTo(key(crm, 1));
    }

    @ForEveryCrm
    void aTokenThatIsRefusedPausesTheCrmAndLosesNothing(CrmAdapter crm) {
        begin(crm);
        crm.refuseToken();
        customer(crm, 1, 0, person(1));
        await().atMost(PATIENCE).until(() -> paused(crm));
        customer(crm, 2, 0, person(2));
        crm.acceptToken();
        settle();
        assertThat(crm.contacts()).hasSize(2);
    }

    @ForEveryCrm
    void aTokenThatExpiresIsRenewedWithoutAnybodysDoing(CrmAdapter crm) {
        begin(crm);
        customer(crm, 1, 0, person(1));
        shopbridge.awaitIdle();
        Assumptions.assumeTrue(crm.expireToken(), "tokens of this CRM have no end");
        customer(crm, 2, 0, person(2));
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).hasSize(2);
    }

    // What the CRM tells and forgets

    @ForEveryCrm
    void changesAreToldOverSeveralPagesEachOnce(CrmAdapter crm) {
        begin(crm);
        Crm account = shopbridge.bean(Crms.class).get(account(crm));
        Assumptions.assumeTrue(account.can(Operation.CHANGED, object(account)), "this folder has no operation changed");
        together(crm, () -> IntStream.rangeClosed(1, 550).parallel().forEach(i -> customer(crm, i, 0, person(i))));
        shopbridge.awaitIdle();
        List<CrmRecord> told = new ArrayList<>();
        Instant latest = changes(account, Instant.parse("2020-01-01T00:00:00Z"), told);
        assertThat(told.stream().map(CrmRecord::id).distinct()).hasSize(550);
        assertThat(told).hasSize(550);
        assertThat(told.stream().map(record -> record.values().updatedAt()).distinct().count())
                .as("several changed in the same moment").isLessThan(550);

        Instant later = latest.plus(crm.moment());
        await().until(() -> Instant.now().isAfter(later));
        Contact edited = withKey(crm, 7);
        crm.edit(edited.id(), Contact.of(null, null, null, "Countess", null));
        List<CrmRecord> since = new ArrayList<>();
        changes(account, later, since);
        assertThat(since).extracting(CrmRecord::id).containsExactly(edited.id());
        List<CrmRecord> again = new ArrayList<>();
        changes(account, latest, again);
        assertThat(again).as("what changed in the latest moment itself is told again").hasSizeGreaterThan(1);
    }

    @ForEveryCrm
    void aPersonIsErased(CrmAdapter crm) {
        begin(crm);
        Crm account = shopbridge.bean(Crms.class).get(account(crm));
        Assumptions.assumeTrue(account.can(Operation.ERASE, object(account)), "this folder has no operation erase");
        customer(crm, 1, 0, person(1));
        customer(crm, 2, 0, person(2));
        shopbridge.awaitIdle();
        String id = withKey(crm, 1).id();
        CrmCall erase = CrmCall.erase(account, object(account), id);
        shopbridge.bean(CrmClient.class).call(erase);
        assertThat(only(crm).key()).isEqualTo(key(crm, 2));
        assertThatThrownBy(() -> shopbridge.bean(CrmClient.class).call(erase)).as("nobody is left to erase")
                .isInstanceOf(CrmGone.class);
    }

    @ForEveryCrm
    void theFolderPassesTheLinterAndItsOwnTests(CrmAdapter crm) {
        assertThat(Lint.mappings(mappings)).filteredOn(fault -> fault.file().startsWith(crm.folder() + "/")).isEmpty();
    }

    private static String object(Crm account) {
        return account.mapping("customer").orElseThrow().object();
    }

    private static Instant changes(Crm account, Instant since, List<CrmRecord> told) {
        return shopbridge.bean(CrmChanges.class).since(account, account.mapping("customer").orElseThrow(), since,
                told::addAll);
    }

    // Many

    /** More than one batch and one claim hold; -Dconformance.customers=5000 takes longer and shows the same. */
    @ForEveryCrm
    void manyCustomersArriveOnceEach(CrmAdapter crm) {
        begin(crm);
        int customers = Integer.getInteger("conformance.customers", crm.batch() > 1 ? 1_000 : 300);
        IntStream.rangeClosed(1, customers).parallel().forEach(i -> customer(crm, i, 0, person(i)));
        await().atMost(Duration.ofSeconds(120)).pollInterval(Duration.ofMillis(100)).until(() ->
                shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                        && shopbridge.count("SELECT count(*) FROM work") == 0);
        List<Contact> contacts = crm.contacts();
        assertThat(contacts).hasSize(customers);
        assertThat(contacts.stream().map(Contact::key).distinct()).hasSize(customers);
    }

    // What all of the above asked

    @ForEveryCrm
    @org.junit.jupiter.api.Order(Integer.MAX_VALUE)
    void everyRequestWasAsTheCrmsMakerDescribesIt(CrmAdapter crm) {
        Optional<List<String>> breaches = crm.breaches();
        Assumptions.assumeTrue(breaches.isPresent(), "no description of this CRM's API is at hand");
        assertThat(breaches.orElseThrow()).isEmpty();
    }

    // How the tests speak

    private static String account(CrmAdapter crm) {
        return "tested-" + crm.folder();
    }

    private static String domain(CrmAdapter crm) {
        return crm.folder() + ".myshopify.com";
    }

    private static String key(CrmAdapter crm, int number) {
        return crm.folder() + ":" + (7000 + number);
    }

    private static void begin(CrmAdapter crm) {
        crm.acceptToken();
        crm.faults().clear();
        shopbridge.reset();
        crm.clear();
    }

    /** Lets all waits pass until there is nothing left to do. */
    private static void settle() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
            if (shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                    && shopbridge.count("SELECT count(*) FROM work") == 0) {
                return true;
            }
            // A claim that may hide a create is honoured for a while; here that while is over.
            shopbridge.jdbc().update("UPDATE identity_claim SET claimed_at = claimed_at - interval '30 seconds'");
            shopbridge.letTimePass();
            return false;
        });
    }

    /** Lets these events gather, so that the CRM gets them in one batch. */
    private static void together(CrmAdapter crm, Runnable events) {
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES (?, clock_timestamp() + interval '1 hour', 'a test')",
                account(crm));
        events.run();
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.jdbc().update("DELETE FROM crm_pause");
    }

    private static boolean paused(CrmAdapter crm) {
        return shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = ?", account(crm)) == 1;
    }

    private static long calls(CrmAdapter crm) {
        return crm.calls().values().stream().mapToLong(Long::longValue).sum();
    }

    private static long writes(CrmAdapter crm) {
        return crm.calls().entrySet().stream().filter(call -> crm.isWrite(call.getKey()))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private static Contact only(CrmAdapter crm) {
        assertThat(crm.contacts()).hasSize(1);
        return crm.contacts().get(0);
    }

    private static Contact withKey(CrmAdapter crm, int number) {
        return crm.contacts().stream().filter(contact -> key(crm, number).equals(contact.key())).findFirst()
                .orElseThrow(() -> new AssertionError("No contact has our key " + key(crm, number)));
    }

    /** What the operator sees as open for this CRM. */
    private static List<JsonNode> rejected(CrmAdapter crm) {
        JsonNode page = shopbridge.operator("GET", "/api/v1/rejected");
        return StreamSupport.stream(page.path("items").spliterator(), false)
                .filter(one -> one.path("crm").asText().equals(account(crm))).toList();
    }

    private static String person(int number) {
        return "'email': 'buyer" + number + "@example.com', 'first_name': 'Buyer" + number + "', 'last_name': 'One'";
    }

    private static void customer(CrmAdapter crm, int number, int minute, String fields) {
        post(crm, "customers/update", "{'id': " + (7000 + number) + ", 'created_at': " + time(0) + ", 'updated_at': "
                + time(minute) + ", " + fields + "}");
    }

    private static void order(CrmAdapter crm, int number, int buyer, int minute) {
        post(crm, "orders/updated", "{'id': " + (7000 + number) + ", 'name': '#" + number + "', 'currency': 'EUR',"
                + " 'total_price': '20.00', 'current_total_price': '20.00', 'financial_status': 'paid', 'created_at': "
                + time(0) + ", 'updated_at': " + time(minute) + ", 'customer': {'id': " + (7000 + buyer)
                + ", 'created_at': " + time(0) + ", 'updated_at': " + time(minute) + ", " + person(buyer) + "},"
                + " 'line_items': [{'id': " + number + "1, 'name': 'Mug', 'price': '5.00', 'quantity': 2,"
                + " 'current_quantity': 2}, {'id': " + number + "2, 'name': 'Shirt', 'price': '10.00', 'quantity': 1,"
                + " 'current_quantity': 1}]}");
    }

    private static void orderOf(CrmAdapter crm, int number, String customer, String fields) {
        post(crm, "orders/create", "{'id': " + (7000 + number) + ", 'name': '#" + number + "', 'currency': 'EUR',"
                + " 'total_price': '5.00', 'current_total_price': '5.00', 'financial_status': 'paid', 'created_at': "
                + time(0) + ", 'updated_at': " + time(5) + ", 'customer': " + customer + ", " + fields
                + ", 'line_items': [{'id': " + number
                + "1, 'name': 'Mug', 'price': '5.00', 'quantity': 1, 'current_quantity': 1}]}");
    }

    /** Of the newest outcome; null: it has none. */
    private static String lastBecause(CrmAdapter crm) {
        return shopbridge.jdbc().queryForObject(
                "SELECT because FROM outcome WHERE crm = ? ORDER BY id DESC LIMIT 1", String.class, account(crm));
    }

    private static double withheld(CrmAdapter crm) {
        return shopbridge.bean(MeterRegistry.class).counter("shopbridge.customers.withheld", "store", crm.folder())
                .count();
    }

    private static void post(CrmAdapter crm, String topic, String body) {
        assertThat(shopbridge.postTo(crm.folder(), domain(crm), topic, body.replace('\'', '"'))).isEqualTo(200);
    }

    private static String time(int minute) {
        return "'2026-11-01T10:%02d:00Z'".formatted(minute);
    }
}
