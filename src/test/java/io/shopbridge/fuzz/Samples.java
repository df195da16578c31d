package io.shopbridge.fuzz;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Whole bodies of webhooks: those of the mappings, and Shopify's own examples where they are at hand. */
final class Samples {

    private static final Path WEBHOOKS = Path.of("mappings/shopify/samples");
    private static final Path RECORDS = Path.of("mappings/samples");
    private static final Path PAYLOADS = Path.of("../shared/specs/shopify/payloads");
    /** It pauses the store, so that nothing after it would be seen in a CRM. */
    private static final String UNINSTALLED = "app/uninstalled";
    private static final Map<String, String> TOPICS = Map.ofEntries(
            entry("bulk-operation", "bulk_operations/finish"), entry("checkout", "checkouts/update"),
            entry("company", "companies/update"), entry("company-contact", "company_contacts/update"),
            entry("company-location", "company_locations/update"),
            entry("company_location", "company_locations/update"),
            entry("company-role", "company_contact_roles/assign"), entry("customer", "customers/update"),
            entry("data-request", "customers/data_request"), entry("draft_order", "draft_orders/update"),
            entry("draft-order", "draft_orders/update"),
            entry("email-consent", "customers_email_marketing_consent/update"),
            entry("fulfillment-event", "fulfillment_events/create"), entry("merge", "customers/merge"),
            entry("order", "orders/updated"), entry("product", "products/update"),
            entry("purchasing-summary", "customers/purchasing_summary"), entry("redact", "customers/redact"),
            entry("return", "returns/request"), entry("returned-order", "orders/updated"),
            entry("risk", "orders/risk_assessment_changed"),
            entry("scopes", "app/scopes_update"), entry("segment", "customer.joined_segment"),
            entry("shop-redact", "shop/redact"), entry("sms-consent", "customers_marketing_consent/update"),
            entry("tags-added", "customer.tags_added"), entry("transaction", "order_transactions/create"),
            entry("uninstalled", UNINSTALLED),
            entry("whats-app-consent", "customers_whats_app_marketing_consent/update"));
    private static final List<String> PERSONAL = List.of("email", "first_name", "last_name", "phone", "address1",
            "note", "latitude");
    private static final int TELLING = 8;

    /** A body as it should be. */
    record Sample(String topic, JsonNode body) {
    }

    private final ObjectMapper json = new ObjectMapper();
    private final List<Sample> samples = new ArrayList<>();

    private Samples() {
    }

    static List<Sample> all() throws IOException {
        Samples all = new Samples();
        for (Path file : files(WEBHOOKS, "-webhook.json")) {
            all.add(TOPICS.get(file.getFileName().toString().replace("-webhook.json", "")), file);
        }
        for (Path file : files(RECORDS, ".json")) {
            all.add(TOPICS.get(file.getFileName().toString().replace(".json", "")), file);
        }
        for (Path file : files(PAYLOADS.resolve("hookdeck-webhook-samples"), ".json")) {
            JsonNode sample = all.json.readTree(file.toFile());
            all.samples.add(new Sample(sample.path("topic").asText(), sample.path("body")));
        }
        for (Path file : files(PAYLOADS.resolve("shopify-docs-topic-examples"), ".json")) {
            JsonNode example = all.json.readTree(file.toFile());
            if (example.has("response")) {
                all.samples.add(new Sample(example.path("name").asText(), example.path("response")));
            }
        }
        all.samples.removeIf(sample -> sample.topic().equals(UNINSTALLED));
        return List.copyOf(all.samples);
    }

    /** Texts of people in the samples that are long enough to be told from other words. */
    static Set<String> personal(Collection<Sample> samples) {
        Set<String> texts = new LinkedHashSet<>();
        samples.forEach(sample -> personal(sample.body(), texts));
        return texts;
    }

    private static void personal(JsonNode node, Set<String> texts) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> {
                String text = field.getValue().asText();
                if (PERSONAL.contains(field.getKey()) && field.getValue().isTextual() && text.length() >= TELLING) {
                    texts.add(text);
                }
            });
        }
        node.forEach(element -> personal(element, texts));
    }

    private void add(String topic, Path file) throws IOException {
        if (topic == null) {
            throw new IllegalStateException(file + " is a sample of a topic that is not known here");
        }
        samples.add(new Sample(topic, json.readTree(file.toFile())));
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }
}
