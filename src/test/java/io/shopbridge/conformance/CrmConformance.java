package io.shopbridge.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.deliver.SentAsMapPrints;
import io.shopbridge.identify.CrmChanges;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.inbox.Inbox;
import io.shopbridge.lint.Lint;
import io.shopbridge.map.Field;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.Owner;
import io.shopbridge.map.Values;
import io.shopbridge.reconcile.Drift;
import io.shopbridge.reconcile.NightlyReconciliations;
import io.shopbridge.reconcile.Reconciliation;
import io.shopbridge.reconcile.Reconciliations;
import io.shopbridge.reconcile.Reconciling;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.shopify.ApiAnswer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every CRM folder must do: webhooks in at one end, the CRM's records looked at at the other. Each CRM has a class
 * that hands its adapter over, and so a Shopbridge of its own, whose only CRM it is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class CrmConformance {

    private static final Path ANSWERED_ORDER = Path.of("mappings/shopify/samples/order-answer.json");
    private static final Path MORE = Path.of("src/test/resources/conformance/mappings");
    /** Fewer writes than this, and the recorder would have missed most. */
    private static final int FEWEST = 40;
    private static final int EVENTS = 150;
    private static final String EMAIL = "'first_name': 'Buyer', 'last_name': 'One', 'email': ";
    private static final String PARENT = "{'namespace': 'custom', 'key': 'parent_company', ";
    private static final String PHONE = "+15032281234";
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final Function<Options, CrmAdapter> adapter;
    private CrmAdapter crm;
    private RunningShopbridge shopbridge;
    private SentAsMapPrints sent;
    private Path mappings;

    CrmConformance(Function<Options, CrmAdapter> adapter) {
        this.adapter = adapter;
    }

    @BeforeAll
    void start() {
        crm = adapter.apply(RunningShopbridge.options());
        mappings = RunningShopbridge.fastMappings(MORE);
        shopbridge = crm.feed(mappings, "timeout=" + TIMEOUT.toSeconds() + "s");
        sent = SentAsMapPrints.recordedAt(shopbridge);
    }

    @AfterEach
    void everyWriteIsWhatMapPrints() throws JsonProcessingException {
        crm.acceptToken();
        crm.faults().clear();
        sent.check();
    }

    @AfterAll
    void stop() {
        shopbridge.close();
        crm.close();
    }

    @BeforeEach
    void begin() {
        crm.acceptToken();
        crm.faults().clear();
        shopbridge.reset();
        crm.clear();
    }

    /** Run again by itself after it failed, a test of all the others would pass. */
    @Test
    @org.junit.jupiter.api.Order(Integer.MAX_VALUE)
    void theWritesOfAllTheseTestsWereCompared() {
        assertThat(sent.compared()).isGreaterThan(FEWEST);
    }

    // Who is it?

    @Test
    void aContactWithOurKeyIsFoundWhateverItsEmail() {
        String id = crm.add(Contact.of(key(1), "old@example.com", null, "Ada", "Lovelace"));
        customer(1, 0, "'email': 'new@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only().id()).isEqualTo(id);
        assertThat(only().email()).isEqualTo("new@example.com");
    }

    @Test
    void aContactWithTheSameEmailIsAdoptedAndKeepsItsOwnName() {
        Assumptions.assumeTrue(crm.keys().contains("email"));
        String id = crm.add(Contact.of(null, "ada@example.com", null, "Countess", "King"));
        customer(1, 0, "'email': 'Ada@Example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only().id()).isEqualTo(id);
        assertThat(only().key()).isEqualTo(key(1));
        assertThat(only().firstName()).isEqualTo("Countess");
    }

    @Test
    void aContactWithTheSamePhoneAndNameIsAdopted() {
        Assumptions.assumeTrue(crm.keys().contains("phone"));
        String id = crm.add(Contact.of(null, null, PHONE, "Ada", "Lovelace"));
        customer(1, 0, "'phone': '(503) 228-1234', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only().id()).isEqualTo(id);
        assertThat(only().key()).isEqualTo(key(1));
    }

    // What is written

    @Test
    void aCustomerIsCreatedWithTheOrderAndItsLines() {
        order(5, 1, 0);
        shopbridge.awaitIdle();
        assertThat(only()).extracting(Contact::key, Contact::email, Contact::firstName)
                .containsExactly(key(1), "buyer1@example.com", "Buyer1");
        assertThat(crm.orders()).containsExactly(new Order(crm.orders().get(0).id(), key(5), only().id(), 2));
    }

    @Test
    void aChangeIsWrittenAndWhatTheCrmsUserChangedStays() {
        customer(1, 0, "'email': 'one@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        crm.edit(only().id(), Contact.of(null, null, null, "Countess", null));
        customer(1, 1, "'email': 'two@example.com', 'first_name': 'Adah', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only().email()).isEqualTo("two@example.com");
        assertThat(only().firstName()).isEqualTo("Countess");
    }

    @Test
    void whatChangesNothingCostsNoWrite() {
        order(5, 1, 0);
        shopbridge.awaitIdle();
        long writes = writes();
        customer(1, 1, person(1));
        order(5, 1, 1);
        shopbridge.awaitIdle();
        assertThat(writes()).isEqualTo(writes);
        assertThat(inExplanations()).as("fields of which it is said that they are not as they must be").isEmpty();
    }

    private List<String> inExplanations() {
        List<String> wrong = new ArrayList<>();
        for (Map<String, Object> link : shopbridge.jdbc().queryForList("SELECT * FROM link")) {
            JsonNode explanation = shopbridge.operator("GET", "/api/v1/explanations?crm=" + link.get("crm") + "&store="
                    + link.get("store") + "&record=" + link.get("entity") + "/" + link.get("record_id"));
            explanation.path("fields").forEach(field -> {
                if (field.path("would_write").asBoolean() || field.path("because").asText().contains("nothing makes it due")) {
                    wrong.add(explanation.path("record").asText() + " " + field);
                }
            });
        }
        return wrong;
    }

    @Test
    void unicodeArrivesAsItIs() {
        String name = "Zoë \uD83E\uDD8A كريم 李";
        customer(1, 0, "'email': 'zoe@example.com', 'first_name': '" + name + "', 'last_name': '"
                + "Å".repeat(30) + "'");
        shopbridge.awaitIdle();
        assertThat(only().firstName()).isEqualTo(name);
        assertThat(only().lastName()).isEqualTo("Å".repeat(30));
    }

    @Test
    void aValueOf64KilobytesIsDeliveredOrCutOrRejectedWithASentence() {
        String note = "ä".repeat(64 * 1024);
        customer(1, 0, "'email': 'ada@example.com', 'note': '" + note + "'");
        customer(2, 0, "'email': 'grace@example.com'");
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).anyMatch(contact -> key(2).equals(contact.key()));
        if (crm.contacts().size() == 2) {
            Contact ada = withKey(1);
            assertThat(ada.note() == null || note.startsWith(ada.note().substring(0, ada.note().length() - 1))).isTrue();
        } else {
            assertThat(rejected()).singleElement().satisfies(one ->
                    assertThat(one.path("errors").toString()).hasSizeBetween(20, 2000));
        }
    }

    // Who the buyers are

    @Test
    void anOrderThatKnowsNothingButTheCustomersIdEmptiesNothing() {
        customer(1, 0, person(1) + ", 'phone': '" + PHONE + "', 'note': 'likes blue', 'default_address': {"
                + "'address1': '5 High Street', 'city': 'Denver', 'country_code': 'US'}");
        shopbridge.awaitIdle();
        Contact before = only();
        orderOf(5, "{'id': 7001, 'updated_at': " + time(9) + "}", "'email': 'other@example.com'");
        shopbridge.awaitIdle();
        assertThat(only()).isEqualTo(before);
        assertThat(crm.orders()).singleElement().extracting(Order::contact).isEqualTo(before.id());
    }

    @Test
    void aCustomerWhoseFieldsAreWithheldKeepsThemAndTheOutcomeSaysSo() {
        customer(1, 0, person(1) + ", 'phone': '" + PHONE + "', 'note': 'n1'");
        shopbridge.awaitIdle();
        Contact before = only();
        double noticed = withheld();
        customer(1, 1, "'email': null, 'phone': null, 'first_name': null, 'last_name': null, 'addresses': [],"
                + " 'note': 'n2'");
        shopbridge.awaitIdle();
        assertThat(only()).usingRecursiveComparison().ignoringFields("note").isEqualTo(before);
        assertThat(only().note()).isIn(null, "n2");
        assertThat(withheld() - noticed).isEqualTo(1);
        assertThat(lastBecause()).contains("without e-mail, names, phone and address", "protected customer data");

        customer(1, 2, "'email': 'buyer1@example.com', 'first_name': 'Buyer1', 'last_name': 'One', 'phone': null,"
                + " 'note': null");
        shopbridge.awaitIdle();
        assertThat(only().note()).as("one that a person emptied is empty").isNull();
        assertThat(lastBecause()).isNull();
    }

    @Test
    void aCustomerWhoIsOnlyAnIdIsKnownFromTheOrderUntilATopicSaysMore() {
        orderOf(5, "{'id': 7001, 'email': null, 'first_name': null, 'last_name': null, 'updated_at': " + time(0)
                + "}", "'email': 'pos11@example.com', 'shipping_address': {'first_name': 'Femi', 'last_name': 'Strand',"
                + " 'city': 'Miami', 'country_code': 'US'}");
        shopbridge.awaitIdle();
        Contact known = only();
        assertThat(known).extracting(Contact::key, Contact::email, Contact::firstName, Contact::lastName)
                .containsExactly(key(1), "pos11@example.com", "Femi", "Strand");

        // Older than the order, and still the customer's own words.
        customer(1, 0, "'email': 'femi@example.com', 'first_name': 'Femi', 'last_name': 'Strand', 'phone': '"
                + PHONE + "'");
        shopbridge.awaitIdle();
        assertThat(only()).extracting(Contact::id, Contact::email, Contact::phone)
                .containsExactly(known.id(), "femi@example.com", PHONE);
    }

    @Test
    void aGuestWhoLaterHasAnAccountStaysOneContact() {
        Assumptions.assumeTrue(crm.keys().contains("email"));
        orderOf(5, "null", "'email': 'femi@example.com', 'billing_address': {'first_name': 'Femi', 'last_name':"
                + " 'Strand'}");
        shopbridge.awaitIdle();
        String id = only().id();
        customer(1, 1, "'email': 'femi@example.com', 'first_name': 'Femi', 'last_name': 'Strand'");
        shopbridge.awaitIdle();
        assertThat(only()).extracting(Contact::id, Contact::key).containsExactly(id, key(1));
    }

    @Test
    void whoWaitedForAnotherWithTheSamePhoneIsNotTakenForOneThatMayHaveBeenCreated() {
        Assumptions.assumeTrue(crm.keys().contains("phone"));
        together(() -> {
            customer(1, 0, person(1) + ", 'phone': '" + PHONE + "'");
            customer(2, 0, person(2) + ", 'phone': '" + PHONE + "'");
        });
        await().atMost(PATIENCE).until(() -> {
            assertThat(shopbridge.count("SELECT count(*) FROM work WHERE because LIKE '%answer was lost%'")).isZero();
            return shopbridge.count("SELECT count(*) FROM work") == 0;
        });
        assertThat(crm.contacts()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofOnePersonsRecordsInOneBatchTheAccountsPhoneCounts(boolean guestFirst) {
        Assumptions.assumeTrue(crm.keys().contains("email"));
        customerAndGuest();
        together(() -> {
            if (guestFirst) {
                guestWithPhone(1);
            }
            customer(1, 1, person(1) + ", 'phone': '" + PHONE + "'");
            if (!guestFirst) {
                guestWithPhone(1);
            }
        });
        shopbridge.awaitIdle();
        assertThat(only().phone()).isEqualTo(PHONE);
    }

    @Test
    void ofOnePersonsRecordsAtOneTimeTheAccountsPhoneCounts() {
        Assumptions.assumeTrue(crm.keys().contains("email"));
        customerAndGuest();
        crm.faults().latency(Duration.ofMillis(800));
        customer(1, 1, person(1) + ", 'phone': '" + PHONE + "'");
        await().atMost(PATIENCE).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE claimed_by IS NOT NULL") == 1);
        guestWithPhone(1);
        shopbridge.awaitIdle();
        assertThat(only().phone()).isEqualTo(PHONE);
    }

    /** One contact, of which both are known. */
    private void customerAndGuest() {
        customer(1, 0, person(1));
        shopbridge.awaitIdle();
        orderOf(5, "null", "'email': 'buyer1@example.com', 'billing_address': {'first_name': 'Buyer1', 'last_name': 'One'}");
        shopbridge.awaitIdle();
        assertThat(only().phone()).isNull();
    }

    private void guestWithPhone(int buyer) {
        orderOf(6, "null", "'email': 'buyer" + buyer + "@example.com', 'billing_address': {'first_name': 'Buyer" + buyer
                + "', 'last_name': 'One', 'phone': '+15032285678'}");
    }

    @Test
    void theOldestAddressCountsWhereNoneIsTheDefault() {
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("customer").orElseThrow()
                .mentions("default_address"));
        customer(1, 0, person(1) + ", 'phone': null, 'addresses': [{'id': 12, 'address1': '2 Quay', 'phone':"
                + " '+15032285678', 'default': false}, {'id': 9, 'address1': '1 Quay', 'phone': '" + PHONE
                + "', 'default': false}]");
        shopbridge.awaitIdle();
        assertThat(only().phone()).isEqualTo(PHONE);
    }

    /** In Shopify, orderCustomerSet and orderCustomerRemove. */
    @Test
    void anOrderThatIsAnothersOrNobodysAnyMoreIsSoInTheCrm() throws IOException {
        customer(1, 0, person(1));
        order(5, 1, 1);
        shopbridge.awaitIdle();
        assertThat(crm.orders()).singleElement().extracting(Order::contact).isEqualTo(withKey(1).id());
        order(5, 2, 2);
        shopbridge.awaitIdle();
        assertThat(crm.orders()).singleElement().extracting(Order::contact).isEqualTo(withKey(2).id());
        assertThat(ordersOf(1)).isZero();
        assertThat(ordersOf(2)).isOne();

        orderWithoutCustomer(5, 3, "guest@example.com");
        shopbridge.awaitIdle();
        assertThat(ordersOf(2)).isZero();
        Contact guest = crm.contacts().stream().filter(one -> "guest@example.com".equals(one.email())).findFirst()
                .orElseThrow();
        assertThat(crm.orders()).singleElement().extracting(Order::contact).isEqualTo(guest.id());

        order(5, 1, 4);
        shopbridge.awaitIdle();
        assertThat(crm.orders()).singleElement().extracting(Order::contact).isEqualTo(withKey(1).id());
        orderWithoutCustomer(5, 5, null);
        shopbridge.awaitIdle();
        assertThat(ordersOf(1)).isZero();
        assertThat(crm.orders()).singleElement().extracting(Order::contact)
                .isEqualTo(crm.hasOrdersOfNobody() ? null : withKey(1).id());
        assertThat(rejected()).isEmpty();
    }

    private long ordersOf(int number) {
        return shopbridge.count("SELECT count(*) FROM order_figures WHERE contact = ? AND counted",
                String.valueOf(7000 + number));
    }

    /** As the Admin API answers it. */
    private void orderWithoutCustomer(int number, int minute, String email) throws IOException {
        Instant updatedAt = Instant.parse(time(minute).replace("'", ""));
        ObjectNode answer = (ObjectNode) Values.JSON.readTree(Files.readString(ANSWERED_ORDER).replace("CAD", "EUR")
                .replace("USD", "EUR")).at("/data/order");
        answer.put("id", "gid://shopify/Order/" + (7000 + number)).put("name", "#" + number).put("email", email)
                .put("updatedAt", updatedAt.toString());
        Stream.of("customer", "phone", "billingAddress", "shippingAddress", "purchasingEntity").forEach(answer::putNull);
        shopbridge.bean(Inbox.class).keepTogether(
                List.of(ApiAnswer.event("main", "order", answer, Instant.now())));
    }

    @Test
    void aCompanyThatIsKnownAfterItsOrderIsThatOrdersCompany() {
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("company").isPresent());
        orderOf(5, "{'id': 7001, 'updated_at': " + time(0) + ", " + person(1) + "}",
                "'company': {'id': 311, 'location_id': 321}");
        shopbridge.awaitIdle();
        post("companies/create", "{'name': 'Reyes Supply', 'created_at': " + time(0) + ", 'updated_at': " + time(1)
                + ", 'admin_graphql_api_id': 'gid://shopify/Company/311', 'main_contact_admin_graphql_api_id': null}");
        shopbridge.awaitIdle();
        String company = shopbridge.jdbc().queryForObject(
                "SELECT crm_id FROM link WHERE crm = ? AND entity = 'company'", String.class, CrmAdapter.ACCOUNT);
        assertThat(crm.orders()).singleElement().extracting(crm::companyOf).isEqualTo(company);
    }

    @Test
    void aCompanyIsUnderTheOneThatItsMetafieldNamesAlsoIfThatComesLater() {
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("company").stream()
                .flatMap(mapping -> mapping.links().stream()).anyMatch(link -> link.to().equals("company")));
        company(312, 1, "'metafields': [{'namespace': 'custom', 'key': 'parent_company', 'type': 'company_reference',"
                + " 'value': 'gid://shopify/Company/311'}]");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(312))).as("not known yet").isNull();
        company(311, 2, "'note': null");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(312))).isEqualTo(companyId(311));
        assertThat(crm.parentOf(companyId(311))).isNull();

        company(313, 3, "'note': null");
        company(312, 4, "'metafields': [{'namespace': 'custom', 'key': 'parent_company', 'type': 'company_reference',"
                + " 'value': 'gid://shopify/Company/313'}]");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(312))).as("moved").isEqualTo(companyId(313));
    }

    /** A text, several references, another kind of record, an object. */
    @Test
    void aMetafieldThatNamesNoCompanyIsLeftOutAndKeepsNobodyWaiting() {
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("company").stream()
                .flatMap(mapping -> mapping.links().stream()).anyMatch(link -> link.to().equals("company")));
        company(311, 1, "'metafields': [" + PARENT + "'type': 'single_line_text_field', 'value': 'Alpha AG'}]");
        company(312, 1, "'metafields': [" + PARENT + "'type': 'list.company_reference', 'value':"
                + " '[`gid://shopify/Company/311`,`gid://shopify/Company/313`]'}]");
        company(313, 1, "'metafields': [" + PARENT + "'type': 'product_reference', 'value': 'gid://shopify/Product/311'}]");
        company(314, 1, "'metafields': [" + PARENT + "'type': 'json', 'value': {'a': [1]}}]");
        customer(1, 1, person(1));
        buyer("company_contacts/create", 1, time(2));
        orderOf(5, "{'id': 7001, 'updated_at': " + time(1) + "}", "'company': {'id': 311, 'location_id': 321}");
        shopbridge.awaitIdle();
        assertThat(List.of(311, 312, 313, 314)).allSatisfy(id -> assertThat(crm.parentOf(companyId(id))).isNull());
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM outcome WHERE entity = 'company'"
                + " AND outcome = 'delivered'", String.class)).hasSize(4).allSatisfy(because -> assertThat(because)
                .contains("without links.parent").contains("is not an id of a company").doesNotContain("Exception"));
        assertThat(crm.companyOf(withKey(1))).isEqualTo(companyId(311));
        assertThat(crm.orders()).singleElement().extracting(crm::companyOf).isEqualTo(companyId(311));
        assertThat(rejected()).isEmpty();
        assertThat(shopbridge.operator("GET", "/api/v1/left-out?field=links.parent").path("items")).hasSize(4);

        company(311, 2, "'metafields': [" + PARENT + "'type': 'company_reference', 'value': 'gid://shopify/Company/313'}]");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(311))).isEqualTo(companyId(313));
        assertThat(shopbridge.operator("GET", "/api/v1/left-out?field=links.parent").path("items")).hasSize(3);
    }

    /** Only an answer of the API has all metafields: a webhook has those of the namespaces it is subscribed with. */
    @Test
    void aParentThatIsTakenAwayInShopifyIsTakenAwayInTheCrm() {
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("company").stream()
                .flatMap(mapping -> mapping.links().stream()).anyMatch(link -> link.to().equals("company")));
        company(311, 1, "'note': null");
        company(313, 1, "'note': null");
        IntStream.rangeClosed(314, 316).forEach(id -> answered(id, 1, PARENT + "'value': 'gid://shopify/Company/311'}"));
        shopbridge.awaitIdle();
        assertThat(List.of(314, 315, 316)).allSatisfy(id ->
                assertThat(crm.parentOf(companyId(id))).isEqualTo(companyId(311)));
        crm.putUnder(companyId(313), companyId(315));

        company(314, 2, "'note': 'x'");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(314))).as("nothing was said of it").isEqualTo(companyId(311));
        company(314, 3, "'metafields': [{'namespace': 'loyalty', 'key': 'tier', 'value': 'gold'}]");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(314))).as("another namespace's").isEqualTo(companyId(311));
        answered(316, 3, PARENT + "'value': 'Alpha AG'}");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(316))).as("a company's name is none, and not nothing").isEqualTo(companyId(311));

        answered(314, 4, "{'namespace': 'loyalty', 'key': 'tier', 'value': 'gold'}");
        answered(315, 4, "");
        answered(316, 4, PARENT + "'value': ' '}");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(314))).as("removed").isNull();
        assertThat(crm.parentOf(companyId(315))).as("a user's own").isEqualTo(companyId(313));
        assertThat(crm.parentOf(companyId(316))).as("blank").isNull();
        long before = shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'delivered'");
        answered(314, 5, "");
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'delivered'")).isEqualTo(before);

        answered(314, 6, PARENT + "'value': 'gid://shopify/Company/313'}");
        answered(316, 6, PARENT + "'value': 'gid://shopify/Company/311'}");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(314))).as("another one").isEqualTo(companyId(313));
        answered(316, 7, PARENT + "'value': 'gid://shopify/Company/316'}");
        shopbridge.awaitIdle();
        assertThat(crm.parentOf(companyId(316))).as("itself: it is at the top").isNull();
        assertThat(rejected()).isEmpty();
    }

    /** A company that a person must see to: what can go without it doesn't wait for that. */
    @Test
    void nobodyWaitsForACompanyThatIsRejected() {
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("company").isPresent());
        post("companies/update", "{'name': null, 'created_at': " + time(0) + ", 'updated_at': " + time(1)
                + ", 'admin_graphql_api_id': 'gid://shopify/Company/311', 'main_contact_admin_graphql_api_id': null}");
        shopbridge.awaitIdle();
        assertThat(rejected()).hasSize(1);
        customer(1, 1, person(1));
        orderOf(5, "{'id': 7001, 'updated_at': " + time(1) + "}", "'company': {'id': 311, 'location_id': 321}");
        shopbridge.awaitIdle();
        assertThat(crm.orders()).hasSize(1);
        company(311, 2, "'note': null");
        shopbridge.awaitIdle();
        assertThat(crm.orders()).singleElement().extracting(crm::companyOf).isEqualTo(companyId(311));
    }

    @Test
    void aBuyerWhoLeavesACompanyIsNotInItUnlessTheCrmsUserMovedThem() {
        Assumptions.assumeTrue(shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("company").isPresent());
        company(311, 1, "'note': null");
        company(312, 1, "'note': null");
        customer(1, 1, person(1));
        customer(2, 1, person(2));
        buyer("company_contacts/create", 1, time(2));
        buyer("company_contacts/create", 2, time(2));
        shopbridge.awaitIdle();
        assertThat(crm.companyOf(withKey(1))).isEqualTo(companyId(311));
        assertThat(crm.companyOf(withKey(2))).isEqualTo(companyId(311));
        crm.moveTo(companyId(312), withKey(2));
        long before = shopbridge.count("SELECT count(*) FROM outcome WHERE entity = 'customer'");

        buyer("company_contacts/delete", 1, time(3));
        buyer("company_contacts/delete", 2, time(3));
        shopbridge.awaitIdle();
        assertThat(crm.companyOf(withKey(1))).as("has left").isNull();
        assertThat(crm.companyOf(withKey(2))).as("whom a user has moved").isEqualTo(companyId(312));
        assertThat(shopbridge.jdbc().queryForList("SELECT outcome FROM outcome WHERE entity = 'customer' ORDER BY id"
                + " OFFSET ?", String.class, before)).allMatch(Set.of("delivered", "unchanged")::contains);

        customer(1, 4, person(1) + ", 'note': 'x'");
        shopbridge.awaitIdle();
        assertThat(crm.companyOf(withKey(1))).isNull();
        // After the deletion, whose time is that of its trigger.
        buyer("company_contacts/create", 1, "'" + Instant.now() + "'");
        shopbridge.awaitIdle();
        assertThat(crm.companyOf(withKey(1))).as("is back").isEqualTo(companyId(311));
        assertThat(rejected()).isEmpty();
    }

    /** Of company 311. */
    private void buyer(String topic, int number, String time) {
        post(topic, "{'customer_admin_graphql_api_id': 'gid://shopify/Customer/" + (7000 + number) + "', 'title': 'Buyer',"
                + " 'locale': 'en', 'created_at': " + time(0) + ", 'updated_at': " + time
                + ", 'admin_graphql_api_id': 'gid://shopify/CompanyContact/" + (330 + number) + "', 'company': {"
                + "'name': 'Reyes Supply 311', 'created_at': " + time(0) + ", 'updated_at': " + time(1)
                + ", 'admin_graphql_api_id': 'gid://shopify/Company/311', 'main_contact_admin_graphql_api_id': null}}");
    }

    private void company(int id, int minutes, String more) {
        post("companies/update", "{'name': 'Reyes Supply " + id + "', 'created_at': " + time(0) + ", 'updated_at': "
                + time(minutes) + ", 'admin_graphql_api_id': 'gid://shopify/Company/" + id
                + "', 'main_contact_admin_graphql_api_id': null, " + more + "}");
    }

    /** As a delivery of Shopify Events has it, with all its metafields. */
    private void answered(int id, int minutes, String metafields) {
        post("Company", "{'topic': 'Company', 'action': 'update', 'handle': 'companies', 'data': {'company': {"
                + "'__typename': 'Company', 'id': 'gid://shopify/Company/" + id + "', 'name': 'Reyes Supply " + id
                + "', 'note': null, 'externalId': null, 'customerSince': null, 'mainContact': null, 'createdAt': " + time(0)
                + ", 'updatedAt': " + time(minutes) + ", 'locations': {'nodes': []}, 'metafields': {'nodes': ["
                + metafields + "]}}}}");
    }

    private String companyId(int id) {
        return shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE crm = ? AND entity = 'company'"
                + " AND record_id = ?", String.class, CrmAdapter.ACCOUNT, String.valueOf(id));
    }

    @Test
    void anOrderThatWaitsForARejectedContactGivesItsNumber() {
        customer(1, 0, person(1) + ", " + crm.refused());
        shopbridge.awaitIdle();
        orderOf(5, "{'id': 7001}", "'tags': ''");
        await().atMost(PATIENCE).untilAsserted(() -> {
            shopbridge.letTimePass();
            assertThat(shopbridge.jdbc().queryForList("SELECT because FROM work WHERE entity = 'order'", String.class))
                    .singleElement().asString()
                    .contains("is rejected, number " + rejected().get(0).path("id").asText());
        });
    }

    // Consent

    @Test
    void onlyTheNoOfADeletedCustomerIsWritten() {
        Assumptions.assumeFalse(consents("email").isEmpty(), "this CRM has no field for the consent");
        customer(1, 0, person(1) + ", " + consent("email", "subscribed", 0) + ", " + consent("sms", "subscribed", 0));
        shopbridge.awaitIdle();
        assertThat(noes("email")).isEmpty();
        Map<String, JsonNode> before = only(consents("email"));
        together(() -> {
            customer(1, 5, "'email': 'other@example.com', 'last_name': 'Other', 'note': 'new', "
                    + consent("email", "unsubscribed", 5) + ", " + consent("sms", "pending", 5));
            post("customers/delete", "{'id': 7001}");
        });
        shopbridge.awaitIdle();
        assertThat(noes("email")).containsExactlyElementsOf(consents("email"));
        assertThat(only(consents("email"))).isEqualTo(before);
        assertThat(lastBecause()).startsWith("deleted in Shopify").contains("unsubscription is written all the same");
        long calls = calls();
        post("customers/delete", "{'id': 7001, 'admin_graphql_api_id': 'gid://shopify/Customer/7001'}");
        shopbridge.awaitIdle();
        assertThat(calls()).as("it is told once").isEqualTo(calls);
    }

    @Test
    void aNoOutlivesADeletedCustomerWhileTheCrmIsAway() {
        Assumptions.assumeFalse(consents("email").isEmpty(), "this CRM has no field for the consent");
        customer(1, 0, person(1) + ", " + consent("email", "subscribed", 0));
        shopbridge.awaitIdle();
        crm.faults().answer(500, null, 1000);
        together(() -> {
            post("customers_email_marketing_consent/update", "{'customer_id': 7001, "
                    + consent("email", "unsubscribed", 5) + "}");
            post("customers/delete", "{'id': 7001}");
        });
        await().atMost(PATIENCE).until(() -> shopbridge.count(
                "SELECT count(*) FROM work WHERE claimed_by IS NULL AND because IS NOT NULL") == 1);
        crm.faults().clear();
        settle();
        assertThat(noes("email")).containsExactlyElementsOf(consents("email"));
    }

    @Test
    void anUnknownConsentStateLeavesOutItsOwnChannelOnly() {
        Assumptions.assumeFalse(consents("sms").isEmpty(), "this CRM has no field for the consent");
        customer(1, 0, person(1) + ", " + consent("email", "subscribed", 0) + ", " + consent("sms", "unsubscribed", 0));
        shopbridge.awaitIdle();
        customer(1, 5, person(1) + ", 'last_name': 'Other', " + consent("email", "unsubscribed", 5) + ", "
                + consent("sms", "pending_review", 5));
        shopbridge.awaitIdle();
        assertThat(noes("email")).containsExactlyElementsOf(consents("email"));
        assertThat(noes("sms")).as("an unreadable word is no yes").containsExactlyElementsOf(consents("sms"));
        assertThat(lastBecause()).contains("without " + consents("sms").get(0)
                + ": \"pending_review\" is not in tables/");
        assertThat(rejected()).isEmpty();
        assertThat(shopbridge.operator("GET", "/api/v1/left-out?crm=" + CrmAdapter.ACCOUNT).at("/items/0/fields").toString())
                .contains(consents("sms").get(0)).doesNotContain(consents("email").get(0));
    }

    /** The CRM's fields that say whether a person agreed to this channel, and take a no. */
    private List<String> consents(String channel) {
        return shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("customer").orElseThrow().fields().stream()
                .filter(field -> field.isConsent() && field.mentions(channel + "_marketing_consent"))
                .map(Field::name).filter(name -> !name.equals("marketing_status")).toList();
    }

    /** Those that say no in the only contact. */
    private List<String> noes(String channel) {
        Mapping mapping = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("customer").orElseThrow();
        ObjectNode contact = crm.records(mapping.object()).get(0);
        return consents(channel).stream()
                .filter(name -> mapping.field(crm.folder(), name).saysNo(contact.get(name))).toList();
    }

    /** All of the only contact but these fields, and what the CRM itself says of its last change. */
    private Map<String, JsonNode> only(List<String> without) {
        Mapping mapping = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("customer").orElseThrow();
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

    @Test
    void oneBadRecordIsRejectedAloneWithItsReason() {
        together(() -> {
            for (int i = 1; i <= 20; i++) {
                customer(i, 0, "'email': 'buyer" + i + "@example.com', 'last_name': 'Buyer'"
                        + (i == 13 ? ", " + crm.refused() : ""));
            }
        });
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).hasSize(19);
        assertThat(rejected()).singleElement().satisfies(one -> {
            assertThat(one.path("record").asText()).contains("7013");
            assertThat(one.path("errors").toString()).hasSizeBetween(10, 2000);
        });
    }

    @Test
    void aBatchThatIsRefusedWholeIsTriedInHalves() {
        Assumptions.assumeTrue(crm.batch() > 1, "this CRM takes one record a call");
        crm.faults().answer(400, null, 1, crm.creates());
        together(() -> {
            for (int i = 1; i <= 20; i++) {
                customer(i, 0, person(i));
            }
        });
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).hasSize(20);
        assertThat(rejected()).isEmpty();
    }

    @Test
    void aValueThatMustBeUniqueAndIsTakenEndsWithASentence() {
        customer(1, 0, person(1));
        customer(2, 0, person(2));
        shopbridge.awaitIdle();
        customer(2, 1, "'email': 'buyer1@example.com', 'first_name': 'Buyer2'");
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).hasSize(2);
        assertThat(withKey(1).email()).isEqualTo("buyer1@example.com");
        if (withKey(2).email().equals("buyer2@example.com")) {
            assertThat(rejected()).singleElement().satisfies(one ->
                    assertThat(one.path("errors").toString()).contains(withKey(1).id()));
        }
    }

    /** Shopify keeps addresses unique too: the first webhook comes before the one that frees the address. */
    @Test
    void anAddressThatAnotherCustomerHasGivenUpIsWrittenAsSoonAsThatIsKnown() {
        customer(1, 0, person(1));
        customer(2, 0, person(2));
        shopbridge.awaitIdle();
        customer(2, 1, EMAIL + "'buyer1@example.com'");
        shopbridge.awaitIdle();
        customer(1, 1, EMAIL + "'buyer3@example.com'");
        shopbridge.awaitIdle();
        assertThat(withKey(1).email()).isEqualTo("buyer3@example.com");
        assertThat(withKey(2).email()).isEqualTo("buyer1@example.com");
        assertThat(rejected()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"one after the other", "together", "with lost answers", "while the CRM fails",
            "after a crash"})
    void customersWhoExchangeTheirAddressesHaveTheNewOnes(String how) {
        for (int number = 1; number <= 5; number++) {
            customer(number, 0, person(number));
        }
        shopbridge.awaitIdle();
        Runnable exchange = () -> List.of(List.of(1, 2), List.of(2, 1), List.of(3, 4), List.of(4, 5), List.of(5, 3))
                .forEach(one -> {
                    customer(one.get(0), 1, EMAIL + "'buyer" + one.get(1) + "@example.com'");
                    if (how.startsWith("one")) {
                        shopbridge.awaitIdle();
                    }
                });
        if (how.equals("with lost answers")) {
            crm.faults().loseAnswers(4);
        } else if (how.equals("while the CRM fails")) {
            crm.faults().answer(500, null, 3);
        }
        if (how.startsWith("one")) {
            exchange.run();
        } else if (how.equals("after a crash")) {
            // Which came just after an address had been emptied in the CRM.
            together(() -> {
                exchange.run();
                clash(1, 2);
                clash(2, 1);
                crm.edit(withKey(2).id(), Contact.of(null, "", null, null, null));
            });
        } else {
            together(exchange);
        }
        settle();
        assertThat(rejected()).isEmpty();
        assertThat(IntStream.rangeClosed(1, 5).mapToObj(number -> withKey(number).email())).containsExactly(
                "buyer2@example.com", "buyer1@example.com", "buyer4@example.com", "buyer5@example.com",
                "buyer3@example.com");
        assertThat(crm.contacts()).hasSize(5);
    }

    /** What was remembered of a refusal. */
    private void clash(int number, int holder) {
        shopbridge.jdbc().update("INSERT INTO clashing_value (crm, store, entity, record_id, field, holder, value_hash)"
                + " SELECT ?, 'main', 'customer', ?, name, ?, encode(sha256(convert_to(?, 'UTF8')), 'hex')"
                + " FROM unnest(ARRAY['email', 'Email']) AS n (name)", CrmAdapter.ACCOUNT, String.valueOf(7000 + number),
                withKey(holder).id(), "\"buyer" + holder + "@example.com\"");
    }

    @Test
    void aRecordThatAppearsBetweenLookAndWriteIsNotMadeTwice() {
        Assumptions.assumeTrue(crm.keys().contains("email"));
        Crm ours = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT);
        // Where one list answers all that is asked, and nothing is unique, it must be there before that is answered.
        boolean looksOnce = ours.listed(ours.mapping("customer").orElseThrow().object()).isPresent()
                && !ours.keepsKeysUnique();
        long before = calls();
        if (looksOnce) {
            crm.faults().latency(Duration.ofMillis(700));
        } else {
            crm.faults().hang(Duration.ofMillis(700), 3);
        }
        customer(1, 0, person(1));
        await().until(() -> calls() > before);
        if (looksOnce) {
            crm.faults().clear();
        }
        crm.add(Contact.of(key(1), "buyer1@example.com", null, "Countess", null));
        settle();
        assertThat(only().key()).isEqualTo(key(1));
    }

    @Test
    void whatAUserDeletedInTheCrmIsMadeAnewWhenItChanges() {
        order(5, 1, 0);
        shopbridge.awaitIdle();
        crm.delete(only().id());
        customer(1, 1, "'email': 'again@example.com', 'first_name': 'Again', 'last_name': 'One'");
        settle();
        assertThat(only()).extracting(Contact::key, Contact::email).containsExactly(key(1), "again@example.com");
    }

    @Test
    void aNewOrderBringsBackWhomAUserDeletedInTheCrm() {
        order(5, 1, 0);
        shopbridge.awaitIdle();
        crm.delete(only().id());
        order(6, 1, 0);
        settle();
        assertThat(rejected()).isEmpty();
        assertThat(only().key()).isEqualTo(key(1));
        assertThat(crm.orders()).filteredOn(order -> key(6).equals(order.key())).singleElement()
                .satisfies(order -> assertThat(order.contact()).isEqualTo(only().id()));
    }

    @Test
    void whatAUserMergedInTheCrmIsFollowed() {
        customer(1, 0, person(1));
        customer(2, 0, person(2));
        shopbridge.awaitIdle();
        crm.merge(withKey(1).id(), withKey(2).id());
        customer(1, 1, "'email': 'buyer1@example.com', 'first_name': 'Buyer1', 'last_name': 'Changed', 'note': 'x'");
        settle();
        assertThat(only()).extracting(Contact::key, Contact::email)
                .containsExactly(key(1), "buyer1@example.com");
    }

    // What goes wrong with calls

    @Test
    void aLostAnswerMakesNothingTwice() {
        crm.faults().loseAnswers(1);
        order(5, 1, 0);
        settle();
        crm.faults().loseAnswers(2);
        order(6, 2, 0);
        settle();
        assertThat(crm.contacts()).extracting(Contact::key).containsExactlyInAnyOrder(key(1), key(2));
        assertThat(crm.orders()).extracting(Order::key).containsExactlyInAnyOrder(key(5), key(6));
        assertThat(crm.orders()).allSatisfy(order -> {
            assertThat(order.contact()).isNotNull();
            assertThat(order.lines()).isEqualTo(2);
        });
    }

    @Test
    void anAnswerThatComesTooLateMakesNothingTwice() {
        crm.faults().hang(TIMEOUT.plusSeconds(1), 2);
        customer(1, 0, person(1));
        settle();
        assertThat(only().key()).isEqualTo(key(1));
    }

    @Test
    void theCrmIsNotCalledBeforeTheTimeThatItNamed() {
        customer(2, 0, person(2));
        settle();                               // what a session asks for first is asked
        crm.faults().answer(429, 5, 1);
        customer(1, 0, person(1));
        await().atMost(PATIENCE).until(() -> paused());
        await().until(() -> shopbridge.count("SELECT count(*) FROM work WHERE claimed_by IS NOT NULL") == 0);
        long calls = calls();
        int looks = 0;
        // Counted before the pause is looked at: so it was not over yet, however slow this machine is.
        for (long now = calls(); pauseGoesOn(); now = calls()) {
            assertThat(now).isEqualTo(calls);
            looks++;
        }
        assertThat(looks).isPositive();
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).extracting(Contact::key).containsExactlyInAnyOrder(key(1), key(2));
    }

    @Test
    void aWriteThatMeetsABusyCrmWaitsTheTimeThatItNamed() {
        crm.faults().answer(429, 2, 1, crm.creates());
        customer(1, 0, person(1));
        await().atMost(PATIENCE).until(() -> paused());
        shopbridge.awaitIdle();
        assertThat(only().key()).isEqualTo(key(1));
    }

    @Test
    void aCrmThatIsBusyWithoutSayingHowLongIsTriedAgain() {
        crm.faults().answer(429, null, 1);
        customer(1, 0, person(1));
        settle();
        assertThat(only().key()).isEqualTo(key(1));
    }

    @Test
    void aShortFaultIsRetriedWithinSeconds() {
        crm.faults().answer(500, null, 2);
        customer(1, 0, person(1));
        shopbridge.awaitIdle();
        assertThat(only().key()).isEqualTo(key(1));
    }

    @Test
    void aTokenThatIsRefusedPausesTheCrmAndLosesNothing() {
        crm.refuseToken();
        customer(1, 0, person(1));
        await().atMost(PATIENCE).until(() -> paused());
        customer(2, 0, person(2));
        crm.acceptToken();
        settle();
        assertThat(crm.contacts()).hasSize(2);
    }

    @Test
    void aTokenThatExpiresIsRenewedAutomatically() {
        customer(1, 0, person(1));
        shopbridge.awaitIdle();
        Assumptions.assumeTrue(crm.expireToken(), "tokens of this CRM have no end");
        customer(2, 0, person(2));
        shopbridge.awaitIdle();
        assertThat(crm.contacts()).hasSize(2);
    }

    // What the CRM tells and forgets

    @Test
    void changesComeOverSeveralPagesEachOnce() {
        Crm account = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT);
        Assumptions.assumeTrue(account.can(Operation.CHANGED, object(account)), "this folder has no operation changed");
        together(() -> IntStream.rangeClosed(1, 550).parallel().forEach(i -> customer(i, 0, person(i))));
        shopbridge.awaitIdle();
        List<CrmRecord> told = new ArrayList<>();
        Instant latest = changes(account, Instant.parse("2020-01-01T00:00:00Z"), told);
        assertThat(told.stream().map(CrmRecord::id).distinct()).hasSize(550);
        assertThat(told).hasSize(550);
        assertThat(told.stream().map(record -> record.values().updatedAt()).distinct().count())
                .as("several changed in the same moment").isLessThan(550);

        Instant later = latest.plus(crm.moment());
        await().until(() -> Instant.now().isAfter(later));
        Contact edited = withKey(7);
        crm.edit(edited.id(), Contact.of(null, null, null, "Countess", null));
        List<CrmRecord> since = new ArrayList<>();
        changes(account, later, since);
        assertThat(since).extracting(CrmRecord::id).containsExactly(edited.id());
        List<CrmRecord> again = new ArrayList<>();
        changes(account, latest, again);
        assertThat(again).as("what changed in the latest moment itself is told again").hasSizeGreaterThan(1);
    }

    @Test
    void aReconciliationFindsAndMendsWhatSomebodyDidThereAndNothingElse() {
        Duration step = Duration.ofSeconds(20);
        ShopModel.stepping(3, Instant.now().minus(step.multipliedBy(EVENTS * 3L)), step).events(EVENTS)
                .forEach(shopbridge::post);
        IntStream.rangeClosed(1, 4).forEach(i -> customer(i, 0, person(i) + ", 'note': 'as in Shopify'"));
        settle();
        assertThat(reconciled(Set.of()).toList()).as("what is not so is not found").isEmpty();

        crm.edit(withKey(1).id(), new Contact(null, null, "edited@example.com", null, null, null, "their later note"));
        crm.delete(withKey(2).id());
        crm.merge(withKey(3).id(), withKey(4).id());
        assertThat(reconciled(EnumSet.allOf(Kind.class)).toList()).contains(Kind.MISSING, Kind.EDITED)
                .isSubsetOf(Kind.MISSING, Kind.MERGED, Kind.EDITED);
        settle();
        boolean isShopifys = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT).mapping("customer").orElseThrow().fields()
                .stream().anyMatch(field -> field.mentions("note") && field.owner() == Owner.SHOPIFY);
        assertThat(withKey(1)).extracting(Contact::email, Contact::note)
                .containsExactly("buyer1@example.com", isShopifys ? "as in Shopify" : "their later note");
        assertThat(withKey(2).email()).isEqualTo("buyer2@example.com");
        shopbridge.jdbc().update("UPDATE rejected SET state = 'resolved'");
        assertThat(reconciled(Set.of()).toList()).isEmpty();

        if (loseALine()) {
            assertThat(reconciled(EnumSet.allOf(Kind.class)).toList()).containsExactly(Kind.MISSING_LINE);
            settle();
            assertThat(reconciled(Set.of()).toList()).isEmpty();
        }

        Crm account = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT);
        Assumptions.assumeTrue(account.can(Operation.KEYED, object(account)), "this folder has no operation keyed");
        crm.add(Contact.of("main:99999", "nobody@example.com", null, "No", "Body"));
        assertThat(reconciled(Set.of()).toList()).containsExactly(Kind.ORPHANED);
    }

    @Test
    void contactsThatShareAnEmailOrAPhoneAreToldAndLeftAsTheyAre() {
        customer(1, 0, person(1) + ", 'phone': '" + PHONE + "'");
        customer(2, 0, person(2));
        shopbridge.awaitIdle();
        String ours = withKey(1).id();
        String theirs = crm.add(Contact.of(null, "twin@example.com", "(503) 228-1234", "Some", "Body"));
        crm.add(Contact.of(null, "else@example.com", "+15032289999", "Else", "Body"));
        Set<Contact> before = Set.copyOf(crm.contacts());
        JsonNode first = duplicates();
        Crm account = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT);
        if (!account.can(Operation.ALL, object(account))) {
            assertThat(first.path("looked_at").asBoolean()).isFalse();
            assertThat(first.path("because").asText()).contains("/crm.yaml has no operation all");
            return;
        }
        assertThat(groups(first)).containsExactly("email 0", "phone 1");
        assertThat(first.at("/shared/1/examples/0/contacts")).hasSize(2).allSatisfy(contact -> {
            boolean isOurs = contact.path("id").asText().equals(ours);
            assertThat(isOurs || contact.path("id").asText().equals(theirs)).isTrue();
            assertThat(contact.path("linked_to").toString()).isEqualTo(isOurs ? "[\"main/customer/7001\"]" : "[]");
            assertThat(contact.path("created").asBoolean()).isEqualTo(isOurs);
        });
        assertThat(Set.copyOf(crm.contacts())).isEqualTo(before);

        if (!crm.keepsEmailsUnique()) {
            crm.edit(theirs, new Contact(null, null, "Buyer1@EXAMPLE.com", null, null, null, null));
            assertThat(groups(duplicates())).containsExactly("email 1 +1", "phone 1 +0");
        }
        crm.merge(ours, theirs);
        assertThat(groups(duplicates())).as("what was merged away does not count")
                .containsExactly(crm.keepsEmailsUnique() ? "email 0 +0" : "email 0 -1", "phone 0 -1");
    }

    /** How many groups of contacts share what, and how many more than before. */
    private static List<String> groups(JsonNode duplicates) {
        return StreamSupport.stream(duplicates.path("shared").spliterator(), false).map(one ->
                one.path("kind").asText() + " " + one.path("groups").asLong()
                        + (one.has("growth") ? " %+d".formatted(one.path("growth").asLong()) : "")).toList();
    }

    private JsonNode duplicates() {
        return shopbridge.operator("GET", "/api/v1/reconciliations/" + reconciliation(Set.of()).id()).path("duplicates");
    }

    /** Somebody removes a line of an order in the CRM; false where lines are no records of their own there. */
    private boolean loseALine() {
        Crm account = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT);
        List<Map<String, Object>> lines = shopbridge.jdbc().queryForList("SELECT l.object, l.crm_id, o.crm_id AS order_id"
                + " FROM link l JOIN link o ON o.crm = l.crm AND o.store = l.store AND o.entity = 'order'"
                + " AND o.record_id = l.parent_id LIMIT 1");
        lines.forEach(line -> shopbridge.bean(CrmClient.class).call(CrmCall.archive(account, line.get("object").toString(),
                line.get("order_id").toString(), List.of(line.get("crm_id").toString()))));
        return !lines.isEmpty();
    }

    /** The classes of differences that a reconciliation finds, a record or field each. */
    private Stream<Kind> reconciled(Set<Kind> repairs) {
        return shopbridge.bean(Reconciliations.class).drift(reconciliation(repairs), BigDecimal.TEN).differences().stream()
                .map(Drift.Found::kind);
    }

    private Reconciliation reconciliation(Set<Kind> repairs) {
        Reconciliations reconciliations = shopbridge.bean(Reconciliations.class);
        Crm account = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT);
        long id = reconciliations.start(new Reconciliations.Request(CrmAdapter.ACCOUNT,
                NightlyReconciliations.entities(account), null, repairs, null, false, false)).id();
        await().atMost(PATIENCE).until(() -> {
            shopbridge.bean(Reconciling.class).next(Instant.now().plusSeconds(5));
            return reconciliations.find(id).orElseThrow().endedAt() != null;
        });
        Reconciliation run = reconciliations.find(id).orElseThrow();
        assertThat(run.state()).as(run.because()).isEqualTo(Reconciliation.State.DONE);
        return run;
    }

    @Test
    void aPersonIsErased() {
        Crm account = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT);
        Assumptions.assumeTrue(account.can(Operation.ERASE, object(account)), "this folder has no operation erase");
        customer(1, 0, person(1));
        customer(2, 0, person(2));
        shopbridge.awaitIdle();
        String id = withKey(1).id();
        CrmCall erase = CrmCall.erase(account, object(account), id);
        shopbridge.bean(CrmClient.class).call(erase);
        assertThat(only().key()).isEqualTo(key(2));
        assertThatThrownBy(() -> shopbridge.bean(CrmClient.class).call(erase)).as("nobody is left to erase")
                .isInstanceOf(CrmGone.class);
    }

    @Test
    void theFolderPassesTheLinterAndItsOwnTests() {
        assertThat(Lint.mappings(mappings)).filteredOn(fault -> fault.file().startsWith(crm.folder() + "/")).isEmpty();
    }

    private static String object(Crm account) {
        return account.mapping("customer").orElseThrow().object();
    }

    private Instant changes(Crm account, Instant since, List<CrmRecord> told) {
        return shopbridge.bean(CrmChanges.class).since(account, account.mapping("customer").orElseThrow(), since,
                told::addAll);
    }

    // Many

    /** More than one batch and one claim hold; -Dconformance.customers=5000 takes longer and shows the same. */
    @Test
    void manyCustomersArriveOnceEach() {
        int customers = Integer.getInteger("conformance.customers", crm.batch() > 1 ? 1_000 : 300);
        IntStream.rangeClosed(1, customers).parallel().forEach(i -> customer(i, 0, person(i)));
        await().atMost(Duration.ofSeconds(120)).pollInterval(Duration.ofMillis(100)).until(() ->
                shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                        && shopbridge.count("SELECT count(*) FROM work") == 0);
        List<Contact> contacts = crm.contacts();
        assertThat(contacts).hasSize(customers);
        assertThat(contacts.stream().map(Contact::key).distinct()).hasSize(customers);

        Crm account = shopbridge.bean(Crms.class).get(CrmAdapter.ACCOUNT);
        if (account.can(Operation.READ, object(account)) && account.operations().batch(Operation.READ, object(account)) > 1) {
            Reconciliation run = reconciliation(Set.of());
            assertThat(run.compared()).isEqualTo(customers);
            assertThat(run.found()).isZero();
            assertThat(run.calls()).isLessThanOrEqualTo(40L * customers / 1_000);
        }
    }

    // What all of the above asked

    @Test
    @org.junit.jupiter.api.Order(Integer.MAX_VALUE)
    void everyRequestWasAsTheCrmsMakerDescribesIt() {
        Optional<List<String>> breaches = crm.breaches();
        Assumptions.assumeTrue(breaches.isPresent(), "no description of this CRM's API is at hand");
        theWritesOfAllTheseTestsWereCompared();
        assertThat(breaches.orElseThrow()).isEmpty();
    }

    // How the tests speak

    private static String key(int number) {
        return "main:" + (7000 + number);
    }

    /** Lets all waits pass until there is nothing left to do. */
    private void settle() {
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
    private void together(Runnable events) {
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES (?, clock_timestamp() + interval '1 hour', 'a test')",
                CrmAdapter.ACCOUNT);
        events.run();
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.jdbc().update("DELETE FROM crm_pause");
    }

    private boolean paused() {
        return shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = ?", CrmAdapter.ACCOUNT) == 1;
    }

    private boolean pauseGoesOn() {
        return shopbridge.count("SELECT count(*) FROM crm_pause WHERE until > clock_timestamp()") == 1;
    }

    private long calls() {
        return crm.calls().values().stream().mapToLong(Long::longValue).sum();
    }

    private long writes() {
        return crm.calls().entrySet().stream().filter(call -> crm.isWrite(call.getKey()))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private Contact only() {
        assertThat(crm.contacts()).hasSize(1);
        return crm.contacts().get(0);
    }

    private Contact withKey(int number) {
        return crm.contacts().stream().filter(contact -> key(number).equals(contact.key())).findFirst()
                .orElseThrow(() -> new AssertionError("No contact has our key " + key(number)));
    }

    /** What the operator sees as open for this CRM. */
    private List<JsonNode> rejected() {
        JsonNode page = shopbridge.operator("GET", "/api/v1/rejected");
        return StreamSupport.stream(page.path("items").spliterator(), false)
                .filter(one -> one.path("crm").asText().equals(CrmAdapter.ACCOUNT)).toList();
    }

    private static String person(int number) {
        return "'email': 'buyer" + number + "@example.com', 'first_name': 'Buyer" + number + "', 'last_name': 'One'";
    }

    private void customer(int number, int minute, String fields) {
        post("customers/update", "{'id': " + (7000 + number) + ", 'created_at': " + time(0) + ", 'updated_at': "
                + time(minute) + ", " + fields + "}");
    }

    private void order(int number, int buyer, int minute) {
        post("orders/updated", "{'id': " + (7000 + number) + ", 'name': '#" + number + "', 'currency': 'EUR',"
                + " 'total_price': '20.00', 'current_total_price': '20.00', 'financial_status': 'paid', 'created_at': "
                + time(0) + ", 'updated_at': " + time(minute) + ", 'customer': {'id': " + (7000 + buyer)
                + ", 'created_at': " + time(0) + ", 'updated_at': " + time(minute) + ", " + person(buyer) + "},"
                + " 'line_items': [{'id': " + number + "1, 'name': 'Mug', 'price': '5.00', 'quantity': 2,"
                + " 'current_quantity': 2}, {'id': " + number + "2, 'name': 'Shirt', 'price': '10.00', 'quantity': 1,"
                + " 'current_quantity': 1}]}");
    }

    private void orderOf(int number, String customer, String fields) {
        post("orders/create", "{'id': " + (7000 + number) + ", 'name': '#" + number + "', 'currency': 'EUR',"
                + " 'total_price': '5.00', 'current_total_price': '5.00', 'financial_status': 'paid', 'created_at': "
                + time(0) + ", 'updated_at': " + time(5) + ", 'customer': " + customer + ", " + fields
                + ", 'line_items': [{'id': " + number
                + "1, 'name': 'Mug', 'price': '5.00', 'quantity': 1, 'current_quantity': 1}]}");
    }

    /** Of the newest outcome; null: it has none. */
    private String lastBecause() {
        return shopbridge.jdbc().queryForObject(
                "SELECT because FROM outcome WHERE crm = ? ORDER BY id DESC LIMIT 1", String.class, CrmAdapter.ACCOUNT);
    }

    private double withheld() {
        return shopbridge.bean(MeterRegistry.class).counter("shopbridge.customers.withheld", "store", "main")
                .count();
    }

    private void post(String topic, String body) {
        assertThat(shopbridge.post(topic, body.replace('\'', '"').replace("`", "\\\""))).isEqualTo(200);
    }

    private static String time(int minute) {
        return "'2026-11-01T10:%02d:00Z'".formatted(minute);
    }
}
