package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.map.Numbers;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads of one comparison, which counts its calls. */
final class CrmReads {

    private final Crm crm;
    private final CrmLookup lookup;
    private final Map<String, Map<String, Integer>> scales = new HashMap<>();
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

    /**
     * Whether the CRM has this number as its field keeps it, rounded: dinars have three decimals, and a field may have
     * two. Which way half a unit goes is not told. The CRM is asked how its fields are only for a number that may be so.
     */
    boolean isRounded(String object, String field, JsonNode ours, JsonNode theirs) {
        Optional<BigDecimal> whole = Numbers.decimal(ours);
        Optional<BigDecimal> kept = Numbers.decimal(theirs);
        if (whole.isEmpty() || kept.isEmpty() || !crm.can(Operation.FIELDS, object)) {
            return false;
        }
        BigDecimal rest = whole.get().subtract(kept.get()).abs().multiply(BigDecimal.valueOf(2));
        int scale = rest.compareTo(BigDecimal.ONE) > 0 ? Integer.MAX_VALUE
                : scales(object).getOrDefault(field, Integer.MAX_VALUE);
        return scale != Integer.MAX_VALUE && kept.get().stripTrailingZeros().scale() <= scale
                && rest.compareTo(BigDecimal.ONE.movePointLeft(scale)) <= 0;
    }

    private Map<String, Integer> scales(String object) {
        return scales.computeIfAbsent(object, one -> {
            calls++;
            return lookup.scales(crm, one);
        });
    }

    private void count(Operation operation, String object, Collection<String> ids) {
        int batch = crm.operations().batch(operation, object);
        calls += (int) ((ids.stream().distinct().count() + batch - 1) / batch);
    }

    int calls() {
        return calls;
    }
}
