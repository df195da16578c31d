package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.shopbridge.map.Expression;
import java.util.List;

/**
 * Paging of an operation: {@code pages} of crm.yaml. The request names its page as {@code .page}.
 *
 * @param by   cursor: what {@code next} gave, at first null; page: 1, 2, 3; offset: how many elements came before
 * @param size elements of a full page; a page that is not full is the last, unless {@code next} tells
 * @param next jq on the answer's body: the next cursor, or whether there is more; null, false and "" mean no
 * @param most elements that the CRM tells in all, of however many pages; null: all there are
 */
record Paging(String by, Integer size, Expression next, Integer most) {

    private static final String CURSOR = "cursor";
    private static final String PAGE = "page";

    /** What the first call sees as {@code .page}: null, 1 or 0. */
    JsonNode first() {
        return by.equals(CURSOR) ? NullNode.getInstance() : LongNode.valueOf(by.equals(PAGE) ? 1 : 0);
    }

    /** What the next call must see; null where this page was the last. */
    JsonNode after(JsonNode present, JsonNode answer, int elements) {
        JsonNode said = next == null ? null : said(answer);
        if (by.equals(CURSOR)) {
            return said;
        }
        boolean more = next == null ? elements >= size : said != null;
        long step = by.equals(PAGE) ? 1 : elements;
        // An offset that doesn't move would ask for the same page for ever.
        return more && step > 0 ? LongNode.valueOf(present.asLong() + step) : null;
    }

    private JsonNode said(JsonNode answer) {
        List<JsonNode> values = next.all(answer);
        JsonNode value = values.isEmpty() ? NullNode.getInstance() : values.get(0);
        boolean none = value.isNull() || value.isBoolean() && !value.booleanValue() || value.asText("x").isEmpty();
        return none ? null : value;
    }
}
