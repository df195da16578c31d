package io.shopbridge.operate;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.media.Schema;

/**
 * What to map.
 *
 * @param crm     name of a configured CRM; may be left out where there is one
 * @param store   name of a configured store; may be left out where there is one
 * @param topic   the webhook's topic; guessed from the payload where it is left out
 * @param payload a webhook's body, an answer of the GraphQL Admin API or an object out of one, or a REST answer
 * @param crmHas  the CRM's present record: its fields, or {@code {id, fields, updated_at, before, links}}; before is
 *                what Shopbridge wrote last, links are the CRM's ids of what the record points to
 */
record MapRequest(String crm, String store, String topic,
        @Schema(type = "object") JsonNode payload,
        @Schema(type = "object") @JsonProperty("crm_has") JsonNode crmHas) {
}
