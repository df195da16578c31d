package io.shopbridge.merge;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * What is to be written.
 *
 * @param write CRM field to value; JSON null clears the field
 * @param conflicts fields that both sides had changed
 * @param base the base to store once the write has succeeded
 */
public record Decision(Map<String, JsonNode> write, List<Conflict> conflicts, Map<String, JsonNode> base) {
}
