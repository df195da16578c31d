package io.shopbridge.shopify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.store.RecordKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Answers of which the app may not read a part. Of each sample, each field that it has is denied in turn: every value
 * that then is said must be that of the whole answer.
 */
class DeniedPartsTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final Set<String> IDENTITY = Set.of("__typename", "id", "updatedAt");
    private static final List<String> ENTITIES = List.of("checkout", "company", "customer", "order", "product");

    @TestFactory
    Stream<DynamicTest> whatIsSaidIsTrue() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String entity : ENTITIES) {
            ObjectNode whole = sample(entity);
            Map<String, JsonNode> truth = said(entity, whole);
            for (String path : paths(whole)) {
                tests.add(DynamicTest.dynamicTest(entity + " without " + path, () -> {
                    Map<String, JsonNode> said = said(entity, without(path, whole));
                    said.forEach((name, value) -> assertTrue(name, value, truth.get(name.replace(" in part", ""))));
                    assertThat(own(entity, said)).as("the rest").isGreaterThan(own(entity, truth) / 3);
                }));
            }
        }
        assertThat(tests).hasSizeGreaterThan(250);
        return tests.stream();
    }

    /** How much it says of the record itself, not of those that are told with it, such as a company's locations. */
    private static long own(String entity, Map<String, JsonNode> said) {
        return said.keySet().stream().filter(name -> name.startsWith(entity + " ")).count();
    }

    @Test
    void anOrderWithoutItsCustomerIsNoGuests() throws IOException {
        Map<String, JsonNode> said = said("order", without("customer", sample("order")));

        assertThat(said.keySet()).noneMatch(name -> name.contains("contact") && !name.contains("contact_email"))
                .noneMatch(name -> name.startsWith("customer") || name.contains("guest"))
                .anyMatch(name -> name.endsWith(" email")).anyMatch(name -> name.endsWith(" total_price"))
                .anyMatch(name -> name.endsWith(" line_items"));
    }

    @Test
    void anOrderWhoseCustomersNameIsDeniedStaysTheCustomers() throws IOException {
        Map<String, JsonNode> said = said("order", without("customer.firstName", sample("order")));

        assertThat(said.keySet()).anyMatch(name -> name.matches("order .* contact"))
                .anyMatch(name -> name.matches("customer .* profile email"))
                .noneMatch(name -> name.matches("customer .* profile first_name"));
    }

    /** So that those that webhooks told, with their products, stay. */
    @Test
    void linesWithoutTheirProductsCountOnlyWhereNoneAreKnown() throws IOException {
        Map<String, JsonNode> said = said("order", without("lineItems.product", sample("order")));

        assertThat(said.keySet()).anyMatch(name -> name.endsWith(" line_items in part"))
                .noneMatch(name -> name.endsWith(" line_items"));
    }

    /** What the mirror gets, field by field where it keeps fields. */
    private static Map<String, JsonNode> said(String entity, JsonNode answer) {
        Instant now = Instant.now();
        ReceivedEvent event = new ReceivedEvent(0, "main", ApiAnswer.topic(entity), now, now, Json.write(answer));
        Map<String, JsonNode> said = new TreeMap<>();
        for (FacetChange change : Topics.ofNoInstallation(SHOPIFY, "US").receive(event).orElseThrow().changes()) {
            RecordKey key = change.key();
            String name = key.entity() + " " + key.recordId() + " " + change.facet();
            if (change.byField()) {
                // A consent of this time is one that nobody has ever changed.
                boolean inPart = change.version().at().equals(Instant.EPOCH) && Consents.fieldOf(change.facet()).isEmpty();
                FieldStates.of(change.version(), change.value()).values().properties().forEach(field -> said.put(name + " "
                        + field.getKey() + (inPart ? " in part" : ""), field.getValue()));
            } else {
                said.put(name, Json.readOwn(change.value()));
            }
        }
        return said;
    }

    private static void assertTrue(String name, JsonNode value, JsonNode truth) {
        // What an order says of its buyer counts where the customer does not say it.
        if (name.endsWith(" " + Facets.WITHHELD) || name.matches("customer .* " + Facets.BUYER + " .*")) {
            return;
        }
        if (name.endsWith(" in part")) {
            assertThat(truth).as(name).hasSameSizeAs(value);
            for (int i = 0; i < value.size(); i++) {
                JsonNode whole = truth.get(i);
                value.get(i).properties().forEach(field -> assertThat(whole.get(field.getKey()))
                        .as(name + " " + field.getKey()).isEqualTo(field.getValue()));
            }
            return;
        }
        assertThat(value).as(name).isEqualTo(truth);
    }

    private static ObjectNode without(String path, ObjectNode whole) {
        ObjectNode object = whole.deepCopy();
        empty(object, path);
        ApiAnswer.deny(object, List.of(path));
        return object;
    }

    private static void empty(JsonNode json, String path) {
        if (json.isArray()) {
            json.forEach(element -> empty(element, path));
        } else if (json.path("nodes").isArray()) {
            empty(json.get("nodes"), path);
        } else if (json instanceof ObjectNode object) {
            int dot = path.indexOf('.');
            if (dot >= 0) {
                empty(object.path(path.substring(0, dot)), path.substring(dot + 1));
            } else if (object.has(path)) {
                object.putNull(path);
            }
        }
    }

    /** All that a sample has, but for what says which record it is, and when. */
    private static Set<String> paths(ObjectNode whole) {
        Set<String> paths = new TreeSet<>();
        paths("", whole, paths);
        paths.removeAll(IDENTITY);
        // It has the token, without which nothing of the checkout can be said.
        paths.remove("abandonedCheckoutUrl");
        return paths;
    }

    private static void paths(String inside, JsonNode json, Set<String> paths) {
        if (json.isArray()) {
            json.forEach(element -> paths(inside, element, paths));
        } else if (json.path("nodes").isArray()) {
            paths(inside, json.get("nodes"), paths);
        } else {
            json.properties().forEach(field -> {
                paths.add(inside + field.getKey());
                paths(inside + field.getKey() + ".", field.getValue(), paths);
            });
        }
    }

    private static ObjectNode sample(String entity) throws IOException {
        return find(Json.read(Files.readAllBytes(Path.of("mappings/shopify/samples/" + entity + "-answer.json"))))
                .orElseThrow();
    }

    /** The first record of an answer. */
    private static Optional<ObjectNode> find(JsonNode json) {
        if (json instanceof ObjectNode object && object.has("__typename")) {
            return Optional.of(object);
        }
        for (JsonNode child : json) {
            Optional<ObjectNode> found = find(child);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
