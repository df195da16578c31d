package io.shopbridge.work;

import java.time.Instant;

/**
 * A bulk job, in which a CRM writes many records asynchronously.
 *
 * @param number    ours
 * @param object    the CRM's name for what is written
 * @param operation upsert or update
 * @param id        the CRM's
 * @param startedAt when it was let go; null: it is still open
 * @param looks     how often it was looked at, this time included
 */
public record BulkJob(long number, String crm, String object, String operation, String id, Instant startedAt,
        int looks) {

    /** Whether the CRM may be processing it. */
    public boolean isStarted() {
        return startedAt != null;
    }
}
