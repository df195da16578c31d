package io.shopbridge.backfill;

import java.util.Map;

/**
 * What became of the records of a backfill until now. A record that is tried several times counts once, as it is now.
 *
 * @param unchanged records that told nothing new
 * @param outcomes  by CRM, how many records were delivered, are waiting, held, rejected …; those that reached no CRM are
 *                  under an empty name
 * @param because   by CRM and outcome, the most frequent reasons, with what they quote left out
 * @param linked    by CRM, how many records of this kind and store it has by now, of backfills and all else
 * @param mirrored  how many records of this kind and store the mirror has
 */
public record Report(long unchanged, Map<String, Map<String, Long>> outcomes,
        Map<String, Map<String, Map<String, Long>>> because, Map<String, Long> linked, long mirrored) {
}
