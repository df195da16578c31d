package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {

    static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (Exception e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void wordsOfACommentAreNotFunctions() {
        Expression expression = Expression.compile("# what people read\ndef shout: ascii_upcase; # as \"loud\" does\n"
                + ".a + \"#1\" | shout");

        assertThat(expression.one(json("{'a': 'x'}")).asText()).isEqualTo("X#1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        ".a               | {'a':1}              | 1",
        ".a.b             | {'a':null}           | null",
        ".a.b             | {}                   | null",
        ".a // .b         | {'a':null,'b':2}     | 2",
        ".a // .b         | {'a':false,'b':null} | null",
        ".a // .b         | {'a':0,'b':2}        | 0",
        ".a // .b // .c.d | {'c':{'d':false}}    | false",
        ".a // 'none'     | {}                   | 'none'",
    })
    void aPathGivesWhatJqGives(String jq, String input, String output) {
        assertThat(Expression.compile(jq.replace('\'', '"')).one(json(input))).isEqualTo(json(output));
        // The same through the jq machine, which a pair of brackets calls for
        assertThat(Expression.compile("(" + jq.replace('\'', '"') + ")").one(json(input))).isEqualTo(json(output));
    }

    /** As in jq; jackson-jq itself lets the error through. */
    @Test
    void aNameInQuotesIsAPathLikeAnyOther() {
        JsonNode record = json("{'attributes':{'gift // message':'Hi','a.b':{'c':1}}}");
        assertThat(Expression.compile(".attributes.\"gift // message\" // .none").one(record)).isEqualTo(json("'Hi'"));
        assertThat(Expression.compile(".none // .attributes.\"a.b\".c").one(record)).isEqualTo(json("1"));
        assertThat(Expression.compile(".attributes.\"not there\"").one(record)).isEqualTo(json("null"));
    }

    @Test
    void anAlternativePassesOverAnError() {
        assertThat(Expression.compile(".a.x // .b").one(json("{'a':'text','b':2}"))).isEqualTo(json("2"));
    }

    @Test
    void aPathIntoATextFails() {
        assertThatThrownBy(() -> Expression.compile(".a.b").one(json("{'a':'x'}")))
                .isInstanceOf(ExpressionFailed.class).hasMessageContaining(".a.b fails").hasMessageContaining("a text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9007199254740993", "12345678901234567890", "123456789012345678.90", "0.10",
        "99999999999999999.99999999999999999999"})
    void numbersKeepEveryDigit(String number) {
        JsonNode input = json("{'n':" + number + "}");

        assertThat(Expression.compile(".n").one(input).asText()).isEqualTo(number);
        assertThat(Expression.compile("if .n then .n else null end").one(input).decimalValue())
                .isEqualTo(new BigDecimal(number));
        assertThat(Expression.compile("[.n][0]").one(input).decimalValue()).isEqualTo(new BigDecimal(number));
    }

    @Test
    void aLongIdKeepsEveryDigitInAText() {
        assertThat(Expression.compile("\"\\(.store):\\(.id)\"").one(json("{'store':'s','id':9007199254740993}")))
                .isEqualTo(json("'s:9007199254740993'"));
    }

    @Test
    void exactlyOneValueIsOne() {
        assertThatThrownBy(() -> Expression.compile(".a[]").one(json("{'a':[1,2]}")))
                .hasMessage(".a[] gives 2 values, where exactly one is needed");
        assertThatThrownBy(() -> Expression.compile("empty").one(json("{}")))
                .hasMessage("empty gives no value, where exactly one is needed");
        assertThat(Expression.compile(".a[]").all(json("{'a':[1,2]}"))).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {".a |", "if .a then", "{", "'", ".a ~ .b", "", "\"unfinished"})
    void whatIsNotJqIsRefused(String jq) {
        assertThatThrownBy(() -> Expression.compile(jq)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"frobnicate", ".a | frobnicate(1)", "if .a then frobnicate else null end",
        "\"x\\(.a | frobnicate)\"", ".a // frobnicate", "$ENV.HOME", "env.HOME", "now", "input"})
    void anUnknownOrForbiddenFunctionIsFoundEvenWhereNoRecordGoes(String jq) {
        assertThatThrownBy(() -> Expression.compile(jq)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not exist or is not allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {".a | length", "{a, b: .c, \"d\": 1}", "def f(x): x + 1; f(.a)", ". as $x | $x.a",
        "[.tags[]? | ascii_downcase | select(startswith(\"a\"))] | join(\", \")", ".a?.b? // \"frobnicate\"",
        "reduce (.a // [])[] as $i (0; . + $i)", "try error(\"x\") catch .", "\"a \\(.b | tostring) frobnicate\"",
        "[.[]? | {name, value}]", ".a | not", "@base64 \"x\\(.a)\"", ".email | test(\"frobnicate\")?",
        "with_entries(.value |= .)", "{(.a): frob} | .x"})
    void knownFunctionsAreNotMistakenForUnknownOnes(String jq) {
        if (jq.contains("frob}")) {
            assertThatThrownBy(() -> Expression.compile(jq)).hasMessageContaining("frob");
        } else {
            assertThat(Expression.compile(jq).text()).isEqualTo(jq);
        }
    }

    @Test
    void manyThreadsMayUseOneExpression() throws Exception {
        Expression expression = Expression.compile("[.a[] as $x | $x * 2] | add");
        var pool = Executors.newFixedThreadPool(4);
        try {
            var results = pool.invokeAll(IntStream.range(0, 400).<Callable<Integer>>mapToObj(i ->
                    () -> expression.one(json("{'a':[" + i + "," + i + "]}")).asInt() - 4 * i).toList());
            for (var result : results) {
                assertThat(result.get()).isZero();
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
