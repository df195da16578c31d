package io.shopbridge.backfill;

import io.shopbridge.store.RecordKey;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What would become of one record in one CRM.
 *
 * @param crm      the CRM's name; empty where the record would reach none
 * @param outcome  what would happen
 * @param because  why it would be rejected, without any value of the record; null otherwise
 * @param lookedUp whether the CRM was asked for it
 * @param foundBy  the field of the CRM by which it was found there; null where it was not, or was known before
 * @param keys     hashes of what the CRM would be searched for: two records with the same are perhaps one person
 * @param calls    of the CRM that it takes, by the name of the limit that counts them; in parts, because many records
 *                 share one call
 */
public record Judged(String crm, RecordKey key, Outcome outcome, String because, boolean lookedUp, String foundBy,
        List<String> keys, Map<String, Double> calls) {

    /** In this order a report names them. */
    public enum Outcome {
        CREATED, UPDATED, UNCHANGED,
        /** A rule of the mapping skips it. */
        SKIPPED,
        /** A person would be asked which record of the CRM it is. */
        HELD,
        REJECTED,
        /** Only a part of the record is known, so it would wait for the rest. */
        WAITING,
        /** Created, or found: the CRM was not asked, because only some records of many are looked up. */
        NOT_LOOKED_UP;

        /** As the table and the report have it. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why it would reach no CRM. */
    public static Judged rejected(String crm, RecordKey key, String because) {
        return new Judged(crm, key, Outcome.REJECTED, because, false, null, List.of(), Map.of());
    }

    /** Nothing is sent of it. */
    public static Judged ended(String crm, RecordKey key, Outcome outcome) {
        return new Judged(crm, key, outcome, null, false, null, List.of(), Map.of());
    }
}
