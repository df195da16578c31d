package io.shopbridge.recount;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A comparison of a shop with the mirror, and how far it is.
 *
 * @param entities  the kinds of records
 * @param repair    whether what differs is taken in
 * @param scheduled whether the schedule started it
 * @param since     records that the mirror lacks and that changed before are a backfill's
 * @param until     what changed in the shop since then is left to webhooks and polls
 * @param counted   how many records the shop has
 * @param calls     how often the shop was asked
 * @param open      windows and records that are still to be looked at
 * @param because   what is in the way, or why it failed; null: nothing
 */
public record Recount(long id, String store, List<String> entities, boolean repair, boolean scheduled, Instant since,
        Instant until, State state, long counted, long calls, long open, String because, Instant askedAt,
        Instant endedAt) {

    /** The last three are the end. */
    public enum State {
        RUNNING, DONE, FAILED, CANCELLED;

        /** As the table and the API have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** For people. */
    @Override
    public String toString() {
        return "recount " + id + " of store " + store;
    }
}
