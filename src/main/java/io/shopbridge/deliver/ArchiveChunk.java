package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import java.util.List;
import java.util.Map;

/** Takes away the CRM records of line items that an edit removed. */
record ArchiveChunk(Crm crm, String object, List<RemovedLineItem> items) implements Chunk {

    @Override
    public CrmCall call() {
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        input.put("parent", items.get(0).order().link() == null ? null : items.get(0).order().link().crmId());
        items.forEach(item -> input.withArray("ids").add(item.link().crmId()));
        return new CrmCall(crm.name(), "archive", Map.of("object", object, "id", items.get(0).link().crmId()), input);
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
