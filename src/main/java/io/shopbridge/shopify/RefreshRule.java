package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which records are asked for at the Admin API because a facet is missing that no topic brings, or whose webhook was
 * lost: an entry under {@code refresh} in a file of {@code mappings/shopify}.
 *
 * @param name   of the rule, among those of its type
 * @param other  what the records are that it asks for; null: the record itself
 * @param facet  the facet that is missing; where it ends with a colon, all that begin so: the elements of a list
 * @param says   fields of the record's own object with the values of which one must have come; empty: whatever came
 * @param within how long ago the record was created at most; null: whenever
 * @param after  how long after the event it is asked for, and how long after each answer again while it is missing
 * @param last   jq of an answer: true where no later one will bring the facet; null: that can't be told
 */
public record RefreshRule(String name, Other other, String facet, Map<String, Set<String>> says, Duration within,
        List<Duration> after, Expression last) {

    /**
     * Records that another record names.
     *
     * @param entity what they are
     * @param ids    jq that gives their ids, of the fields that came of the record that names them
     */
    public record Other(String entity, Expression ids) {

        /** The ids in an object of a record's main facet. */
        public List<String> in(JsonNode object) {
            try {
                return ids.all(object).stream().filter(id -> id.isTextual() || id.isIntegralNumber())
                        .map(JsonNode::asText).distinct().toList();
            } catch (ExpressionFailed e) {
                return List.of();
            }
        }
    }

    private static final String CREATED = "created_at";

    /** Whether none of these facets of a record is the one that is asked for. */
    public boolean isMissing(Stream<String> facets) {
        return facets.noneMatch(isList() ? name -> name.startsWith(facet) : facet::equals);
    }

    /** Whether the facet is any element of a list. */
    public boolean isList() {
        return facet.endsWith(":");
    }

    /** Whether it concerns the record of an event only if its object says so. */
    public boolean isConditional() {
        return other != null || !says.isEmpty() || within != null;
    }

    /**
     * Whether a record is asked for of which an event says this.
     *
     * @param object of the record's main facet, with the fields that came
     */
    public boolean concerns(JsonNode object, Instant now) {
        Instant created = within == null ? null : Json.instant(object.path(CREATED).asText(""));
        return (within == null || created != null && created.isAfter(now.minus(within)))
                && says.entrySet().stream().allMatch(field ->
                        field.getValue().contains(object.path(field.getKey()).asText("")));
    }

    /** Whether no later answer will bring what is missing. */
    public boolean isLast(JsonNode answer) {
        try {
            return last != null && last.one(answer).equals(BooleanNode.TRUE);
        } catch (ExpressionFailed e) {
            return false;
        }
    }
}
