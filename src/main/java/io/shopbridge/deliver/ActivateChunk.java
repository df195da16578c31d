package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRefused;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes records final whose parts are all there: orders that are activated. Doing it twice does nothing twice. */
record ActivateChunk(Crm crm, String object, List<DeliveryRecord> records) implements Chunk {

    static final String OPERATION = "activate";

    private static final Duration BUSY_WAIT = Duration.ofSeconds(10);

    @Override
    public List<DeliveryRecord> about() {
        return records;
    }

    @Override
    public CrmCall call() {
        ObjectNode input = JsonNodeFactory.instance.objectNode().put("object", object);
        for (int i = 0; i < records.size(); i++) {
            input.withArray("records").addObject().put("trace", Integer.toString(i))
                    .put("id", records.get(i).link().crmId()).putObject("fields");
        }
        return new CrmCall(crm.name(), OPERATION, Map.of("object", object), input);
    }

    @Override
    public List<Chunk> halves() {
        return Chunk.halves(records).stream().<Chunk>map(half -> new ActivateChunk(crm, object, half)).toList();
    }

    @Override
    public void applied(List<JsonNode> results, Written written) {
        Map<String, JsonNode> byTrace = new HashMap<>();
        results.forEach(result -> byTrace.put(result.path("trace").asText(), result));
        for (int i = 0; i < records.size(); i++) {
            DeliveryRecord record = records.get(i);
            JsonNode result = byTrace.get(Integer.toString(i));
            String means = result == null ? "busy" : result.path("means").asText("");
            if (means.isEmpty()) {
                record.activated();
            } else if (means.equals("busy")) {
                record.waits(crm.title() + " is busy with this record; it is activated later",
                        Instant.now().plus(BUSY_WAIT), null);
            } else {
                String because = result.path("because").asText(crm.title() + " gave no reason");
                refused(record, means.equals("gone") ? new CrmGone(because) : new CrmRefused(because, null), written);
            }
        }
        written.remembered(crm, records.stream().filter(DeliveryRecord::open).toList());
    }

    @Override
    public void refused(CrmFailure failure, Written written) {
        refused(records.get(0), failure, written);
    }

    private void refused(DeliveryRecord record, CrmFailure failure, Written written) {
        if (failure instanceof CrmGone) {
            written.gone(crm, record);
        } else {
            written.rejected(crm, record, "It is there with all its lines, but can't be activated: "
                    + failure.getMessage());
        }
    }
}
