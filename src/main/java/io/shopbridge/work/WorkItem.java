package io.shopbridge.work;

import io.shopbridge.store.RecordKey;
import java.time.Instant;

/**
 * A claimed record of the backlog: bring this CRM up to date with it.
 *
 * @param generation how often it was marked when it was claimed
 * @param markedAt   since when the oldest change that is not yet in the CRM could have been there
 * @param attempts   how often it was claimed since it last ended, this time included
 * @param because    why it waited until now; may be null
 * @param inboxId    the newest event that marked it; may be null
 * @param bytes      of what the mirror knows of the record
 * @param later      whether it came with a backfill, after all that is not so
 */
public record WorkItem(String crm, RecordKey key, long generation, Instant markedAt, int attempts, String because,
        Long inboxId, long bytes, boolean later) {

    /** As if it were claimed: to see what a delivery would do. */
    public static WorkItem unclaimed(String crm, RecordKey key) {
        return new WorkItem(crm, key, 1, Instant.EPOCH, 1, null, null, 0, false);
    }
}
