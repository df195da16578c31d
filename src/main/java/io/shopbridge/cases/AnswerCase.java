package io.shopbridge.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.PayloadRecords;
import io.shopbridge.shopify.GivenBody;
import io.shopbridge.shopify.PayloadPart;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.RecordKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A case of a {@code *.test.yaml} in {@code mappings/shopify}: an answer and the webhooks of the same records must give
 * the same canonical records, of the same age.
 *
 * @param apartFrom dotted paths of what only webhooks know
 */
public record AnswerCase(Path file, int line, String name, byte[] answer, List<PayloadPart> webhooks,
        Set<String> apartFrom, Shopify shopify) {

    private static final String STORE = "main";
    private static final String REGION = "US";

    /** What the answer and the webhooks give, each by itself; none where the answer can't be read. */
    public List<CanonicalRecord> records() {
        List<CanonicalRecord> all = new ArrayList<>(records(webhooks).values());
        try {
            all.addAll(records(GivenBody.of(answer, Optional.empty(), shopify).parts()).values());
        } catch (UnreadablePayload e) {
            // The case fails, and says so.
        }
        return all;
    }

    /** What differs, by record and path; empty where the case holds. */
    public List<String> differences() {
        List<String> differences = new ArrayList<>();
        try {
            Map<RecordKey, CanonicalRecord> answered =
                    records(GivenBody.of(answer, Optional.empty(), shopify).parts());
            Map<RecordKey, CanonicalRecord> expected = records(webhooks);
            if (!answered.keySet().equals(expected.keySet())) {
                differences.add("expected the records " + names(expected.keySet()) + ", but were "
                        + names(answered.keySet()));
            }
            expected.forEach((key, record) -> {
                if (answered.containsKey(key)) {
                    compare(key, record, answered.get(key), differences);
                }
            });
        } catch (UnreadablePayload e) {
            differences.add(e.getMessage());
        }
        return differences;
    }

    private void compare(RecordKey key, CanonicalRecord expected, CanonicalRecord answered, List<String> differences) {
        String record = key.entity() + " " + key.recordId() + ": ";
        if (!Objects.equals(expected.mainAt(), answered.mainAt())) {
            differences.add(record + "expected the version of " + expected.mainAt() + ", but was "
                    + answered.mainAt());
        }
        compare(record, "", "", expected.json(), answered.json(), differences);
    }

    private void compare(String record, String path, String field, JsonNode expected, JsonNode answered,
            List<String> differences) {
        if (apartFrom.contains(field)) {
            return;
        }
        if (expected.isArray() && answered.isArray() && expected.size() == answered.size()) {
            for (int i = 0; i < expected.size(); i++) {
                compare(record, path + "[" + i + "]", field, expected.get(i), answered.get(i), differences);
            }
        } else if (expected instanceof ObjectNode one && answered instanceof ObjectNode other) {
            Set<String> names = new TreeSet<>();
            one.fieldNames().forEachRemaining(names::add);
            other.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> compare(record, path.isEmpty() ? name : path + "." + name,
                    field.isEmpty() ? name : field + "." + name, orNull(one, name), orNull(other, name), differences));
        } else if (!expected.equals(answered)) {
            differences.add(record + path + ": expected " + expected + ", but was " + answered);
        }
    }

    /** As mappings see it, nothing, a blank text and an empty list are the same. */
    private static JsonNode orNull(ObjectNode object, String name) {
        JsonNode value = object.path(name);
        return Values.isEmpty(value) ? JsonNodeFactory.instance.nullNode() : value;
    }

    private Map<RecordKey, CanonicalRecord> records(List<PayloadPart> parts) {
        return PayloadRecords.of(shopify, STORE, REGION, parts).stream()
                .collect(Collectors.toMap(CanonicalRecord::key, Function.identity()));
    }

    private static Set<String> names(Set<RecordKey> keys) {
        return new TreeMap<>(keys.stream().collect(Collectors.toMap(key -> key.entity() + " " + key.recordId(),
                Function.identity()))).keySet();
    }
}
