package io.shopbridge.ledger;

import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;

/**
 * One attempt on one record.
 *
 * @param crm      name of the CRM
 * @param errors   sentences for the person who must act; the first is the outcome's because; may be empty
 * @param crmId    the CRM's id of the record, where known
 * @param attempt  from 1
 * @param markedAt since when the oldest change that this attempt was about could be delivered; null: no lag is measured
 * @param inboxId  the newest event about the record: the payload; may be null
 * @param candidates the CRM's ids of the records of which a person must say whether they are this one; may be empty
 */
public record LedgerEntry(String crm, RecordKey key, Outcome outcome, List<String> errors, String crmId, int attempt,
        Instant markedAt, Long inboxId, List<String> candidates) {

    /** One without candidates. */
    public LedgerEntry(String crm, RecordKey key, Outcome outcome, List<String> errors, String crmId, int attempt,
            Instant markedAt, Long inboxId) {
        this(crm, key, outcome, errors, crmId, attempt, markedAt, inboxId, List.of());
    }

    String because() {
        return errors.isEmpty() ? null : errors.get(0);
    }
}
