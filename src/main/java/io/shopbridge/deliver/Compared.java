package io.shopbridge.deliver;

import io.shopbridge.store.RecordKey;
import java.util.List;
import java.util.Set;

/**
 * A linked record that was compared with the CRM.
 *
 * @param state       whether it could be
 * @param fields      the CRM's names of the fields that were compared
 * @param differences empty: the CRM has it as a delivery would make it
 */
public record Compared(RecordKey key, State state, Set<String> fields, List<Difference> differences) {

    /** Whether a record could be compared. */
    public enum State {
        COMPARED,
        /** A delivery writes nothing of it: it was deleted in Shopify, or the mapping skips it. */
        SKIPPED,
        /** The record changed while it was compared, or a delivery of it is due. */
        IN_FLIGHT
    }

    static Compared skipped(RecordKey key) {
        return new Compared(key, State.SKIPPED, Set.of(), List.of());
    }

    static Compared inFlight(RecordKey key) {
        return new Compared(key, State.IN_FLIGHT, Set.of(), List.of());
    }
}
