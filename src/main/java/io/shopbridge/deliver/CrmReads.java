package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads of one comparison, which counts its calls. */
final class CrmReads {

    private final Crm crm;
    private final CrmLookup lookup;
    private int calls;

    CrmReads(Crm crm, CrmLookup lookup) {
        this.crm = crm;
        this.lookup = lookup;
    }

    /** @see CrmLookup#read(Crm, String, Set, Collection) */
    Map<String, CrmRecord> read(String object, Set<String> fields, Collection<String> ids) {
        count(Operation.READ, object, ids);
        return lookup.read(crm, object, fields, ids);
    }

    /** The records whose field has one of these ids, by that id. */
    Map<String, List<CrmRecord>> under(String object, Set<String> fields, String field,
            Collection<String> ids) {
        count(Operation.FIND, object, ids);
        return lookup.under(crm, object, fields, field, ids).stream()
                .collect(Collectors.groupingBy(record -> record.values().fields().get(field).asText()));
    }

    /** The child records of each of these records, by its id. */
    Map<String, List<CrmRecord>> childrenOfMany(String object, Set<String> fields, Collection<String> ids) {
        count(Operation.CHILDREN_OF_MANY, object, ids);
        return lookup.childrenOfMany(crm, object, fields, ids);
    }

    /** By the id of each of these records, the ids of the other object's records that it is associated with. */
    Map<String, Set<String>> associated(String from, String to, Collection<String> ids) {
        count(Operation.ASSOCIATED, "", ids);
        return lookup.associated(crm, from, to, ids);
    }

    private void count(Operation operation, String object, Collection<String> ids) {
        int batch = crm.operations().batch(operation, object);
        calls += (int) ((ids.stream().distinct().count() + batch - 1) / batch);
    }

    int calls() {
        return calls;
    }
}
