package io.shopbridge.cases;

import io.shopbridge.shopify.GraphqlTypes;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.PayloadPart;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The cases in the {@code *.test.yaml} files of {@code mappings/shopify}.
 *
 * <pre>
 * tests:
 *   - name: a sentence
 *     answer: samples/order-answer.json            # of the GraphQL API, relative to this file
 *     webhooks:                                    # of the same records
 *       - { topic: orders/updated, body: samples/order-webhook.json }
 *     apart-from: [number, line_items.grams]       # what only webhooks know
 * </pre>
 */
public final class AnswerCases {

    private final Path root;
    private final Shopify shopify;
    private final List<Fault> faults;
    private final List<AnswerCase> cases = new ArrayList<>();

    private AnswerCases(Path root, Shopify shopify, List<Fault> faults) {
        this.root = root;
        this.shopify = shopify;
        this.faults = faults;
    }

    /**
     * Reads the cases of all files.
     *
     * @throws InvalidMappings with everything that is wrong in the test files
     */
    public static List<AnswerCase> load(Path mappingsDir, Shopify shopify) throws InvalidMappings {
        List<Fault> faults = new ArrayList<>();
        List<AnswerCase> cases = read(mappingsDir, shopify, faults);
        if (!faults.isEmpty()) {
            throw new InvalidMappings(faults);
        }
        return cases;
    }

    /** As {@link #load}, but what is wrong is added to the faults. */
    public static List<AnswerCase> read(Path mappingsDir, Shopify shopify, List<Fault> faults) {
        AnswerCases cases = new AnswerCases(mappingsDir, shopify, faults);
        for (Path file : GraphqlTypes.files(mappingsDir.resolve(GraphqlTypes.FOLDER))) {
            Path tests = GraphqlTypes.testsOf(file);
            if (Files.exists(tests)) {
                Yaml.read(mappingsDir, tests, faults).ifPresent(yaml -> cases.read(tests, yaml));
            }
        }
        return List.copyOf(cases.cases);
    }

    private void read(Path file, Yaml yaml) {
        Map<String, Yaml> entries = yaml.entries("description", "tests");
        if (!entries.containsKey("tests")) {
            yaml.fault("the key tests is missing", "write at least one test under `tests:`");
            return;
        }
        for (Yaml test : entries.get("tests").items()) {
            Map<String, Yaml> words = test.entries("name", "answer", "webhooks", "apart-from");
            Optional<String> name = test.requiredText("name", "say in a sentence what must be true");
            Optional<byte[]> answer = test.required("answer", "name a file with a GraphQL answer, relative to this"
                    + " file").flatMap(at -> bytes(file, at));
            List<PayloadPart> webhooks = new ArrayList<>();
            test.required("webhooks", "write the webhooks of the same records: `- { topic: …, body: <file> }`")
                    .ifPresent(list -> list.items().forEach(item -> webhook(file, item).ifPresent(webhooks::add)));
            Set<String> apartFrom = new HashSet<>();
            if (words.containsKey("apart-from")) {
                words.get("apart-from").items().forEach(item -> item.text().ifPresent(apartFrom::add));
            }
            if (name.isPresent() && answer.isPresent() && !webhooks.isEmpty()) {
                cases.add(new AnswerCase(file, test.line(), name.get(), answer.get(), webhooks, apartFrom, shopify));
            }
        }
    }

    private Optional<PayloadPart> webhook(Path file, Yaml item) {
        Map<String, Yaml> words = item.entries("topic", "body");
        Optional<String> topic = item.requiredText("topic", "name the webhook's topic");
        topic.filter(name -> !shopify.handled().contains(name)).ifPresent(name -> words.get("topic").fault(
                "\"" + name + "\" is not a handled topic", Nearest.advice(name, shopify.handled())));
        return item.required("body", "name a file with the webhook's body, relative to this file")
                .flatMap(at -> bytes(file, at)).flatMap(body -> topic.map(name -> new PayloadPart(name, body)));
    }

    private Optional<byte[]> bytes(Path file, Yaml at) {
        Optional<String> name = at.text();
        if (name.isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Files.readAllBytes(file.resolveSibling(name.get()));
            Json.read(bytes);
            return Optional.of(bytes);
        } catch (IOException e) {
            at.fault(name.get() + " is not a file with JSON", "name one, relative to " + root.relativize(file));
            return Optional.empty();
        }
    }
}
