package io.shopbridge.explain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;

/**
 * Why a record is in a CRM as it is. It holds personal data.
 *
 * @param record   as in {@code order/5200000000001}
 * @param object   the CRM's name for what it is there; null: it is not mapped
 * @param crmId    null: it is not linked to a record of the CRM
 * @param linkedAt since when
 * @param syncedAt when its values were last written, or found to be written already
 * @param standing what keeps it from being delivered, or what was left out, a sentence each; empty: nothing
 * @param fields   those asked for; all of the mapping where none was
 * @param attempts the newest first
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Explanation(String crm, String store, String record, String object, String crmId, Instant linkedAt,
        Instant syncedAt, List<String> standing, List<FieldExplanation> fields, List<Attempt> attempts) {

    /**
     * One field.
     *
     * @param owner       who decides it; null: the mapping does not name it
     * @param mapping     where it is defined, as {@code hubspot/order-to-order.yaml:42}; null: nowhere
     * @param from        the part of the mapping's expression that gives the value; null: it has none
     * @param shopify     what the mapping makes of Shopify's record now; null: nothing, or an empty value
     * @param crm         what the CRM has now; null: nothing, or it was not read
     * @param lastWritten what Shopbridge last wrote, or considered; null: nothing
     * @param wouldWrite  whether a delivery would write it now
     * @param because     why, or why not
     * @param history     who made the CRM's value what it is, as far as Shopbridge knows; null where there is none
     * @param sources     where Shopify's value came from
     * @param conflicts   times at which both sides had changed it, the newest first
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record FieldExplanation(String field, String owner, String mapping, String from, JsonNode shopify, JsonNode crm,
            JsonNode lastWritten, boolean wouldWrite, String because, String history, List<Source> sources,
            List<ConflictThen> conflicts) {
    }

    /**
     * What Shopify's value is made of.
     *
     * @param field of the canonical record
     * @param facet in which the mirror keeps it
     * @param at    Shopify's time of this state; of figures that of the last order; null: not known
     * @param event that brought it; null: it has expired, or can't be told
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Source(String field, String facet, Instant at, EventThen event) {
    }

    /**
     * An event in the inbox.
     *
     * @param inboxId its number
     * @param topic   of Shopify, or of an answer of its API: api/order, backfill/order
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record EventThen(long inboxId, String topic, String webhookId, Instant triggeredAt, Instant receivedAt) {
    }

    /** A conflict as it was decided; both times may be unknown. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record ConflictThen(Instant at, String winner, Instant shopifyAt, Instant crmAt) {
    }

    /** One attempt to deliver. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Attempt(Instant at, String outcome, String because, int attempt, Long inboxId) {
    }
}
