package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.Operation;
import java.util.List;

/** Reads what the CRM knows of the consent of one e-mail address. */
record ConsentLookChunk(Consent consent) implements Chunk {

    @Override
    public CrmCall call() {
        return consent.call(Operation.READ_CONSENT);
    }

    @Override
    public List<DeliveryRecord> records() {
        return List.of(consent.record());
    }

    @Override
    public List<Chunk> halves() {
        return List.of();
    }

    @Override
    public void applied(List<JsonNode> results, Written written) {
        consent.look(results);
        if (!consent.maySubscribe()) {
            consent.settle(written);
        }
    }

    @Override
    public void refused(CrmFailure failure, Written written) {
        if (failure instanceof CrmGone) {
            applied(List.of(), written);
        } else {
            written.rejected(consent.crm(), consent.record(), "its e-mail consent can't be read: "
                    + failure.getMessage());
        }
    }
}
