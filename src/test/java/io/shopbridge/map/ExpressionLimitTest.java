package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An expression that would not end, or would fill the memory, fails by itself and is named. */
class ExpressionLimitTest {

    private static final Duration BUSY_MACHINE = Duration.ofSeconds(20);

    @ParameterizedTest
    @ValueSource(strings = {
        "[range(0;3000000000)] | length",
        "last(range(infinite))",
        "[range(0;1;0.00000000001)] | length",
        "last(recurse(1))",
        "0 | last(recurse(. + 1))",
        "0 | until(false; . + 1)",
        "last(0 | while(true; .))",
        "[limit(3000000000; recurse(1))] | length",
        "first(range(0;3000000000) | select(. < 0))",
        "def f(n): if n == 0 then 1 else f(n - 1) + f(n - 1) end; f(60)",
        "def f: 1, f; last(f)",
        "def f: f; f",
        "[range(100)] | [combinations(9)] | length",
        "[range(10)] as $d | [$d[] as $a | $d[] as $b | $d[] as $c | $d[] as $e | $d[] as $f | $d[] as $g | $d[]] | length",
        "reduce range(60) as $i (\"x\"; . + .) | length",
        "reduce range(60) as $i (\"x\"; \"\\(.)\\(.)\") | length",
        "reduce range(60) as $i ([1]; . + .) | length",
        "reduce range(60) as $i (1; [., .]) | tojson | length",
        "reduce range(60) as $i (1; [., .]) | tostring | length",
        "reduce range(60) as $i (1; [., .]) | \"\\(.)\" | length",
        "reduce range(60) as $i (1; [., .])",
        "reduce range(60) as $i (1; [., .]) | [..] | length",
        "reduce range(60) as $i (1; [., .]) | flatten | length",
        "(reduce range(60) as $i (1; [., .])) < (reduce range(60) as $i (1; [., .]))",
        "foreach range(0;3000000000) as $i (0; . + 1; if . < 0 then . else empty end)",
        "\"x\" * 2000000000 | length",
        "2000000000 * \"x\" | length",
        "{a: \"x\"} | .a *= 2000000000 | .a | length",
        "[] | .[2000000000] = 1 | length",
        "[] | .[2000000000] |= 1 | length",
        "[] | setpath([2000000000]; 1) | length",
        "[] | path(getpath([2000000000]))",
        "1 | (.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)"
            + "|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)",
        "(\"a\" * 40) + \"b\" | test(\"(a+)+$\")",
        "(\"a\" * 40) + \"b\" | sub(\"(a+)+$\"; \"\")",
        "[\"x\" * 5000000 | match(\"\"; \"g\")] | length",
        "try last(recurse(1)) catch 1",
        "last(recurse(1))? // 2",
        "[.lines[] as $a | .lines[] as $b | 1] | length"})
    void isStopped(String jq) {
        JsonNode record = lines(5000);
        Expression expression = Expression.compile(jq);

        assertTimeoutPreemptively(BUSY_MACHINE, () -> assertThatThrownBy(() -> expression.all(record))
                .isInstanceOf(ExpressionFailed.class).hasMessageEndingWith(", and is stopped"));
        // The thread's next evaluation has its whole allowance.
        assertThat(Expression.compile("1 + 1").one(record).asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[.lines[] | select(.price | test(\"^[0-9.]+$\")) | {sku, total: ((.price | tonumber) * .quantity)}] | length",
        "[.lines[] | .sku | ascii_downcase | gsub(\"[^a-z0-9]\"; \"-\")] | unique | length",
        "[.lines[] | to_entries[] | select(.value != null) | \"\\(.key)=\\(.value)\"] | join(\", \") | length",
        "reduce .lines[] as $line (0; . + $line.quantity)",
        "[..] | length", "walk(.) | .lines | length", "tojson | length", "[paths] | length"})
    void whatAMappingDoesWithALongOrderIsNot(String jq) throws IOException {
        ObjectNode order = (ObjectNode) Values.read(Path.of("mappings/samples/order.json"));
        order.set("lines", lines(2000).get("lines"));

        assertThat(Expression.compile(jq).one(order).asInt()).isPositive();
    }

    private static ObjectNode lines(int number) {
        ObjectNode record = Values.NODES.objectNode();
        ArrayNode lines = record.putArray("lines");
        for (int i = 0; i < number; i++) {
            lines.addObject().put("sku", "SKU " + i).put("price", "19.90").put("quantity", 1 + i % 3).put("name", "A b");
        }
        return record;
    }
}
