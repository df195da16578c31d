package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A facet of which every field has a version of its own, because different bodies name different fields of it. A field
 * that a body does not name stays as it is known, be it of another topic, an answer of the API or a subscription with
 * {@code include_fields}; one that it names as null is empty from then on. Lines keep {@link SoldProducts what they sold}.
 * As JSON it is the object itself; fields that are older than the newest stand in {@code said} with their versions,
 * mostly none.
 *
 * @param values   the fields; null: said to be empty
 * @param versions the version of each of them
 */
public record FieldStates(ObjectNode values, Map<String, Version> versions) {

    /** Where a facet as JSON keeps which fields are older. */
    static final String SAID = "said";

    private static final String AT = "at";
    private static final String TIE = "tie";
    private static final String FIELDS = "fields";

    /** Reads a facet as it is stored, or as an event brings it. */
    public static FieldStates of(Version version, byte[] value) {
        ObjectNode values = (ObjectNode) Json.readOwn(value);
        Map<String, Version> versions = new HashMap<>();
        values.fieldNames().forEachRemaining(field -> versions.put(field, version));
        versions.remove(SAID);
        if (values.remove(SAID) instanceof ArrayNode older) {
            for (JsonNode said : older) {
                Version then = new Version(Instant.parse(said.path(AT).asText()), said.path(TIE).asText());
                said.path(FIELDS).forEach(field -> versions.replace(field.asText(), then));
            }
        }
        return new FieldStates(values, versions);
    }

    /** Of each field the newest of what these say. The order in which they are given makes no difference. */
    public static FieldStates newest(Collection<FieldStates> all) {
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        Map<String, Version> versions = new TreeMap<>();
        for (FieldStates one : all) {
            one.versions.forEach((field, version) -> {
                Version known = versions.get(field);
                JsonNode before = values.get(field);
                JsonNode value = one.values.get(field);
                boolean isNewer = known == null || version.compareTo(known) > 0;
                if (isNewer) {
                    versions.put(field, version);
                    values.set(field, value);
                }
                if (before != null && field.equals(SoldProducts.LINES)) {
                    values.set(field, isNewer ? SoldProducts.kept(value, before) : SoldProducts.kept(before, value));
                }
            });
        }
        return new FieldStates(values, versions);
    }

    /** That of its newest field. */
    public Version version() {
        return versions.values().stream().max(Version::compareTo).orElseThrow();
    }

    /** The JSON of fields that are all of one body, as {@link #bytes} has it. */
    static byte[] bytes(ObjectNode body) {
        body.remove(SAID);
        return Json.write(sorted(body));
    }

    private static ObjectNode sorted(ObjectNode fields) {
        ObjectNode sorted = JsonNodeFactory.instance.objectNode();
        fields.properties().stream().sorted(Map.Entry.comparingByKey())
                .forEach(field -> sorted.set(field.getKey(), field.getValue()));
        return sorted;
    }

    /** The facet as JSON: equal states have equal bytes. */
    public byte[] bytes() {
        Map<Version, List<String>> older = new TreeMap<>();
        Version newest = version();
        new TreeMap<>(versions).forEach((field, version) -> {
            if (!version.equals(newest)) {
                older.computeIfAbsent(version, v -> new ArrayList<>()).add(field);
            }
        });
        ObjectNode json = sorted(values);
        if (!older.isEmpty()) {
            ArrayNode said = json.putArray(SAID);
            older.forEach((version, fields) -> {
                ObjectNode one = said.addObject().put(AT, version.at().toString()).put(TIE, version.tie());
                fields.forEach(one.putArray(FIELDS)::add);
            });
        }
        return Json.write(json);
    }

    /** Whether what is known of this field is of an earlier state than that. */
    public boolean isOlder(String field, Version than) {
        Version version = versions.get(field);
        return version != null && than != null && version.compareTo(than) < 0;
    }

    /** Whether it is older by Shopify's own time, and so not of the same state that another body tells more of. */
    public boolean isOfEarlierTime(String field, Version than) {
        return isOlder(field, than) && versions.get(field).at().isBefore(than.at());
    }

    /** The newest version of any of these fields; null if none of them is known. */
    public Version newestOf(Collection<String> fields) {
        return fields.stream().map(versions::get).filter(Objects::nonNull).max(Version::compareTo).orElse(null);
    }

    /** Whether a value of this field is known, even an empty one. */
    public boolean says(String field) {
        return versions.containsKey(field);
    }
}
