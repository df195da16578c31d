package io.shopbridge.shopify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.ReceivedEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shopify's own example of every topic passes for that topic and for no other that means something else. */
class TopicShapeTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final Path EXAMPLES = Path.of("../shared/specs/shopify/payloads");
    /** Topics whose bodies are the same: what the event was makes no difference, or nothing tells. */
    private static final List<String> ALIKE = List.of("customers/(create|update|enable|disable)",
            "orders/(create|updated|paid|cancelled|fulfilled|partially_fulfilled|link_requested)",
            "checkouts/(create|update)", "fulfillments/.*", "companies/.*", "company_locations/.*", "draft_orders/(create|update)",
            "company_contacts/.*", "customer\\.tags_.*", "customer\\.(joined|left)_segment",
            "company_contact_roles/.*", "products/(create|update)", "returns/.*", "fulfillment_events/.*");
    /** {"id": 7}: of whatever is gone. Numbers of products and orders are not those of customers. */
    private static final String ID_ONLY = "(\\w+/delete|returns/process)";

    @Test
    void everyExampleIsOneOfItsTopicAndOfNoOther() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(EXAMPLES), "there are no example payloads in " + EXAMPLES);
        Topics topics = Topics.ofNoInstallation(SHOPIFY, "US");
        Set<String> seen = new TreeSet<>();
        Map<String, String> mistaken = new TreeMap<>();
        for (Example example : examples()) {
            for (String topic : SHOPIFY.handled()) {
                ReceivedEvent event = new ReceivedEvent(1, "main", topic, null, Instant.now(), example.body);
                if (topic.equals(example.topic)) {
                    seen.add(topic);
                    assertThatCode(() -> topics.receive(event)).as(topic).doesNotThrowAnyException();
                } else if (!alike(topic, example.topic) && isTaken(topics, event)) {
                    mistaken.put(example.topic + " as " + topic, "taken");
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(50);
        assertThat(mistaken.keySet()).allMatch(pair -> pair.matches(ID_ONLY + " as \\w+/delete"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "products/update | {'id': 5, 'name': '#5', 'total_price': '1.00'}",
        "products/update | {'id': 5, 'admin_graphql_api_id': 'gid://shopify/Order/5', 'title': 'x'}",
        "products/update | {'admin_graphql_api_id': 'gid://shopify/Product/5'}",
        "products/update | {'admin_graphql_api_id': 'gid://shopify/Product/../7', 'title': 'x'}",
        "products/delete | {'id': 5, 'title': 'x'}",
        "products/delete | {'admin_graphql_api_id': 'gid://shopify/Customer/5'}"})
    void aTopicOfAFewWordsTakesNoOtherBody(String topic, String body, @TempDir Path root) throws IOException {
        Topics topics = Topics.ofNoInstallation(products(root), "US");
        assertThatThrownBy(() -> topics.receive(event(topic, body))).isInstanceOf(UnreadablePayload.class);
    }

    @Test
    void anEntityOfAFewWordsIsKeptFieldByFieldAndReadWithTheSameCare(@TempDir Path root) throws IOException {
        Topics topics = Topics.ofNoInstallation(products(root), "US");
        List<FacetChange> changes = topics.receive(event("products/update", "{'id': 9007199254740993,"
                + " 'admin_graphql_api_id': 'gid://shopify/Product/9007199254740993', 'tags': 'a, b', 'metrics': 1,"
                + " 'updated_at': '2099-01-01T00:00:00Z', 'variants': [{'id': 3}]}")).orElseThrow().changes();

        assertThat(changes).hasSize(2).allMatch(FacetChange::byField).allMatch(change -> change.facet().equals("product"))
                .allMatch(change -> change.key().recordId().equals("9007199254740993"));
        JsonNode product = Json.readOwn(changes.get(0).value());
        assertThat(product.path("tags")).map(JsonNode::asText).containsExactly("a", "b");
        assertThat(product.has("metrics")).isFalse();
        assertThat(product.has("variants")).as("named in part, so a change of its own").isFalse();
        assertThat(changes.get(0).version().at()).as("no time that is yet to come").isBefore(Instant.now());
    }

    private static ReceivedEvent event(String topic, String body) {
        return new ReceivedEvent(1, "main", topic, null, Instant.parse("2026-03-01T10:00:00Z"),
                body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static Shopify products(Path root) throws IOException {
        Files.createDirectories(root.resolve("shopify"));
        Files.writeString(root.resolve("shopify/entities.yaml"),
                "product: { type: Product, whole: { variants: [title, price] } }\n");
        Files.writeString(root.resolve("shopify/topics.yaml"),
                "products/update: { entity: product }\nproducts/delete: { entity: product, says: deleted }\n");
        return Shopify.load(root);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"orders/updated | 'tags': 'VIP'", "orders/updated | 'note': 'x'",
        "orders/updated | 'line_items': [{'id': 1, 'quantity': 2}]", "orders/updated | 'total_outstanding': '0.00'",
        "orders/updated | 'shipping_address': {'city': 'Salem'}", "orders/updated | 'customer': {'id': 7}",
        "draft_orders/update | 'status': 'completed', 'completed_at': '2026-03-01T10:00:00Z', 'total_price': '120.00'", "checkouts/update | 'token': 'c1', 'completed_at': '2026-03-01T10:00:00Z'",
        "draft_orders/update | 'admin_graphql_api_id': 'gid://shopify/DraftOrder/61', 'note': 'x'"})
    void aBodyOfTheFewFieldsThatItsSubscriptionAsksForIsTaken(String topic, String fields) {
        assertThatCode(() -> receive(topic, fields)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"orders/updated | 'token': 'c1', 'line_items': [{'id': 1}], 'note': 'x'",
        "draft_orders/update | 'status': 'lost'", "draft_orders/update | 'total_price': '1.00'",
        "orders/updated | 'body_html': 'x'", "checkouts/update | 'token': 'c1', 'line_items': [{'id': 1}]"})
    void aBodyThatMayBeAnotherTopicsExplainsWhatToAdd(String topic, String fields) {
        assertThatThrownBy(() -> receive(topic, fields)).isInstanceOf(UnreadablePayload.class).hasMessageContaining(
                "If the subscription has include_fields, add admin_graphql_api_id to them");
    }

    private static void receive(String topic, String fields) {
        String body = "{'id': 61, 'updated_at': '2026-03-01T10:00:00Z', " + fields + "}";
        Topics.ofNoInstallation(SHOPIFY, "US").receive(new ReceivedEvent(1, "main", topic,
                null, Instant.now(), body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    private record Example(String topic, byte[] body) {
    }

    private static List<Example> examples() throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".json")
                    && file.toString().matches(".*(hookdeck|shopify-docs).*")).map(TopicShapeTest::example)
                    .flatMap(Optional::stream).toList();
        }
    }

    private static Optional<Example> example(Path file) {
        try {
            JsonNode json = Json.read(Files.readAllBytes(file));
            String topic = json.path("topic").asText(json.path("name").asText());
            JsonNode body = json.path(json.has("body") ? "body" : "response");
            return body instanceof ObjectNode ? Optional.of(new Example(topic, Json.write(body))) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean isTaken(Topics topics, ReceivedEvent event) {
        try {
            topics.receive(event);
            return true;
        } catch (UnreadablePayload e) {
            return false;
        }
    }

    private static boolean alike(String one, String other) {
        return ALIKE.stream().anyMatch(pattern -> one.matches(pattern) && other.matches(pattern));
    }
}
