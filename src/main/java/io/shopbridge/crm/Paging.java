package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.shopbridge.map.Expression;
import java.util.List;

/** Paging of an operation's answer: {@code pages} of crm.yaml, its expression compiled. */
record Paging(CrmDefinition.Pages pages, Expression next) {

    private static final String CURSOR = "cursor";
    private static final String PAGE = "page";

    /** What the first call sees as {@code .page}: null, 1 or 0. */
    JsonNode first() {
        return pages.by().equals(CURSOR) ? NullNode.getInstance() : LongNode.valueOf(pages.by().equals(PAGE) ? 1 : 0);
    }

    /** What the next call must see; null where this page was the last. */
    JsonNode after(JsonNode present, JsonNode answer, int elements) {
        JsonNode said = next == null ? null : said(answer);
        if (pages.by().equals(CURSOR)) {
            return said;
        }
        boolean more = next == null ? elements >= pages.size() : said != null;
        long step = pages.by().equals(PAGE) ? 1 : elements;
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
