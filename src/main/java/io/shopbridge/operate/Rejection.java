package io.shopbridge.operate;

import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * A rejected or held record or event, which needs a person.
 *
 * @param at      since when
 * @param lastAt  when it was met last; a record is tried again when it changes
 * @param crm     null: an event, not a record
 * @param outcome rejected, or held for review
 * @param errors  what is wrong, a sentence each
 * @param state   open, replayed or resolved
 * @param dueAt   until when a person must have done it: what privacy law asks for; null: no date is set
 * @param payload the bytes that brought it; null: expired, or not from an event
 * @param candidates the CRM's ids of the records that this one may be, for a person to decide; mostly none
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Rejection(
        long id, Instant at, Instant lastAt, String crm, String store, String entity, String record, String topic,
        String outcome,
        List<String> errors, int attempts, String state, Instant resolvedAt, Instant dueAt, Payload payload,
        List<String> candidates) {

    /** All names a state can have. */
    public static final List<String> STATES = List.of("open", "replayed", "resolved");

    /**
     * A reference to received bytes.
     *
     * @param inboxId of the event
     * @param size    in bytes
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Payload(long inboxId, long size) {
    }
}
