package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import java.util.List;

/** Undoes associations between records of the same two objects; the new ones are remembered by {@link AssociateChunk}. */
record DissociateChunk(Crm crm, List<Association> associations) implements Chunk {

    @Override
    public CrmCall call() {
        Association first = associations.get(0);
        return CrmCall.dissociate(crm, first.from(), first.to(), AssociateChunk.pairs(associations));
    }

    @Override
    public List<DeliveryRecord> records() {
        return associations.stream().map(Association::record).toList();
    }

    @Override
    public List<Chunk> halves() {
        return Chunk.halves(associations).stream().<Chunk>map(half -> new DissociateChunk(crm, half)).toList();
    }

    @Override
    public void applied(List<JsonNode> results, Written written) {
        associations.forEach(association -> association.record().changed());
    }

    /** The other record may be gone, and the association with it: nothing is left to undo. */
    @Override
    public void refused(CrmFailure failure, Written written) {
        // Undoing is best effort by nature: what matters is that the new association is made.
    }
}
