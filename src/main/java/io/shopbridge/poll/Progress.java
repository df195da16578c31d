package io.shopbridge.poll;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;

/**
 * How far an entity of a shop was read.
 *
 * @param watermark  the shop's time until which changes are known
 * @param completeAt when the last poll began that was read to its end; null: none was
 * @param failedAt   since when polls fail; null: the last one did not
 * @param because    why they fail, or why a backfill is needed; null: neither
 * @param age        seconds since {@code completeAt}
 * @param denied     what of these records the app may not read, as answers of the last day said, each with what it needs
 * @param unread     records that polls pass over, because Shopify fails on each
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Progress(String store, String entity, Instant watermark, Instant completeAt, Instant failedAt,
        String because, double age, List<String> denied, List<UnreadRecord> unread) {

    /** What is to be done where a list was too long. */
    static String tooMany(String store, String entity, Instant from) {
        return "More of them have changed since " + from + " than the 25,000 that Shopify gives of a list. The others were"
                + " not read; polls go on with what changes from now on. Bring them by a backfill: "
                + ExtraPolls.backfill(store, List.of(entity), from) + ".";
    }
}
