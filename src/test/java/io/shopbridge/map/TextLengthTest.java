package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextLengthTest {

    /** A family of four is one character to people, seven to Unicode and eleven to Java. */
    private static final String FAMILY = "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67\u200D\uD83D\uDC66";

    @ParameterizedTest
    @CsvSource({
        "CHARACTERS, 3, abcd, abc", "CHARACTERS, 3, abc, abc", "CHARACTERS, 2, \uD83D\uDE00\uD83D\uDE00\uD83D\uDE00, \uD83D\uDE00\uD83D\uDE00",
        "UTF_16, 3, \uD83D\uDE00\uD83D\uDE00, \uD83D\uDE00", "UTF_16, 4, \uD83D\uDE00\uD83D\uDE00, \uD83D\uDE00\uD83D\uDE00",
        "BYTES, 3, \u00E9\u00E9, \u00E9", "BYTES, 8, \uD83D\uDE00\uD83D\uDE00\uD83D\uDE00, \uD83D\uDE00\uD83D\uDE00",
        "CHARACTERS, 2, ae\u0301x, a"})
    void cutsOnAWholeCharacter(TextLength.Unit unit, int longest, String text, String cut) {
        assertThat(new TextLength(unit, longest).cut(text)).isEqualTo(cut);
    }

    @ParameterizedTest
    @CsvSource({"CHARACTERS, 8", "UTF_16, 12", "BYTES, 30"})
    void anEmojiOfSeveralIsKeptOrDropped(TextLength.Unit unit, int longest) {
        assertThat(new TextLength(unit, longest).cut("a" + FAMILY)).isEqualTo("a" + FAMILY);
        assertThat(new TextLength(unit, 1).cut("a" + FAMILY)).isEqualTo("a");
    }

    /** Some write an accent or a joiner after every letter, without end. */
    @ParameterizedTest
    @CsvSource({"CHARACTERS, 3, 3", "UTF_16, 3, 3", "BYTES, 6, 3", "BYTES, 1, 1"})
    void aCharacterThatIsLongerThanTheFieldIsCutBetweenCodePoints(TextLength.Unit unit, int longest, int left) {
        assertThat(new TextLength(unit, longest).cut("a" + "\u0301".repeat(400))).hasSize(left);
    }

    @Test
    void everyTextInAListIsCutAndALinkIsWholeOrNothing() throws Exception {
        TextLength length = new TextLength(TextLength.Unit.CHARACTERS, 12);
        List<String> mended = new ArrayList<>();

        assertThat(length.fit(json("[\"1Z999AA10123456784\", \"https://x.example/1\", \"https://x.e/\", 7, null,"
                + " {\"value\": \"a long enough text\", \"url\": \"HTTP://x.example/2\"}]"), mended::add))
                .isEqualTo(json("[\"1Z999AA10123\", \"https://x.e/\", 7, null, {\"value\": \"a long enoug\"}]"));
        assertThat(mended).containsExactly("cut to 12 characters", "without a link of more than 12 characters");
        assertThatThrownBy(() -> length.fit(json("\"https://x.example/1\""), mended::add)).isInstanceOf(Refused.class)
                .hasMessageContaining("is a link of more than 12 characters");
        assertThat(length.fit(json("\"https://x.example/1 and more\""), mended::add).asText())
                .isEqualTo("https://x.ex");
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    @Property(tries = 300)
    void neverLongerAndNeverHalved(@ForAll TextLength.Unit unit, @ForAll @IntRange(min = 1, max = 40) int longest,
            @ForAll String text) {
        TextLength length = new TextLength(unit, longest);
        String cut = length.cut(text);

        assertThat(unit.count(cut)).isLessThanOrEqualTo(longest);
        assertThat(text).startsWith(cut);
        boolean inTheMiddle = !cut.isEmpty() && cut.length() < text.length()
                && Character.isHighSurrogate(cut.charAt(cut.length() - 1))
                && Character.isLowSurrogate(text.charAt(cut.length()));
        assertThat(inTheMiddle).isFalse();
        assertThat(length.holds(text)).isEqualTo(cut.equals(text));
    }
}
