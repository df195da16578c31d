package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.identify.Link;
import java.util.List;

/** Takes away the CRM records of line items that an edit removed. */
record ArchiveChunk(Crm crm, String object, List<RemovedLineItem> items) implements Chunk {

    @Override
    public CrmCall call() {
        Link order = items.get(0).order().link();
        return CrmCall.archive(crm, object, order == null ? null : order.crmId(),
                items.stream().map(item -> item.link().crmId()).toList());
    }

    @Override
    public List<DeliveryRecord> records() {
        return items.stream().map(RemovedLineItem::order).toList();
    }

    @Override
    public List<Chunk> halves() {
        return Chunk.halves(items).stream().<Chunk>map(half -> new ArchiveChunk(crm, object, half)).toList();
    }

    @Override
    public void applied(List<JsonNode> results, Written written) {
        for (RemovedLineItem item : items) {
            item.order().removedChildren().remove(item.link());
            item.order().changed();
            written.removed(crm, item.link().key());
        }
    }

    @Override
    public void refused(CrmFailure failure, Written written) {
        if (failure instanceof CrmGone) {
            applied(List.of(), written);
        } else {
            RemovedLineItem item = items.get(0);
            written.rejected(crm, item.order(), item.link().key() + " can't be removed: " + failure.getMessage());
        }
    }
}
