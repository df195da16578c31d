package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {

    @ParameterizedTest
    @CsvSource({
        "Zoë Marsh, ZOE  MARSH",
        "Nguyễn, nguyen",
        "Müller, Mu\u0308ller",
        // Vowel points may be left out.
        "مُحَمَّد, محمد",
        "שָׁלוֹם, שלום",
        // Full-width and half-width letters, and what is invisible.
        "\uff34\uff41\uff4e\uff41\uff4b\uff41, tanaka",
        "\uff76\uff9e\uff84\uff73, \u30ac\u30c8\u30a6",
        "An\u200bn\ufeff Lee, ann lee",
        // One letter as one character, and as three.
        "각, \u1100\u1161\u11a8"})
    void oneNameIsWrittenInSeveralWays(String one, String other) {
        assertThat(Names.compared(one)).isEqualTo(Names.compared(other));
    }

    /** Of two people: in these scripts a mark is a vowel, or another consonant. */
    @ParameterizedTest
    @CsvSource({"करण शर्मा, किरण शर्मा", "カトウ ハルト, ガトウ バルト", "สม, สุม", "কল, কিল"})
    void anotherMarkIsAnotherName(String one, String other) {
        assertThat(Names.compared(one)).isNotEqualTo(Names.compared(other));
    }
}
