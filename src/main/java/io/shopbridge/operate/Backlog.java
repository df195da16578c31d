package io.shopbridge.operate;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * The backlog: how far behind Shopbridge is.
 *
 * @param at             when this was counted
 * @param inboxWaiting   events that are not in the mirror yet
 * @param rejectedEvents open rejections of events that reached no CRM
 * @param stores         every configured store, and those that still have events here
 * @param crms           every configured CRM, and those that still have work, a pause or open rejections here
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Backlog(Instant at, long inboxWaiting, long rejectedEvents, List<Store> stores, List<Crm> crms) {

    /**
     * Unprocessed events of one store.
     *
     * @param inboxWaiting   its events that are not in the mirror yet
     * @param rejectedEvents its events that reached no CRM and a person must look at
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Store(String store, long inboxWaiting, long rejectedEvents) {
    }

    /**
     * How far one CRM is behind. Lag is of what is due or is being retried; waiting for another record or for a person
     * is counted separately, because it does not mean that the CRM is slow.
     *
     * @param workDue          records that wait for nothing but their turn
     * @param workRetrying     records that are tried again at a later time
     * @param waitingForRecord records that another record must go before, such as an order's contact
     * @param waitingForPerson records that are rejected or held, and those that such a record must go before
     * @param oldestMarkedAt   the oldest change that is due or being retried; null: none
     * @param lagMs            milliseconds since then; 0: none
     * @param waitingForRecordSince the oldest of those; null: none
     * @param waitingForPersonSince the oldest of those; null: none
     * @param pausedSince      null: it is not paused
     * @param pausedUntil      null: it is not paused
     * @param pausedBecause    what the CRM said
     * @param rejectedOpen     rejected records that a person must look at
     * @param heldOpen         held records that a person must decide about
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Crm(String crm, long workDue, long workRetrying, long waitingForRecord,
            long waitingForPerson, Instant oldestMarkedAt, long lagMs, Instant waitingForRecordSince,
            Instant waitingForPersonSince, Instant pausedSince, Instant pausedUntil, String pausedBecause,
            long rejectedOpen, long heldOpen) {

        static Crm idle(String name) {
            return new Crm(name, 0, 0, 0, 0, null, 0, null, null, null, null, null, 0, 0);
        }

        /** Records whose CRM side may be behind, whatever they wait for. */
        @JsonProperty
        public long workWaiting() {
            return workDue + workRetrying + waitingForRecord + waitingForPerson;
        }

        /** Those of them that are due or being retried. */
        public long workBehind() {
            return workDue + workRetrying;
        }
    }

    /** Whether any CRM asked us to wait, or refuses our credentials. */
    public boolean paused() {
        return crms.stream().anyMatch(crm -> crm.pausedUntil() != null);
    }

    /** The time in this column; null where it has none. */
    static Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
