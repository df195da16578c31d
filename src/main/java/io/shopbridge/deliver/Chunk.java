package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmRefused;
import java.util.List;

/** Records that one call to the CRM writes together. */
public sealed interface Chunk
        permits WriteChunk, AssociateChunk, DissociateChunk, ArchiveChunk, ActivateChunk, ConsentChunk {

    /** Its call is made now. */
    default void begins() {
    }

    CrmCall call();

    /** The records that it is for. */
    List<DeliveryRecord> records();

    /** The two halves, for when the CRM refuses the whole because of one; none of a single record. */
    List<Chunk> halves();

    /** Whether it may be sent again in smaller parts: not where each of them might make a record once more. */
    default boolean mayBeRepeated() {
        return true;
    }

    /** The CRM has done something that must not be repeated, and nobody can read what. */
    default void answeredUnreadably(CrmFailure failure) {
        throw failure;
    }

    /** Takes in what the CRM answered for each element. */
    void applied(List<JsonNode> results, Written written);

    /** The CRM refused this single record, or has it no longer. */
    void refused(CrmFailure failure, Written written);

    /**
     * Takes out fields of which the CRM refused the value of every record that has one, so that the call may be made
     * again for all of them; false where there is none, and the halves show which records are to blame.
     */
    default boolean goesWithoutCommonFaults(CrmRefused refused) {
        return false;
    }

    /** Those of its records that are to be written at once without what the CRM refused of them; none: nothing is. */
    default List<Chunk> without() {
        return List.of();
    }

    static <T> List<List<T>> halves(List<T> whole) {
        if (whole.size() < 2) {
            return List.of();
        }
        int middle = whole.size() / 2;
        return List.of(whole.subList(0, middle), whole.subList(middle, whole.size()));
    }
}
