package io.shopbridge.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.shopbridge.map.Direction;
import io.shopbridge.map.Owner;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What editors complete and check with must say the same as the linter. */
class SchemasTest {

    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7);
    private static final Path LINT = Path.of("src/test/resources/lint");

    static Stream<Path> shipped() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : List.of(Path.of("mappings"), LINT.resolve("right/mappings"))) {
            try (Stream<Path> paths = Files.walk(root)) {
                paths.filter(file -> file.toString().endsWith(".yaml") && !file.endsWith("fields.yaml"))
                        .forEach(files::add);
            }
        }
        return files.stream();
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyShippedFilePasses(Path file) throws IOException {
        assertThat(validate(file)).isEmpty();
    }

    /** Files of the linter's own broken cases; the place is where an editor underlines. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "unknown-key                      | customer-to-contact.yaml      | $.fields.lastname            | claen",
        "unknown-key-at-the-top           | customer-to-contact.yaml      | $                            | identiy",
        "unknown-key-in-external-id       | customer-to-contact.yaml      | $.identity.external-id       | feild",
        "unknown-key-in-skip              | customer-to-contact.yaml      | $.skip[0]                    | becuase",
        "unknown-key-in-a-link            | order-to-order.yaml           | $.links.customer             | recrod",
        "unknown-owner                    | customer-to-contact.yaml      | $.fields.lastname.owner      | shopify-on-create",
        "unknown-direction                | customer-to-contact.yaml      | $.fields.tags.direction      | to-shopify",
        "unknown-cleaner                  | customer-to-contact.yaml      | $.fields.email.clean         | email",
        "no-owner                         | customer-to-contact.yaml      | $.fields.tags                | owner",
        "no-from                          | customer-to-contact.yaml      | $.fields.tags                | from",
        "no-crm-object                    | customer-to-contact.yaml      | $                            | crm",
        "no-fields                        | customer-to-contact.yaml      | $                            | fields",
        "crm-owned-with-from              | customer-to-contact.yaml      | $.fields.stage.from          | from",
        "a-list-where-a-mapping-belongs   | customer-to-contact.yaml      | $                            | object",
        "test-with-an-unknown-word        | customer-to-contact.test.yaml | $.tests[1]                   | sinced",
        "test-that-expects-nothing-known  | customer-to-contact.test.yaml | $.tests[1].expect            | nothin",
        "test-without-a-name              | customer-to-contact.test.yaml | $.tests[1]                   | name",
        "test-time-that-is-none           | customer-to-contact.test.yaml | $.tests[1].crm-time          | pattern",
        "table-without-values             | consent.yaml                  | $                            | values",
        "secret-in-crm-yaml               | crm.yaml                      | $.auth.bearer                | pattern",
        "crm-unknown-key                  | crm.yaml                      | $                            | limits",
        "crm-unknown-transport            | crm.yaml                      | $.transport                  | rest",
        "crm-unknown-operation            | crm.yaml                      | $.operations                 | archve",
        "crm-operation-without-path       | crm.yaml                      | $.operations.update          | patch",
        "crm-operation-with-two-paths     | crm.yaml                      | $.operations.update          | valid",
        "crm-without-limits               | crm.yaml                      | $                            | limits",
        "crm-limit-that-is-no-number      | crm.yaml                      | $.limits.requests            | integer",
        "crm-bulk-of-a-rest-crm           | crm.yaml                      | $.bulk                       | batch",
        "crm-duration-without-unit        | crm.yaml                      | $.limits.period              | string",
        "crm-unknown-meaning              | crm.yaml                      | $.answers[1].means           | locked-out",
        "crm-status-that-is-none          | crm.yaml                      | $.answers[1].status          | pattern",
        "graphql-unknown-key              | customer.yaml                 | $                            | bodys",
        "graphql-refresh-rule             | customer.yaml                 | $.refresh.tags               | wihtin",
        "graphql-test-with-an-unknown-word | customer.test.yaml           | $.tests[0]                   | apart-form",
        "topic-unknown-key                | topics.yaml                   | $.customers/update           | entiti",
        "topic-unknown-word               | topics.yaml                   | $.customers/delete.says      | deleted",
        "entity-unknown-key               | entities.yaml                 | $.customer                   | lsits"})
    void aBrokenFileFailsAtTheRightPlace(String broken, String file, String place, String says) throws IOException {
        Path found;
        try (Stream<Path> paths = Files.walk(LINT.resolve("broken").resolve(broken))) {
            found = paths.filter(path -> path.endsWith(file)).findFirst().orElseThrow();
        }
        assertThat(validate(found)).anySatisfy(message -> {
            assertThat(message.getInstanceLocation()).hasToString(place);
            assertThat(message.getMessage()).contains(says);
        });
    }

    /** The linter names all legal words of a place where it meets another; each must be in the schema. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "acme/customer.yaml      | x: 1                                          | mapping | /properties",
        "acme/customer.yaml      | identity: {x: 1}              | mapping | /definitions/identity/properties",
        "acme/customer.yaml      | identity: {external-id: {x: 1}} "
                + "| mapping | /definitions/identity/properties/external-id/properties",
        "acme/customer.yaml      | skip: [{x: 1}]                | mapping | /properties/skip/items/properties",
        "acme/customer.yaml      | fields: {a: {x: 1}}           | mapping | /definitions/field/properties",
        "acme/customer.yaml      | links: {a: {x: 1}}            "
                + "| mapping | /definitions/links/additionalProperties/properties",
        "acme/customer.yaml      | children: {a: {x: 1}}         | mapping | /definitions/child/properties",
        "acme/customer.test.yaml | x: 1                          | test    | /properties",
        "acme/customer.test.yaml | tests: [{x: 1, name: a, expect: {}}]  | test | /properties/tests/items/properties",
        "acme/customer.test.yaml | tests: [{name: a, expect: {x: 1}}] "
                + "| test | /properties/tests/items/properties/expect/properties",
        "shopify/customer.yaml      | x: 1                       | graphql      | /properties",
        "shopify/customer.yaml      | bodies: [{x: 1}]           | graphql      | /properties/bodies/items/properties",
        "shopify/customer.yaml      | refresh: {a: {x: 1}}       | graphql      | /definitions/rule/properties",
        "shopify/customer.test.yaml | x: 1                       | graphql-test | /properties",
        "shopify/customer.test.yaml | tests: [{x: 1}]            | graphql-test | /properties/tests/items/properties",
        "shopify/customer.test.yaml | tests: [{webhooks: [{x: 1}]}] "
                + "| graphql-test | /properties/tests/items/properties/webhooks/items/properties",
        "shopify/topics.yaml     | a/b: {x: 1}                   | topics   | /definitions/topic/properties",
        "shopify/topics.yaml     | a/b: {body: {x: 1}}           "
                + "| topics | /definitions/topic/properties/body/properties",
        "shopify/entities.yaml   | a: {x: 1}                     | entities | /definitions/entity/properties",
        "shopify/entities.yaml   | a: {lists: {b: {x: 1}}}       | entities | /definitions/list/properties",
        "tables/a.yaml           | x: 1                          | table   | /properties",
        "exports/a.yaml          | x: 1                          | export  | /properties",
        "acme/crm.yaml           | x: 1                          | crm     | /properties",
        "acme/crm.yaml           | auth: {x: 1}                  | crm     | /properties/auth/properties",
        "acme/crm.yaml           | limits: {x: 1}                | crm     | /properties/limits/properties",
        "acme/crm.yaml           | bulk: {x: 1}                  | crm     | /properties/bulk/properties",
        "acme/crm.yaml           | types: {x: 1}                 | crm     | /properties/types/properties",
        "acme/crm.yaml           | advice: {x: 1}                | crm     | /properties/advice/properties",
        "acme/crm.yaml           | answers: [{x: 1}]             | crm     | /properties/answers/items/properties",
        "acme/crm.yaml           | operations: {x: {get: /}}     | crm     | /properties/operations/properties",
        "acme/crm.yaml           | operations: {find: {x: 1}}    | crm     | /definitions/call/properties",
        "acme/crm.yaml           | auth: {oauth2: {x: 1}}        | crm     | /properties/auth/properties/oauth2/properties",
        "acme/crm.yaml           | operations: {find: {pages: {x: 1}}} "
                + "| crm | /definitions/call/properties/pages/properties"})
    void theSchemaKnowsEveryWordThatTheReaderKnows(String file, String text, String schema, String properties,
            @TempDir Path root) throws IOException {
        for (String folder : List.of("samples", "tables", "exports", "acme", "shopify")) {
            Files.createDirectories(root.resolve(folder));
        }
        Files.writeString(root.resolve("samples/customer.json"), "{\"id\": \"1\"}");
        Files.writeString(root.resolve("acme/customer.yaml"),
                "shopify: customer\ncrm: contacts\nfields: {a: {from: .id, owner: shopify}}\n");
        Files.writeString(root.resolve("acme/customer.test.yaml"), "sample: ../samples/customer.json\ntests: []\n");
        if (schema.equals("graphql-test")) {
            Files.writeString(root.resolve("shopify/customer.yaml"), "graphql: Customer\n");
        }
        String was = Files.exists(root.resolve(file)) ? Files.readString(root.resolve(file)) : "";
        String key = text.split(":")[0];
        Files.writeString(root.resolve(file), was.lines().filter(line -> !line.startsWith(key + ":"))
                .collect(Collectors.joining("\n", "", "\n")) + text + "\n");

        String advice = Lint.mappings(root).stream().filter(fault -> fault.file().equals(file))
                .filter(fault -> fault.wrong().startsWith("unknown ")).map(Fault::right).findFirst().orElseThrow();

        List<String> legal = Arrays.asList(advice.substring(advice.indexOf("legal: ") + 7).split(", "));
        assertThat(new TreeSet<>(names(json(schema).at(properties)))).containsAll(legal);
    }

    @Test
    void theSchemaKnowsEveryCleanerOwnerAndDirection(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("acme"));
        Files.writeString(root.resolve("acme/customer.yaml"),
                "shopify: customer\ncrm: contacts\nfields: {a: {from: .id, clean: xxxx, owner: shopify}}\n");
        String advice = Lint.mappings(root).stream().filter(fault -> fault.key().endsWith("clean")).map(Fault::right)
                .findFirst().orElseThrow();
        String pattern = json("mapping").at("/definitions/cleaners/oneOf/0/pattern").asText();

        assertThat(advice.substring("legal: ".length()).split(", ")).allMatch(cleaner -> cleaner.matches(pattern));
        assertThat(texts(json("mapping").at("/definitions/field/properties/owner/enum")))
                .containsExactlyElementsOf(Arrays.stream(Owner.values()).map(Owner::word).toList());
        assertThat(texts(json("mapping").at("/definitions/field/properties/direction/enum")))
                .containsExactlyElementsOf(Arrays.stream(Direction.values()).map(Direction::word).toList());
    }

    @Test
    void theSchemaKnowsWhatATopicCanSay(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("shopify"));
        Files.writeString(root.resolve("shopify/topics.yaml"), "a/b: {entity: customer, says: x}\n");
        String advice = Lint.mappings(root).stream().filter(fault -> fault.key().endsWith("says")).map(Fault::right)
                .findFirst().orElseThrow();

        assertThat(texts(json("topics").at("/definitions/topic/properties/says/enum")))
                .containsExactly(advice.substring("legal: ".length()).split(", "));
    }

    @Test
    void everyWordIsDescribed() throws IOException {
        for (String name : List.of("mapping", "crm", "table", "rules", "test", "graphql", "graphql-test",
                "topics", "entities", "export")) {
            for (JsonNode properties : json(name).findValues("properties")) {
                properties.properties().forEach(word -> {
                    if (word.getValue().isObject() && !word.getValue().has("$ref") && !word.getValue().has("const")) {
                        assertThat(word.getValue().path("description").asText()).as(name + " " + word.getKey())
                                .isNotBlank();
                    }
                });
            }
        }
    }

    private static List<ValidationMessage> validate(Path file) throws IOException {
        String name = file.getFileName().toString();
        String schema = name.equals("topics.yaml") ? "topics" : name.equals("entities.yaml") ? "entities"
                : file.getParent().endsWith("shopify") ? name.endsWith(".test.yaml") ? "graphql-test" : "graphql"
                : name.equals("crm.yaml") ? "crm" : name.endsWith(".test.yaml") ? "test"
                : file.getParent().endsWith("rules") ? "rules" : file.getParent().endsWith("exports") ? "export"
                : file.getParent().endsWith("tables") ? "table" : "mapping";
        JsonNode yaml = Yaml.read(file.getParent(), file, new ArrayList<>()).orElseThrow().json();
        JsonSchema compiled = FACTORY.getSchema(json(schema));
        return List.copyOf(compiled.validate(yaml));
    }

    private static JsonNode json(String schema) throws IOException {
        try (InputStream in = SchemasTest.class.getResourceAsStream("/schemas/" + schema + ".schema.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
