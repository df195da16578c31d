package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.Operation;
import java.util.List;

/** Subscribes or unsubscribes one e-mail address. */
record ConsentChunk(Consent consent) implements Chunk {

    @Override
    public CrmCall call() {
        return consent.call(Operation.WRITE_CONSENT);
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
        consent.settle(written);
        consent.record().changed();
    }

    @Override
    public void refused(CrmFailure failure, Written written) {
        if (consent.mustUnsubscribe()) {
            written.noRefused(consent.crm(), consent.record());
        }
        consent.record().consentIsRefused("its e-mail consent (" + consent.state()
                + ") was refused: " + failure.getMessage() + ". Where a legal basis is asked for, set shopbridge.crms."
                + consent.crm().name() + ".legal-basis, then replay");
    }
}
