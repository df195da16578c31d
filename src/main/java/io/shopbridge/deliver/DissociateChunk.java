package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.identify.Link;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Undoes associations between records of the same two objects. Those that others replace are remembered by {@link
 * AssociateChunk}; the others are forgotten.
 */
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
        forget(written);
    }

    /**
     * The other record may be gone, and the association with it: nothing is left to undo. Where a new association is
     * made, that is what matters.
     */
    @Override
    public void refused(CrmFailure failure, Written written) {
        if (failure instanceof CrmGone) {
            forget(written);
        } else {
            associations.stream().filter(Association::isEnded).forEach(association -> written.rejected(crm,
                    association.record(), "association with " + association.to() + " " + association.toId()
                            + ", which Shopify has ended: " + failure.getMessage()));
        }
    }

    private void forget(Written written) {
        List<Association> ended = associations.stream().filter(Association::isEnded).toList();
        for (Association association : ended) {
            Link link = association.record().link();
            Map<String, JsonNode> base = new LinkedHashMap<>(link.base());
            base.remove(DeliveryRecord.ASSOCIATION + association.name());
            association.record().linkedTo(new Link(link.key(), link.parentId(), link.object(), link.crmId(), base));
        }
        written.remembered(crm, ended.stream().map(Association::record).toList());
    }
}
