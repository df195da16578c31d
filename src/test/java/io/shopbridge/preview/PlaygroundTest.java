package io.shopbridge.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.crm.Crm;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.mirror.PayloadRecords;
import io.shopbridge.mirror.UnreadablePayload;
import io.shopbridge.preview.Preview.Entry;
import io.shopbridge.preview.Preview.FieldEntry;
import io.shopbridge.preview.Preview.Outcome;
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
import org.junit.jupiter.params.provider.ValueSource;

class PlaygroundTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path MAPPINGS = Path.of("mappings");
    private static final Path PAYLOADS = Path.of("../shared/specs/shopify/payloads");
    private static final String CUSTOMER = """
            {"id": 7100000000000000001, "email": "ADA@example.com", "first_name": "Ada", "last_name": "Lindqvist",
             "verified_email": true, "updated_at": "2026-03-01T10:00:00Z", "phone": null,
             "default_address": {"phone": "+16135550142", "company": null}}""";

    @ParameterizedTest
    @ValueSource(strings = {"hubspot", "crm-one", "pipedrive"})
    void everyExamplePayloadEndsWithASentence(String folder) throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(PAYLOADS), "there are no example payloads in " + PAYLOADS);
        Playground playground = playground(folder);
        int records = 0;
        for (Path file : files()) {
            JsonNode json = JSON.readTree(file.toFile());
            JsonNode body = json.has("body") ? json.get("body") : json.get("response");
            if (body == null || !body.isObject()) {
                continue;
            }
            Preview preview = playground.preview(bytes(body), Optional.of(topic(file)), null);
            for (Entry entry : preview.records()) {
                check(entry, file);
                records++;
            }
            if (preview.records().isEmpty()) {
                assertThat(preview.note()).as(file.toString()).contains("is kept but not handled");
                assertThat(PayloadRecords.topics()).doesNotContain(topic(file));
            }
        }
        assertThat(records).isGreaterThan(40);
    }

    private static void check(Entry entry, Path file) {
        assertThat(entry.id()).as(file.toString()).isNotBlank().doesNotContain("E+");
        boolean saysWhy = entry.outcome() != Outcome.CREATED;
        assertThat(entry.because().isEmpty()).as(file + " " + entry.outcome()).isEqualTo(!saysWhy);
        assertThat(entry.because()).allSatisfy(why -> assertThat(why).hasSizeGreaterThan(10)
                .doesNotContain("Exception"));
        assertThat(entry.fields()).allSatisfy(field -> assertThat(field.because()).isNotBlank());
        if (entry.outcome() == Outcome.CREATED) {
            assertThat(entry.request()).isNotNull();
            assertThat(entry.request().body().toString()).as(file.toString())
                    .contains(entry.id().startsWith("guest:") ? "fields" : ":" + entry.id() + "\"");
        }
        entry.children().forEach(child -> check(child, file));
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
                PayloadRecords.topicOf(bytes(body)).ifPresent(guess ->
                        assertThat(topic.split("/")[0]).as(file + " " + guess).isEqualTo(guess.split("/")[0]));
            }
        }
    }

    @Test
    void aNewCustomerIsCreatedWithEachFieldsOriginAndReason() throws IOException {
        Entry entry = only(playground("hubspot").preview(bytes(CUSTOMER), Optional.empty(), null));

        assertThat(entry.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(field(entry, "email")).isEqualTo(new FieldEntry("email", "shopify", ".email",
                JSON.readTree("\"ada@example.com\""), true, "the record is new"));
        assertThat(field(entry, "phone").from()).isEqualTo(".default_address.phone");
        assertThat(field(entry, "company").because()).isEqualTo("Shopify has no value");
        assertThat(field(entry, "hubspot_owner_id").because()).isEqualTo("it is the CRM's own");
        assertThat(entry.request().body().toString()).contains("main:7100000000000000001");
        assertThat(entry.request().path()).isEqualTo("/crm/objects/2026-09/contacts/batch/upsert");
    }

    @Test
    void whatTheCrmHasDecidesWhatIsSent() throws IOException {
        JsonNode crmHas = JSON.readTree("""
                {"id": "42", "fields": {"email": "old@example.com", "lastname": "King", "firstname": "Ada",
                 "shopify_customer_key": "outlet:1", "company": "Looms"}}""");

        Entry entry = only(playground("hubspot").preview(bytes(CUSTOMER), Optional.of("customers/update"), crmHas));

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
        assertThat(entry.request().body().at("/inputs/0/id").asText()).isEqualTo("42");
        assertThat(entry.request().body().at("/inputs/0/properties").size()).isEqualTo(2);
    }

    @Test
    void aRejectedRecordIsNotSentAndSaysWhy() throws IOException {
        byte[] body = bytes(CUSTOMER.replace("ADA@example.com", "ada at example"));

        Entry entry = only(playground("crm-one").preview(body, Optional.empty(), null));

        assertThat(entry.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(entry.because()).containsExactly("email: is not a plausible e-mail address");
        assertThat(entry.request()).isNull();
        assertThat(entry.fields()).noneMatch(FieldEntry::sent);
        assertThat(field(entry, "email").because()).startsWith("refused: ");
    }

    @Test
    void aShapeThatTellsNothingAsksForTheTopic() {
        assertThatThrownBy(() -> playground("hubspot").preview(bytes("{\"id\": 1}"), Optional.empty(), null))
                .isInstanceOf(UnreadablePayload.class).hasMessageContaining("customers/create");
        assertThatThrownBy(() -> playground("hubspot").preview(bytes("id: 1"), Optional.empty(), null))
                .isInstanceOf(UnreadablePayload.class).hasMessageContaining("not JSON");
    }

    private static Playground playground(String folder) {
        return new Playground(Crm.ofFolder(MAPPINGS, folder, Mappings.load(MAPPINGS)),
                new MappingContext("main", "US"));
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
