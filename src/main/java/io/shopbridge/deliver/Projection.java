package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Operation;
import io.shopbridge.store.RecordKey;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a delivery would do with a record as it is in the mirror now, as far as that can be said without asking the CRM.
 *
 * @param linked  whether the CRM has the record
 * @param because why it is not written; empty where nothing is in the way. The sentences may quote values, so they never
 *                belong in a log
 * @param changes what is written of it and its parts
 * @param leftOut the CRM's names of the fields that it goes without, because their values were refused
 * @param clashes the CRM's names of the fields whose value must be unique, and which another record of the CRM has
 * @param calls   how many elements of calls it needs
 */
public record Projection(RecordKey key, boolean linked, Fate fate, List<String> because, List<Change> changes,
        Set<String> leftOut, Set<String> clashes, Map<CallKind, Integer> calls) {

    /** What becomes of it. */
    public enum Fate {
        /** It is written, or nothing of it has changed: {@link #changes} says which. */
        DELIVERED,
        /** The mapping skips it. Of a consent, a no is written all the same. */
        SKIPPED,
        /** The mapping refuses it. Of a consent, a no is written all the same. */
        REFUSED,
        /** For parts of it that have not arrived, or for another record. */
        WAITING
    }

    /**
     * One field.
     *
     * @param field   the CRM's name; of a part after its entity, as in {@code line_item.price}; {@code @name} is an
     *                association
     * @param owner   as the mapping has it; null where it is no field of the mapping
     * @param before  what was last written, or considered; null: nothing was
     * @param after   the new value; JSON null clears the field
     * @param certain whether it is written whatever the CRM has; otherwise the CRM's value decides
     */
    public record Change(String field, String owner, JsonNode before, JsonNode after, boolean certain) {
    }

    /**
     * Calls that carry several records together.
     *
     * @param object the CRM's; empty where the call is not about one
     * @param batch  how many records one call carries
     * @param limit  the name of the limit by which the CRM counts them apart; empty where it doesn't
     */
    public record CallKind(Operation operation, String object, int batch, String limit) {
    }

    /** Whether something is written, for certain or perhaps. */
    public boolean isChange() {
        return !changes.isEmpty();
    }

    public boolean isCertain() {
        return changes.stream().anyMatch(Change::certain);
    }
}
