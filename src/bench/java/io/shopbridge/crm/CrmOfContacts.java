package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Answers look-ups from memory, where a benchmark is about what Shopbridge does with an answer. */
public final class CrmOfContacts extends CrmClient {

    /** Field, then the value that is looked for, to the records that have it. */
    private final Map<String, Map<String, List<JsonNode>>> byValue = new HashMap<>();

    public CrmOfContacts() {
        super(null);
    }

    /**
     * Adds a record.
     *
     * @param contact {@code {id, fields}}, as an operation's {@code gives} makes it
     * @param found   field to value: what finds it, which may be written otherwise in the record itself
     */
    public void add(JsonNode contact, Map<String, String> found) {
        byValue.computeIfAbsent("id", any -> new HashMap<>()).put(contact.path("id").asText(), List.of(contact));
        found.forEach((field, value) -> byValue.computeIfAbsent(field, any -> new HashMap<>())
                .computeIfAbsent(value, any -> new ArrayList<>()).add(contact));
    }

    /** One page always: what it gives is bounded by the values that are asked for. */
    @Override
    public CrmPage page(CrmCall call, JsonNode next) {
        Set<JsonNode> found = new LinkedHashSet<>();
        JsonNode input = call.input();
        input.path("ids").forEach(id -> found.addAll(with("id", id)));
        input.path("values").forEach(value -> found.addAll(with(input.path("field").asText(), value)));
        return new CrmPage(List.copyOf(found), null);
    }

    private List<JsonNode> with(String field, JsonNode value) {
        return byValue.getOrDefault(field, Map.of()).getOrDefault(value.asText(), List.of());
    }
}
