package io.shopbridge.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.preview.Preview.Entry;
import io.shopbridge.preview.Preview.FieldEntry;
import io.shopbridge.preview.Preview.Outcome;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.UnreadablePayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PreviewerTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path MAPPINGS = Path.of("mappings");
    private static final Path PAYLOADS = Path.of("../shared/specs/shopify/payloads");
    private static final String CUSTOMER = """
            {"id": 7100000000000000001, "email": "ADA@example.com", "first_name": "Ada", "last_name": "Lindqvist",
             "verified_email": true, "updated_at": "2026-03-01T10:00:00Z", "phone": null,
             "default_address": {"phone": "+16135550142", "company": null}}""";

    static Stream<String> folders() throws IOException {
        try (Stream<Path> folders = Files.list(MAPPINGS)) {
            return folders.filter(folder -> Files.exists(folder.resolve("crm.yaml")))
                    .map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    /** Answers of REST's, and parts of them, some broken on purpose. */
    @ParameterizedTest
    @MethodSource("folders")
    void everyRestExampleEndsWithASentence(String folder) throws IOException {
        Path examples = PAYLOADS.resolve("go-shopify");
        Assumptions.assumeTrue(Files.isDirectory(examples), "there are no example payloads in " + examples);
        Previewer previewer = previewer(folder);
        int records = 0;
        try (Stream<Path> files = Files.walk(examples)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
                try {
                    for (Entry entry : previewer.preview(Files.readAllBytes(file), Optional.empty(), null).records()) {
                        check(folder, entry, file);
                        records++;
                    }
                } catch (UnreadablePayload e) {
                    assertThat(e.getMessage()).as(file.toString()).hasSizeGreaterThan(30).doesNotContain("Exception");
                }
            }
        }
        assertThat(records).isGreaterThan(3);
    }

    @ParameterizedTest
    @MethodSource("folders")
    void aGraphqlAnswerIsMappedAsItsWebhookIs(String folder) throws IOException {
        for (String record : List.of("customer", "company", "order", "checkout")) {
            Path samples = MAPPINGS.resolve("shopify/samples");
            Preview answer = previewer(folder).preview(
                    Files.readAllBytes(samples.resolve(record + "-answer.json")), Optional.empty(), null);
            Preview webhook = previewer(folder).preview(
                    Files.readAllBytes(samples.resolve(record + "-webhook.json")),
                    record.equals("company") ? Optional.of("companies/update") : Optional.empty(), null);

            assertThat(answer.note()).startsWith("a GraphQL answer with 1 ");
            assertThat(answer.topic()).contains(webhook.topic());
            Entry first = answer.records().get(0);
            assertThat(first.outcome()).isEqualTo(webhook.records().get(0).outcome());
            assertThat(first.id()).isEqualTo(webhook.records().get(0).id());
            assertThat(first.requests().toString()).doesNotContain("e+");
            answer.records().forEach(entry -> check(folder, entry, samples));
        }
    }

    @Test
    void everyObjectOfAKnownTypeIsFoundInAnAnswer() throws IOException {
        String order = """
                {"__typename": "Order", "id": "gid://shopify/Order/%s", "name": "#1", "currencyCode": "CAD",
                 "customer": {"id": "gid://shopify/Customer/9007199254740995", "lastName": "Berg"},
                 "lineItems": {"nodes": [{"id": "gid://shopify/LineItem/1", "title": "Shirt"}]}}""";
        String answer = """
                {"data": {"shop": {"id": "gid://shopify/Shop/1"},
                 "customers": {"edges": [{"node": {"id": "gid://shopify/Customer/9007199254740993", "firstName": "Ada",
                   "orders": {"nodes": [%s]}}}]},
                 "node": %s}}""".formatted(order.formatted("5000000000000000001"),
                order.formatted("5000000000000000003"));

        Preview preview = previewer("crm-one").preview(bytes(answer), Optional.empty(), null);

        assertThat(preview.note()).isEqualTo("a GraphQL answer with 1 Customer and 2 Order");
        assertThat(preview.records()).extracting(entry -> entry.entity() + " " + entry.id()).containsExactly(
                "customer 9007199254740993", "order 5000000000000000001", "customer 9007199254740995",
                "order 5000000000000000003");
        Preview object = previewer("crm-one").preview(bytes(order.formatted("7")), Optional.empty(), null);
        assertThat(object.records().get(0).id()).isEqualTo("7");
    }

    @Test
    void aRestAnswerIsUnwrapped() throws IOException {
        String orders = """
                {"orders": [{"id": 9007199254740993, "line_items": [], "financial_status": "paid", "currency": "CAD",
                 "updated_at": "2026-03-01T10:00:00Z"}, {"id": 2, "line_items": [], "currency": "CAD"}]}""";

        Preview preview = previewer("crm-one").preview(bytes(orders), Optional.empty(), null);

        assertThat(preview.topic()).isEqualTo("orders/updated");
        assertThat(preview.records()).map(Entry::id).containsExactly("9007199254740993", "2");
        Preview one = previewer("crm-one").preview(bytes("{\"customer\": " + CUSTOMER + "}"), Optional.empty(), null);
        assertThat(only(one).id()).isEqualTo("7100000000000000001");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{`errors`: [{`message`: `Access denied for customer`, `extensions`: {`code`: `ACCESS_DENIED`}}], "
                + "`data`: {`order`: null}} | The answer has errors (ACCESS_DENIED): Access denied for customer",
        "{`errors`: `Not Found`} | The answer has errors: Not Found",
        "{`data`: {`customer`: {`email`: `a@example.com`}}} | query __typename and id",
        "{`data`: {`collections`: {`nodes`: [{`id`: `gid://shopify/Collection/1`}]}}} | has no object of a known type",
        "{`orders`: []} | is empty",
        "{`order`: 7} | is not an object",
        "{`id`: `gid://shopify/Collection/1`} | (AbandonedCheckout, Company, Customer, DraftOrder, Order, Product)",
        "{`data`: {`order`: {`__typename`: `Order`, `id`: `gid://shopify/Order/1`, `discountCodes`: [`A`], "
                + "`totalPriceSet`: {`shopMoney`: `7`}}}} | "})
    void anInvalidAnswerIsRefusedWithASentence(String body, String says) {
        byte[] bytes = bytes(body.replace('`', '"'));
        if (says == null) {
            assertThatCode(() -> previewer("hubspot").preview(bytes, Optional.empty(), null))
                    .doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> previewer("hubspot").preview(bytes, Optional.empty(), null))
                    .isInstanceOf(UnreadablePayload.class).hasMessageContaining(says);
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void everyExamplePayloadEndsWithASentence(String folder) throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(PAYLOADS), "there are no example payloads in " + PAYLOADS);
        Previewer previewer = previewer(folder);
        int records = 0;
        for (Path file : files()) {
            JsonNode json = JSON.readTree(file.toFile());
            JsonNode body = json.has("body") ? json.get("body") : json.get("response");
            if (body == null || !body.isObject()) {
                continue;
            }
            Preview preview = previewer.preview(bytes(body), Optional.of(topic(file)), null);
            for (Entry entry : preview.records()) {
                check(folder, entry, file);
                records++;
            }
            if (preview.records().isEmpty()) {
                assertThat(preview.note()).as(file.toString())
                        .contains(SHOPIFY.handled().contains(topic(file)) ? "contains nothing about a record"
                                : "is stored but not handled");
            }
        }
        assertThat(records).isGreaterThan(40);
    }

    private static void check(String folder, Entry entry, Path file) {
        assertThat(entry.id()).as(file.toString()).isNotBlank().doesNotContain("E+");
        boolean saysWhy = entry.outcome() != Outcome.CREATED;
        assertThat(entry.because().isEmpty()).as(file + " " + entry.outcome()).isEqualTo(!saysWhy);
        assertThat(entry.because()).allSatisfy(why -> assertThat(why).hasSizeGreaterThan(10)
                .doesNotContain("Exception"));
        assertThat(entry.fields()).allSatisfy(field -> assertThat(field.because()).isNotBlank());
        if (entry.outcome() == Outcome.CREATED) {
            assertThat(entry.requests().toString()).as(file.toString())
                    .contains(entry.id().startsWith("guest:") ? "@" : ":" + entry.id() + "\"");
        }
        entry.children().forEach(child -> assertThat(child.because().isEmpty()).as(file + " " + child)
                .isEqualTo(child.outcome() == Outcome.CREATED));
    }

    @Test
    void theTopicIsGuessedFromTheShape() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(PAYLOADS), "there are no example payloads in " + PAYLOADS);
        for (Path file : files()) {
            String topic = topic(file);
            JsonNode json = JSON.readTree(file.toFile());
            JsonNode body = json.has("body") ? json.get("body") : json.get("response");
            if (body != null && body.isObject()) {
                // A body of a topic that isn't handled must not be taken for another.
                SHOPIFY.topicOf((ObjectNode) body).ifPresent(guess ->
                        assertThat(topic.split("/")[0]).as(file + " " + guess).isEqualTo(guess.split("/")[0]));
            }
        }
    }

    @Test
    void aNewCustomerIsCreatedWithEachFieldsOriginAndReason() throws IOException {
        Entry entry = only(previewer("hubspot").preview(bytes(CUSTOMER), Optional.empty(), null));

        assertThat(entry.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(field(entry, "email")).isEqualTo(new FieldEntry("email", "shopify", ".email",
                JSON.readTree("\"ada@example.com\""), true, "the record is new"));
        assertThat(field(entry, "phone").from()).isEqualTo(".default_address.phone");
        assertThat(field(entry, "company").because()).isEqualTo("Shopify has no value");
        assertThat(field(entry, "hubspot_owner_id").because()).isEqualTo("it is the CRM's own");
        assertThat(entry.requests().get(0).body().toString()).contains("main:7100000000000000001");
        assertThat(entry.requests().get(0).path()).isEqualTo("/crm/objects/2026-09/contacts/batch/upsert");
    }

    @Test
    void whatTheCrmHasDecidesWhatIsSent() throws IOException {
        JsonNode crmHas = JSON.readTree("""
                {"id": "42", "fields": {"email": "old@example.com", "lastname": "King", "firstname": "Ada",
                 "shopify_customer_key": "outlet:1", "company": "Looms"}}""");

        Entry entry = only(previewer("hubspot").preview(bytes(CUSTOMER), Optional.of("customers/update"), crmHas));

        assertThat(entry.outcome()).isEqualTo(Outcome.UPDATED);
        assertThat(field(entry, "email").because()).isEqualTo("Shopify decides it, and the CRM has another value");
        assertThat(field(entry, "lastname").because()).isEqualTo("the CRM has a value of its own");
        assertThat(field(entry, "firstname").because()).isEqualTo("the CRM has it already");
        assertThat(field(entry, "phone").because()).isEqualTo("the CRM has no value");
        assertThat(field(entry, "company").because())
                .isEqualTo("Shopify has no value, and what the CRM has is not ours to clear");
        assertThat(field(entry, "shopify_customer_key").because()).isEqualTo("the CRM has another record's key there");
        assertThat(entry.fields().stream().filter(FieldEntry::sent).map(FieldEntry::field))
                .containsExactlyInAnyOrder("email", "phone");
        assertThat(entry.requests().get(0).body().at("/inputs/0/id").asText()).isEqualTo("42");
        assertThat(entry.requests().get(0).body().at("/inputs/0/properties").size()).isEqualTo(2);
    }

    @Test
    void theBodySeesWhatTheCrmHasAndWhatWasWrittenBefore() throws IOException {
        JsonNode crmHas = JSON.readTree("""
                {"id": "42", "fields": {"email": "old@example.com", "emails": [
                   {"value": "old@example.com", "primary": true, "label": "work"},
                   {"value": "typed@example.com", "primary": false, "label": "home"}]},
                 "before": {"email": "old@example.com"}}""");

        Entry entry = only(previewer("pipedrive").preview(bytes(CUSTOMER), Optional.of("customers/update"), crmHas));

        assertThat(entry.requests()).singleElement().satisfies(request -> {
            assertThat(request.method() + " " + request.path()).isEqualTo("PATCH /api/v2/persons/42");
            assertThat(request.body().get("emails").findValuesAsText("value"))
                    .containsExactly("ada@example.com", "typed@example.com");
        });
    }

    @Test
    void valuesWrittenBeforeAreNotWrittenAgainWithoutARead() throws IOException {
        JsonNode crmHas = JSON.readTree("""
                {"id": "42", "before": {"email": "old@example.com", "firstname": "Ada",
                 "shopify_customer_key": "main:7100000000000000001"}}""");

        Entry entry = only(previewer("hubspot").preview(bytes(CUSTOMER), Optional.of("customers/update"), crmHas));

        JsonNode properties = entry.requests().get(0).body().at("/inputs/0/properties");
        assertThat(properties.path("email").asText()).isEqualTo("ada@example.com");
        assertThat(properties.has("firstname") || properties.has("shopify_customer_key")).isFalse();
    }

    @Test
    void anOrderIsFollowedByItsLinesTogetherAndByItsAssociations() throws IOException {
        byte[] order = Files.readAllBytes(MAPPINGS.resolve("shopify/samples/order-webhook.json"));
        JsonNode crmHas = JSON.readTree("""
                {"id": "7", "fields": {}, "before": {}, "links": {"contact": "1051", "company": null}}""");

        assertThat(calls(previewer("hubspot"), order, null)).containsExactly(
                "POST /crm/objects/2026-09/orders/batch/upsert",
                "POST /crm/objects/2026-09/line_items/batch/upsert",
                "POST /crm/associations/2026-09/orders/contacts/batch/associate/default",
                "POST /crm/associations/2026-09/orders/companies/batch/associate/default",
                "POST /crm/associations/2026-09/line_items/orders/batch/associate/default");
        assertThat(calls(previewer("pipedrive"), order, null)).containsExactly("POST /api/v2/deals",
                "POST /api/v2/products", "POST /api/v2/products",
                "POST /api/v2/deals/<CRM id of order 5200000000000000017>/products",
                "POST /api/v2/deals/<CRM id of order 5200000000000000017>/products");

        Entry known = previewer("hubspot").preview(order, Optional.of("orders/updated"), crmHas).records().get(0);
        assertThat(known.requests().get(1).body().get("inputs")).hasSize(2);
        assertThat(known.requests().get(2).body().toString())
                .isEqualTo("{\"inputs\":[{\"from\":{\"id\":\"7\"},\"to\":{\"id\":\"1051\"}}]}");
        assertThat(known.requests()).hasSize(4);
    }

    private static List<String> calls(Previewer previewer, byte[] order, JsonNode crmHas) {
        return previewer.preview(order, Optional.of("orders/updated"), crmHas).records().get(0).requests().stream()
                .map(request -> request.method() + " " + request.path()).toList();
    }

    @Test
    void aRejectedRecordIsNotSentAndSaysWhy() throws IOException {
        byte[] body = bytes("""
                {"admin_graphql_api_id": "gid://shopify/Company/9", "name": "", "updated_at": "2026-03-01T10:00:00Z"}""");

        Entry entry = only(previewer("crm-one").preview(body, Optional.of("companies/update"), null));

        assertThat(entry.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(entry.because()).containsExactly("name: is required, and .name gives nothing");
        assertThat(entry.requests()).isEmpty();
        assertThat(entry.fields()).noneMatch(FieldEntry::sent);
        assertThat(field(entry, "name").because()).startsWith("refused: ");
    }

    @Test
    void anUnreadableConsentIsLeftOut() throws IOException {
        byte[] body = bytes(CUSTOMER.replace("\"phone\": null",
                "\"email_marketing_consent\": {\"state\": \"shrugged\"}, \"phone\": null"));

        Entry entry = only(previewer("crm-one").preview(body, Optional.empty(), null));

        assertThat(entry.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(entry.because()).containsExactly(
                "without email_consent: \"shrugged\" is not in tables/crm-one-consent.yaml");
        assertThat(field(entry, "email_consent").sent()).isFalse();
    }

    @Test
    void anAmbiguousBodyAsksForTheTopic() {
        assertThatThrownBy(() -> previewer("hubspot").preview(bytes("{\"id\": 1}"), Optional.empty(), null))
                .isInstanceOf(UnreadablePayload.class).hasMessageContaining("customers/create");
        assertThatThrownBy(() -> previewer("hubspot").preview(bytes("id: 1"), Optional.empty(), null))
                .isInstanceOf(UnreadablePayload.class).hasMessageContaining("not JSON");
    }

    private static Previewer previewer(String folder) {
        return new Previewer(Crm.ofFolder(MAPPINGS, folder, Mappings.load(MAPPINGS)),
                new MappingContext("main", "US"), SHOPIFY);
    }

    private static Entry only(Preview preview) {
        assertThat(preview.records()).hasSize(1);
        return preview.records().get(0);
    }

    private static FieldEntry field(Entry entry, String name) {
        return entry.fields().stream().filter(field -> field.field().equals(name)).findFirst().orElseThrow();
    }

    private static byte[] bytes(Object body) {
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** From .../orders/create.json, .../orders.create.json or .../customer.tags_added.json. */
    private static String topic(Path file) {
        String name = file.getFileName().toString().replace(".json", "");
        String folder = file.getParent().getFileName().toString();
        if (name.startsWith("customer.")) {
            return name;
        }
        return name.contains(".") ? name.replaceFirst("\\.", "/") : folder + "/" + name;
    }

    /** Webhook bodies; the third collection there has fixtures of another kind. */
    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(PAYLOADS)) {
            return files.filter(file -> file.toString().matches(".*/(hookdeck|shopify-docs)[^/]*/.*[.]json"))
                    .sorted().toList();
        }
    }
}
