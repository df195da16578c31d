package io.shopbridge.plan;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A plan, and how far it is.
 *
 * @param id       its number
 * @param crms     names of the CRMs that it is about
 * @param sample   about how many records of each kind and store it looks at; null: all
 * @param digest   of what the folder's mappings say for these CRMs
 * @param paused   whether a person stopped it for now
 * @param because  what is in the way; null: nothing
 * @param at       the last record that was looked at
 * @param share    of the present kind's records that are looked at, 0 to 1
 * @param result   what was found so far, as JSON; its examples hold personal data
 * @param lookedAt how many records were looked at
 * @param changes  how many records would be written, for certain or perhaps
 * @param marked   how many of them apply has marked as work
 */
public record Plan(long id, List<String> crms, Integer sample, String digest, State state, boolean paused, String because,
        Position at, double share, String result, long lookedAt, long changes, long marked, Instant askedAt,
        Instant plannedAt, Instant endedAt) {

    /** In this order. The last three are the end. */
    public enum State {
        PLANNING, PLANNED, APPLYING, APPLIED, CANCELLED, FAILED;

        /** As the table and the API have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * A record of the mirror, for a CRM. Records are looked at in this order.
     *
     * @param record its id; empty: none of this kind and store was looked at
     */
    record Position(String crm, String entity, String store, String record) {

        boolean isIn(Position kind) {
            return crm.equals(kind.crm) && entity.equals(kind.entity) && store.equals(kind.store);
        }

        Position after(String last) {
            return new Position(crm, entity, store, last);
        }
    }

    @Override
    public String toString() {
        return "plan " + id;
    }
}
