package io.shopbridge.sandbox.pipedrive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.RecordStore.Stored;
import io.shopbridge.sandbox.server.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Search by text, in any case; what was just written is not found until the index has followed. */
final class Search {

    /** The fields that search knows for each object; custom_fields stands for all custom fields of searchable types. */
    static final Map<String, Set<String>> FIELDS = Map.of(
            "persons", Set.of("custom_fields", "email", "notes", "phone", "name"),
            "organizations", Set.of("address", "custom_fields", "notes", "name"),
            "deals", Set.of("custom_fields", "notes", "title"),
            "products", Set.of("code", "custom_fields", "name"));

    record Hit(String object, Stored stored) {
    }

    private final Records records;
    private final long lagMillis;
    private final Map<String, Map<String, Set<String>>> idsByValue = new ConcurrentHashMap<>();

    Search(Records records, long lagMillis) {
        this.records = records;
        this.lagMillis = lagMillis;
        FIELDS.keySet().forEach(object -> records.all(object).forEach(stored -> index(object, stored)));
    }

    void clear() {
        idsByValue.clear();
    }

    /** Remembers whole values, so that an exact search need not read every record. */
    void index(String object, Stored stored) {
        if (FIELDS.containsKey(object)) {
            values(object, stored, FIELDS.get(object)).values().forEach(all -> all.forEach(value ->
                    idsByValue.computeIfAbsent(object, key -> new HashMap<>())
                            .computeIfAbsent(value.toLowerCase(Locale.ROOT), key -> new LinkedHashSet<>())
                            .add(stored.id())));
        }
    }

    /** @throws Refused if the term is too short or a field is none of the object's */
    List<Hit> find(List<String> objects, String term, List<String> fields, boolean exact) {
        if (term.strip().length() < (exact ? 1 : 2)) {
            throw Errors.invalid("term: must be longer than or equal to " + (exact ? 1 : 2) + " characters");
        }
        List<Hit> hits = new ArrayList<>();
        String wanted = term.strip().toLowerCase(Locale.ROOT);
        for (String object : objects) {
            Set<String> known = FIELDS.get(object);
            List<String> asked = fields.isEmpty() ? List.copyOf(known)
                    : fields.stream().filter(known::contains).toList();
            List<Stored> candidates = !exact ? records.all(object).toList()
                    : idsByValue.getOrDefault(object, Map.of()).getOrDefault(wanted, Set.of()).stream()
                    .map(id -> records.any(object, id)).filter(one -> one != null).toList();
            candidates.stream().map(this::visible).filter(one -> one != null && !Records.isDeleted(one))
                    .filter(one -> values(object, one, asked).values().stream().flatMap(List::stream)
                            .map(value -> value.toLowerCase(Locale.ROOT))
                            .anyMatch(value -> exact ? value.equals(wanted) : value.contains(wanted)))
                    .sorted(Comparator.comparingLong(Stored::number))
                    .forEach(one -> hits.add(new Hit(object, one)));
        }
        return hits;
    }

    private Stored visible(Stored stored) {
        long horizon = System.currentTimeMillis() - lagMillis;
        Stored seen = stored.updatedAt() <= horizon ? stored : stored.previous();
        return seen != null && seen.updatedAt() <= horizon ? seen : null;
    }

    /** The values of one field, by its name or the code of a custom field; null if it is not searchable. */
    List<String> values(String object, Stored stored, String field) {
        if (records.custom(object).containsKey(field)) {
            boolean searchable = Fields.SEARCHABLE
                    .contains(records.custom(object).get(field).get("field_type").asText());
            return searchable ? text(stored.values().path("custom_fields").path(field)) : null;
        }
        return FIELDS.get(object).contains(field) ? values(object, stored, List.of(field)).get(field) : null;
    }

    private Map<String, List<String>> values(String object, Stored stored, Iterable<String> fields) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String field : fields) {
            List<String> found = new ArrayList<>();
            switch (field) {
                case "email" -> stored.values().path("emails").forEach(one -> found.addAll(text(one)));
                case "phone" -> stored.values().path("phones").forEach(one -> found.addAll(text(one)));
                case "custom_fields" -> records.custom(object).forEach((code, definition) -> {
                    if (Fields.SEARCHABLE.contains(definition.get("field_type").asText())) {
                        found.addAll(text(stored.values().path("custom_fields").path(code)));
                    }
                });
                default -> found.addAll(text(stored.values().path(field)));
            }
            values.put(field, found);
        }
        return values;
    }

    private static List<String> text(JsonNode value) {
        JsonNode plain = value.isObject() ? value.path("value") : value;
        return plain.isMissingNode() || plain.isNull() ? List.of() : List.of(plain.asText());
    }

    ObjectNode item(Hit hit) {
        ObjectNode found = Json.object().put("result_score", 1.0);
        ObjectNode item = found.putObject("item").put("id", hit.stored().number())
                .put("type", hit.object().substring(0, hit.object().length() - 1));
        JsonNode values = hit.stored().values();
        item.put(hit.object().equals("deals") ? "title" : "name",
                values.path(hit.object().equals("deals") ? "title" : "name").asText());
        values(hit.object(), hit.stored(), FIELDS.get(hit.object())).forEach((field, all) -> {
            switch (field) {
                case "email", "phone" -> strings(item.putArray(field + "s"), all);
                case "custom_fields", "notes" -> strings(item.putArray(field), all);
                case "code", "address" -> item.put(field, all.isEmpty() ? null : all.get(0));
                default -> {
                    // the name is there already
                }
            }
        });
        item.put("visible_to", 3).putObject("owner").put("id", 1);
        if (values.path("org_id").isIntegralNumber()) {
            Stored organization = records.any("organizations", values.get("org_id").asText());
            item.putObject("organization").put("id", values.get("org_id").asLong())
                    .put("name", organization == null ? null : organization.text("name")).putNull("address");
        } else if (!hit.object().equals("organizations")) {
            item.putNull("organization");
        }
        return found;
    }

    private static void strings(ArrayNode into, List<String> all) {
        all.forEach(into::add);
    }
}
