package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.Operation;
import java.util.List;

/**
 * Reads what the CRM knows of the consent of one e-mail address, or subscribes or unsubscribes it.
 *
 * @param operation read-consent or write-consent
 */
record ConsentChunk(Consent consent, Operation operation) implements Chunk {

    static ConsentChunk look(Consent consent) {
        return new ConsentChunk(consent, Operation.READ_CONSENT);
    }

    static ConsentChunk write(Consent consent) {
        return new ConsentChunk(consent, Operation.WRITE_CONSENT);
    }

    @Override
    public CrmCall call() {
        return consent.call(operation);
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
        if (operation == Operation.WRITE_CONSENT) {
            consent.settle(written);
            consent.record().changed();
        } else {
            consent.look(results);
            if (!consent.maySubscribe()) {
                consent.settle(written);
            }
        }
    }

    @Override
    public void refused(CrmFailure failure, Written written) {
        if (operation == Operation.READ_CONSENT && failure instanceof CrmGone) {
            applied(List.of(), written);
        } else if (operation == Operation.READ_CONSENT) {
            written.rejected(consent.crm(), consent.record(), "its e-mail consent can't be read: "
                    + failure.getMessage());
        } else {
            if (consent.mustUnsubscribe()) {
                written.noRefused(consent.crm(), consent.record());
            }
            consent.record().consentIsRefused("its e-mail consent (" + consent.state()
                    + ") was refused: " + failure.getMessage() + ". Where a legal basis is asked for, set shopbridge.crms."
                    + consent.crm().name() + ".legal-basis, then replay");
        }
    }
}
