package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EqualityTest {

    @ParameterizedTest
    @CsvSource({
        "info@m\u00fcnchen.example, info@xn--mnchen-3ya.example, true",
        "Ada@Example.com, ada@example.com, true",
        "ada@example.com, ada@example.org, false",
        // Two domains since 2010, which browsers took for one before.
        "ada@stra\u00dfe.example, ada@strasse.example, false",
        "not an address, Not an address, false"})
    void anAddressHasSeveralSpellings(String one, String other, boolean same) {
        assertSame(Equality.EMAIL, one, other, same);
    }

    @ParameterizedTest
    @CsvSource({
        "+52 1 55 1234 5678, +525512345678, true",
        "+5215512345678, +52 55 1234 5679, false",
        // A mobile and a landline, both valid.
        "+5491123456789, +541123456789, false",
        "+525512345678, +525512345678;ext=7, false"})
    void aNumberHasSeveralSpellings(String one, String other, boolean same) {
        assertSame(Equality.PHONE, one, other, same);
    }

    private static void assertSame(Equality equality, String one, String other, boolean same) {
        JsonNode a = Values.NODES.textNode(one);
        JsonNode b = Values.NODES.textNode(other);
        assertThat(equality.same(a, b)).isEqualTo(same);
        assertThat(equality.same(b, a)).isEqualTo(same);
    }
}
