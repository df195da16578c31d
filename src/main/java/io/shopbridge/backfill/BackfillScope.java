package io.shopbridge.backfill;

import java.time.LocalDate;

/**
 * What of a shop's history is asked for.
 *
 * @param since  from the beginning of this day in the shop; null: all
 * @param dryRun whether only a forecast is made, and nothing is taken in
 */
public record BackfillScope(LocalDate since, boolean dryRun) {
}
