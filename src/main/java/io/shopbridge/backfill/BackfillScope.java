package io.shopbridge.backfill;

import java.time.LocalDate;

/**
 * What of a shop's history is asked for.
 *
 * @param since         from the beginning of this day in the shop; null: all
 * @param figuresBefore orders made before this day of the shop count only in their buyers' figures; null: as before
 * @param dryRun        whether only a forecast is made, and nothing is taken in
 */
public record BackfillScope(LocalDate since, LocalDate figuresBefore, boolean dryRun) {
}
