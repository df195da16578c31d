package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.map.Mapping;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Reads CRM records, in calls as large as the CRM allows. */
@Component
public class CrmLookup {

    private static final String FIND = "find";
    private static final String SEARCH = "search";

    private final CrmClient client;

    CrmLookup(CrmClient client) {
        this.client = client;
    }

    /** Records whose field may hold one of these values: the caller compares them again. */
    List<CrmRecord> by(Crm crm, Mapping mapping, String field, Collection<String> values) {
        String operation = crm.can(SEARCH) && !crm.unique(mapping.object(), field) ? SEARCH : FIND;
        return inBatches(crm, mapping, operation, "values", values, field);
    }

    /** The records with these ids, by the id that was asked for; those that are gone are left out. */
    public Map<String, CrmRecord> read(Crm crm, Mapping mapping, Collection<String> ids) {
        Map<String, CrmRecord> records = new HashMap<>();
        inBatches(crm, mapping, "read", "ids", ids, null).forEach(record -> records.put(record.id(), record));
        return records;
    }

    private List<CrmRecord> inBatches(Crm crm, Mapping mapping, String operation, String name, Collection<String> all,
            String field) {
        List<CrmRecord> records = new ArrayList<>();
        List<String> values = all.stream().distinct().toList();
        int batch = crm.batch(operation);
        for (int from = 0; from < values.size(); from += batch) {
            ObjectNode input = JsonNodeFactory.instance.objectNode();
            values.subList(from, Math.min(values.size(), from + batch)).forEach(input.withArray(name)::add);
            mapping.fieldNames().stream().sorted().forEach(input.withArray("fields")::add);
            input.put("field", field);
            input.put("object", mapping.object());
            for (JsonNode given : client.call(new CrmCall(crm.name(), operation,
                    Map.of("object", mapping.object()), input))) {
                records.add(CrmRecord.of(given));
            }
        }
        return records;
    }
}
