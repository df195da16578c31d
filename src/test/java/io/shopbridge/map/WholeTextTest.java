package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

/** Texts that UTF-8 and PostgreSQL can hold. */
class WholeTextTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Property(tries = 500)
    void anyTextCanBeHeldAfterwardsAndKeepsItsLength(@ForAll @StringLength(max = 8)
            @Chars({'\0', 'a', '\n', '\uFFFD'}) @CharRange(from = '\uD7FF', to = '\uE000') String text) {
        String whole = WholeText.of(text);
        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(whole)).isTrue();
        assertThat(whole).doesNotContain("\0").hasSameSizeAs(text);
        assertThat(WholeText.of(whole)).isSameAs(whole);
    }

    @Test
    void aWholeValueIsLeftAsItIs() throws Exception {
        JsonNode value = JSON.readTree("{\"name\": \"😀 Zoë\", \"list\": [1, null, {\"a\": \"b\"}]}");
        assertThat(WholeText.of(value)).isSameAs(value);
    }

    @Test
    void everyTextAndEveryNameInAValueIsMendedAndTheOrderStays() throws Exception {
        JsonNode value = JSON.readTree("{\"a\": 1, \"b\\ud800\": [\"x\", \"\\udc00y\", {\"c\": \"\\u0000\"}],"
                + " \"d\": \"😀\"}");
        assertThat(WholeText.of(value).toString())
                .isEqualTo("{\"a\":1,\"b\uFFFD\":[\"x\",\"\uFFFDy\",{\"c\":\"\uFFFD\"}],\"d\":\"😀\"}");
        assertThat(value.get("a").asInt()).as("the given value stays what it was").isEqualTo(1);
    }
}
