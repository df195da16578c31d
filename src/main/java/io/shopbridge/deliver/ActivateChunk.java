package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.crm.Meaning;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes records final whose parts are all there: orders that are activated. Doing it twice does nothing twice. */
record ActivateChunk(Crm crm, String object, List<DeliveryRecord> records) implements Chunk {

    private static final Duration BUSY_WAIT = Duration.ofSeconds(10);

    @Override
    public CrmCall call() {
        return CrmCall.activate(crm, object, records.stream().map(record -> record.link().crmId()).toList());
    }

    @Override
    public List<Chunk> halves() {
        return Chunk.halves(records).stream().<Chunk>map(half -> new ActivateChunk(crm, object, half)).toList();
    }

    @Override
    public void applied(List<JsonNode> results, Written written) {
        Map<String, CrmResult> byTrace = new HashMap<>();
        results.stream().map(CrmResult::of).forEach(result -> byTrace.put(result.trace(), result));
        for (int i = 0; i < records.size(); i++) {
            DeliveryRecord record = records.get(i);
            CrmResult result = byTrace.get(Integer.toString(i));
            Meaning means = result == null ? Meaning.BUSY : result.means();
            if (means == null) {
                record.activated();
            } else if (means == Meaning.BUSY) {
                record.waits(crm.title() + " is busy with this record; it is activated later",
                        Instant.now().plus(BUSY_WAIT), null);
            } else {
                String because = result.because(crm);
                refused(record, means == Meaning.GONE ? new CrmGone(because) : new CrmRefused(because, null), written);
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
