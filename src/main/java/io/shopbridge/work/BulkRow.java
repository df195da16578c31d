package io.shopbridge.work;

import io.shopbridge.store.RecordKey;

/**
 * A record that a bulk job writes.
 *
 * @param of     the record whose work it is
 * @param part   what is written: that record, or a line of it
 * @param object the CRM's name for it
 * @param name   by which the CRM tells its result; null: it only waits for the job
 * @param sent   JSON of the fields that are written
 * @param base   JSON of what the CRM has of it once they are
 * @param crmId  its id in the CRM if it was written; null: it was not, or the result is not known yet
 * @param answer what the CRM said if it refused it, in its own words; null: it did not
 */
public record BulkRow(RecordKey of, RecordKey part, String object, String name, String sent, String base, String crmId,
        String answer) {
}
