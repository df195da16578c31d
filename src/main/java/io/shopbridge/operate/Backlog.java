package io.shopbridge.operate;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How far behind Shopbridge is.
 *
 * @param at           when this was counted
 * @param inboxWaiting events that are not in the mirror yet
 * @param rejectedEvents open rejections of events that reached no CRM
 * @param crms         those with work, a pause or open rejections, by name
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Backlog(Instant at, long inboxWaiting, long rejectedEvents, List<Crm> crms) {

    /**
     * How far one CRM is behind.
     *
     * @param workWaiting   records that may be behind
     * @param workDue       those of them that wait for nothing but their turn
     * @param oldestMarkedAt the oldest change not yet delivered; null: none
     * @param lagMs         milliseconds since then; 0: none
     * @param pausedUntil   null: it is not paused
     * @param pausedBecause what the CRM said
     * @param rejectedOpen  rejected and held records that a person must look at
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Crm(String crm, long workWaiting, long workDue, Instant oldestMarkedAt, long lagMs,
            Instant pausedUntil, String pausedBecause, long rejectedOpen) {
    }

    /** Whether any CRM asked us to wait, or refuses our credentials. */
    public boolean paused() {
        return crms.stream().anyMatch(crm -> crm.pausedUntil() != null);
    }

    static Instant instant(OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
