package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * One page of what an operation gives.
 *
 * @param elements what {@code gives} says, an element each
 * @param next     what the next call must name as {@code .page}; null where this was the last
 */
public record CrmPage(List<JsonNode> elements, JsonNode next) {
}
