package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Reads CRM records, in calls as large as the CRM allows. */
@Component
public class CrmLookup {

    private static final String FIND = "find";
    private static final String SEARCH = "search";
    private static final String READ = "read";
    private static final String FIELDS = "fields";

    private final CrmClient client;

    CrmLookup(CrmClient client) {
        this.client = client;
    }

    /** Records whose field may hold one of these values: the caller compares them again. */
    List<CrmRecord> by(Crm crm, String object, Set<String> fieldNames, String field, Collection<String> values) {
        String operation = crm.can(SEARCH, object) && !crm.unique(object, field) ? SEARCH : FIND;
        List<JsonNode> hits = inBatches(crm, object, fieldNames, operation, "values", values, field);
        // Some searches tell which records they found, but not what these hold.
        List<String> ids = hits.stream().filter(hit -> !hit.has(FIELDS)).map(hit -> hit.path("id").asText()).toList();
        List<JsonNode> read = inBatches(crm, object, fieldNames, READ, "ids", ids, null);
        return Stream.concat(hits.stream().filter(hit -> hit.has(FIELDS)), read.stream()).map(CrmRecord::of).toList();
    }

    /**
     * The records with these ids, by the id that was asked for; those that are gone are left out. One that was merged
     * into another may be answered with the other's id.
     */
    public Map<String, CrmRecord> read(Crm crm, Mapping mapping, Collection<String> ids) {
        return read(crm, mapping.object(), mapping.fieldNames(), ids);
    }

    /** The same for records of any object. */
    public Map<String, CrmRecord> read(Crm crm, String object, Set<String> fieldNames, Collection<String> ids) {
        Map<String, CrmRecord> records = new HashMap<>();
        inBatches(crm, object, fieldNames, READ, "ids", ids, null).forEach(given ->
                records.put(given.path("asked").asText(given.path("id").asText()), CrmRecord.of(given)));
        return records;
    }

    /** What the CRM has under this record: an order's lines. */
    public List<CrmRecord> children(Crm crm, ChildMapping child, String parentId) {
        ObjectNode input = JsonNodeFactory.instance.objectNode().put("parent", parentId);
        child.fieldNames().stream().sorted().forEach(input.withArray(FIELDS)::add);
        return client.call(new CrmCall(crm.name(), "children", Map.of("object", child.object()), input)).stream()
                .map(CrmRecord::of).toList();
    }

    private List<JsonNode> inBatches(Crm crm, String object, Set<String> fieldNames, String operation, String name,
            Collection<String> all, String field) {
        List<JsonNode> records = new ArrayList<>();
        List<String> values = all.stream().distinct().toList();
        int batch = values.isEmpty() ? 1 : crm.batch(operation, object);
        for (int from = 0; from < values.size(); from += batch) {
            ObjectNode input = JsonNodeFactory.instance.objectNode();
            values.subList(from, Math.min(values.size(), from + batch)).forEach(input.withArray(name)::add);
            fieldNames.stream().sorted().forEach(input.withArray(FIELDS)::add);
            input.put("field", field);
            input.put("object", object);
            records.addAll(client.call(new CrmCall(crm.name(), operation, Map.of("object", object), input)));
        }
        return records;
    }
}
