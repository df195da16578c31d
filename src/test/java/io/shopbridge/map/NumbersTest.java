package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No number becomes a gigabyte of digits, wherever it is read. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class NumbersTest {

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "-1e-999999999", "1e101", "1e2147483647", "1E-2147483648"})
    void aNumberBeyondTheLimitIsNotANumber(String text) {
        assertThat(Numbers.decimal(JsonNodeFactory.instance.textNode(text))).isEmpty();
        JsonNode number = JsonNodeFactory.instance.numberNode(new BigDecimal(text.replace("1E-2147483648", "1E-2147483647")));
        assertThat(Numbers.decimal(number)).isEmpty();
        assertThat(Values.plainText(number)).hasSizeLessThan(20);
        assertThat(Equality.TEXT.same(number, number)).isTrue();
        assertThat(Equality.NUMBER.same(number, JsonNodeFactory.instance.numberNode(1))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-12.50", "1e3", "19999999999999999999.999", "1e-100"})
    void anyRealNumberIsExact(String text) {
        assertThat(Numbers.decimal(JsonNodeFactory.instance.textNode(" " + text))).contains(new BigDecimal(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(.p | tonumber) + 1", "(.p | tonumber) * 2", "(.p | tonumber | floor)",
        "(.p | tonumber | tostring)", "(.p | tonumber) % 7", "[.p | tonumber, 1] | max", "[.p, .p] | map(tonumber) | add",
        "(.p | tonumber) == 1", "1 / (.p | tonumber)", "(.p | fromjson) + 1", "(.p | tonumber) - 0.5 | round"})
    void jqDoesNotMakeItLonger(String jq) {
        ObjectNode record = JsonNodeFactory.instance.objectNode().put("p", "1e999999999");
        try {
            Expression.compile(jq).all(record).forEach(value -> assertThat(Values.plainText(value)).hasSizeLessThan(400));
        } catch (ExpressionFailed e) {
            assertThat(e).message().hasSizeLessThan(400);
        }
    }
}
