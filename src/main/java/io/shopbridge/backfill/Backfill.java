package io.shopbridge.backfill;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;

/**
 * How far the history of one kind of record of one store is.
 *
 * @param id              its number
 * @param entity          the kind of record, such as customer
 * @param since           the day from which the history is taken; null: from the beginning
 * @param figuresBefore   orders made before this day count in figures only, as it was asked for; null: as before
 * @param dryRun          whether nothing of it is taken in, and only a forecast is made
 * @param paused          whether a person stopped it for now
 * @param operation       Shopify's global id of the bulk operation; null before it
 * @param url             of its file; null before it is ready
 * @param expectedLines   how many lines Shopify says the file has; null before it is ready
 * @param expectedRecords how many records Shopify says the file has; null before it is ready
 * @param lines           of the file, so many are stored here
 * @param atLine          the last line whose record is in the inbox
 * @param records         how many records are in the inbox
 * @param shopHas         how many the shop has by its own count, at the end; null: not asked
 * @param tries           exports that ended without a complete file
 * @param because         what is in the way; null: nothing
 * @param denied          what of the records the app may not read, each part with what it needs
 * @param unread          records that Shopify failed on each time, with why: they were not brought in
 * @param forecast        JSON: what would become of the records of a dry run; null before its end
 */
public record Backfill(long id, String store, String entity, LocalDate since, LocalDate figuresBefore, boolean dryRun,
        State state, boolean paused, String operation, String url, Long expectedLines, Long expectedRecords, long lines,
        long atLine, long records, Long shopHas, int tries, String because, List<String> denied,
        List<String> unread, String forecast, Instant askedAt, Instant beganAt, Instant endedAt) {

    /** In this order. The last three are the end. */
    public enum State {
        /** It was asked for, or must be exported again. */
        WAITING,
        /** Shopify writes the file. */
        EXPORTING,
        /** The file is stored here. */
        DOWNLOADING,
        /** Its records become events. */
        IMPORTING,
        /** Records of which the file has only a part are asked for by themselves. */
        COMPLETING,
        ENDED,
        FAILED,
        CANCELLED;

        /** As the table and the API have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    @Override
    public String toString() {
        return (dryRun ? "dry run " : "backfill ") + id + " of " + entity + " records of store " + store;
    }
}
