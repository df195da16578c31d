package io.shopbridge.map;

import static io.shopbridge.map.ExpressionTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is evaluated in another way than jackson-jq does it gives what jackson-jq gives, and fails where it fails. */
class OneValueTest {

    private static final Scope JACKSON_JQ = Scope.newEmptyScope();
    private static final List<JsonNode> INPUTS = Stream.of("null", "true", "false", "0", "-1.50", "''", "'a?b/c/'",
            "'ÄbC z'", "[]", "[null, false, 0]", "[[1], {'a': 2}, 'x']", "{}", "{'a': null, 'b': false}",
            "{'a': {'b': 'x', 'c': [1, 2]}, 'b': 'B', 'c': [{'a': 1}, {'a': null}]}",
            "{'a': 'text', 'b': 2, 'c': {'a': 'a', 'b': 'b'}}").map(ExpressionTest::json).toList();

    static {
        BuiltinFunctionLoader.getInstance().loadFunctions(Versions.JQ_1_7, JACKSON_JQ);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        ".", ".a", ".a.b", ".a.b.c", ".a?", ".a[]", ".a[]?.b", ".[0]", ".a[0]", ".[\"a\"]", ".[-1]", ".[[1]]", ".[1:2]",
        ".a | .b", ".a as $x | .b | [$x, .]", ".a as $x | .b as $x | $x", ". as {a: $x} | $x", "[.a, .b] | .[1]",
        "(.a, .b) as $x | [$x]", "[.c[]? as $x | $x.a]", "$x", ".a as $x | (.b | $y)",
        "if .a then 1 else 2 end", "if .a then 1 elif .b then 2 else .c end", "if (.a, .b) then 1 else 2 end",
        "if .a then 1 end", "if .a then empty else 1 end", ".a // .b", ".a // empty", "(.a, .b) // 1", "(.a | error) // 1",
        "{a, b: .c, \"d\": 1}", "{a: (1, 2), b: (3, 4)}", "{a: empty}", "{(.a | tostring): 1}", "{\"x\\(.a)\": .b}",
        "{a: 1, a: 2}", "{a: .b, b: {c: .c}} | .b.c", "{$__loc__}", "[.[]?]", "[]", "[.a, .b]", "[.c[]? | {a}]",
        ".a + .b", "1 + .b", "[.a] + [.b]", ".a == .b", ".a == null and .b != 2", ".a or .b", ".a < .b", "-.b", "-(.b // 1)",
        "\"x\\(.a)y\\(.b)\"", "@uri \"x\\(.a)\"", "\"\\(.a, .b)\"", ".a | tostring", ".a | length", ".a | not",
        "type", "keys", "has(\"a\")", "split(\"?\")", "split(\"/\") | last", "split(\"\")", "split(\"?\", \"/\")",
        "split(.a)", "ascii_downcase", "ascii_upcase", "any", "all", "add", "first", "last", "map(.a)", "map(.a?)",
        "join(\", \")", "to_entries", "with_entries(.value |= tostring)", "tonumber", "startswith(\"a\")",
        "test(\"b\")", "sub(\"b\"; \"c\")", "gsub(\"[a-c]\"; \"\\(.)\")", "contains(\"b\")", "sort", "unique", "reverse",
        "def f: .a; f", "def f: .a, .b; [f]", "def f: .a; def g: f | .b?; {g: g}", "def f: 1; def f: 2; f",
        "def f: def g: .b; g; f", "(def f: .a; f) | .b?", "def f(x): x | .b?; f(.a)", "def f($x): [$x, .b?]; f(.a?)",
        "def f($x; $y): $x + $y; f(1; 2)", "def f($x): $x; f(1, 2)", "def f($x): . as $y | g($x); def g($z): $z; f(1)",
        ". as $x | def f: $x.a; .b | f", "def f: if type == \"array\" then .[] | f else . end; [f]",
        "def length: 7; [1] | length", "def f: length; def length: 7; [1] | f", "def type: \"mine\"; def f: type; f",
        "del(.a)", "del(.a.b, .c)", ".a |= 1", ".a.b = 2", "[paths]", "path(.a.b)", "path(if .a then .a else .b end)",
        "path(.a // .b)", "path(.a | .b)", "def f: .a; path(f)", "def f($x): .a; path(f(1))", "path({a: 1})",
        "try .a.b.c catch \"no\"", "[.[]? | try error catch .]", "first(.a, .b)", "[limit(1; .a, error)]",
        "reduce .c[]? as $x (0; . + ($x.a // 1))", "label $out | .a, break $out", "[.c[]? | select(.a)]", ".. | .a?"})
    void whateverIsAskedTheAnswerIsTheSame(String jq) {
        for (JsonNode input : INPUTS) {
            assertThat(ours(jq, input)).as(jq + " of " + input).isEqualTo(jacksons(jq, input));
        }
    }

    /** Not {@code word} of any text: jackson-jq's own ascii_downcase breaks letters beyond 16 bits. */
    static Stream<String> callsOfSharedFunctions() {
        return Stream.of("plain_id", "one_of([1, 2])", "[elements]", "amount", "one_money", "money", "[up_to(1)]",
                "name_values", "metafields", "address", "customer_address(.)", "company", "email_consent", "sms_consent",
                "whats_app_consent", "customer").flatMap(call -> Stream.of(call, "[.. | try (" + call + ") catch \"failed\"]"));
    }

    @ParameterizedTest
    @MethodSource("callsOfSharedFunctions")
    void theSharedFunctionsGiveTheSame(String call) throws IOException {
        Path folder = Path.of("mappings/shopify");
        String jq = Files.readString(folder.resolve("functions.jq")) + "\n(" + call + "\n)";
        for (String sample : List.of("order-answer", "customer-answer", "company-answer")) {
            JsonNode input = ExpressionTest.JSON.readTree(folder.resolve("samples/" + sample + ".json").toFile());

            assertThat(ours(jq, input)).as(call + " of " + sample).isEqualTo(jacksons(jq, input));
        }
    }

    @Test
    void aFunctionWithinFunctionsIsCountedAtEveryCall() {
        StringBuilder jq = new StringBuilder("def f0: .a; ");
        for (int i = 1; i <= 40; i++) {
            jq.append("def f%d: f%d | f%d; ".formatted(i, i - 1, i - 1));
        }

        assertThat(Expression.compile(jq + "f3").one(json("null")).isNull()).isTrue();
        assertThat(ours(jq + "f40", json("null"))).isEqualTo("failed");
    }

    @Test
    void lettersThatAreNotAsciiStay() {
        assertThat(Expression.compile("ascii_downcase").one(json("'ÄBc \uD83E\uDDF5'")))
                .isEqualTo(json("'Äbc \uD83E\uDDF5'"));
    }

    private static Object ours(String jq, JsonNode input) {
        try {
            return Expression.compile(jq).all(input);
        } catch (ExpressionFailed | IllegalArgumentException e) {
            return "failed";
        }
    }

    private static Object jacksons(String jq, JsonNode input) {
        List<JsonNode> values = new ArrayList<>();
        try {
            JsonQuery.compile(jq, Versions.JQ_1_7).apply(Scope.newChildScope(JACKSON_JQ), input, values::add);
        } catch (JsonQueryException | RuntimeException e) {
            return "failed";
        }
        return values;
    }
}
