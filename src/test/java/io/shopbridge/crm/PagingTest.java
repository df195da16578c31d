package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.map.Expression;
import org.junit.jupiter.api.Test;

class PagingTest {

    @Test
    void aCursorIsWhatTheAnswerGave() {
        Paging cursor = paging("cursor", null, ".next");
        assertThat(cursor.first().isNull()).isTrue();
        assertThat(cursor.after(cursor.first(), answer("\"c2\""), 10)).isEqualTo(TextNode.valueOf("c2"));
        assertThat(cursor.after(TextNode.valueOf("c2"), answer("null"), 10)).isNull();
        assertThat(cursor.after(TextNode.valueOf("c2"), answer("\"\""), 10)).isNull();
    }

    @Test
    void pagesAreCountedUntilOneIsNotFull() {
        Paging page = paging("page", 100, null);
        assertThat(page.first()).isEqualTo(LongNode.valueOf(1));
        assertThat(page.after(page.first(), answer("1"), 100)).isEqualTo(LongNode.valueOf(2));
        assertThat(page.after(LongNode.valueOf(2), answer("1"), 99)).isNull();
    }

    @Test
    void anOffsetMovesByWhatCameUntilTheAnswerSaysThatItWasAll() {
        Paging offset = paging("offset", null, ".next");
        assertThat(offset.first()).isEqualTo(LongNode.valueOf(0));
        assertThat(offset.after(offset.first(), answer("true"), 37)).isEqualTo(LongNode.valueOf(37));
        assertThat(offset.after(LongNode.valueOf(37), answer("false"), 37)).isNull();
        assertThat(offset.after(LongNode.valueOf(37), answer("true"), 0)).as("it would stay there").isNull();
    }

    private static Paging paging(String by, Integer size, String next) {
        return new Paging(by, size, next == null ? null : Expression.compile(next), null);
    }

    private static JsonNode answer(String next) {
        return JsonNodeFactory.instance.objectNode().set("next", switch (next) {
            case "null" -> JsonNodeFactory.instance.nullNode();
            case "true", "false" -> JsonNodeFactory.instance.booleanNode(Boolean.parseBoolean(next));
            default -> JsonNodeFactory.instance.textNode(next.replace("\"", ""));
        });
    }
}
