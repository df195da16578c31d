package io.shopbridge.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AgeTest {

    @Test
    void namesTheTwoLargestUnits() {
        assertThat(Age.of(-5)).isEqualTo("0 ms");
        assertThat(Age.of(850)).isEqualTo("850 ms");
        assertThat(Age.of(12_900)).isEqualTo("12 s");
        assertThat(Age.of(185_000)).isEqualTo("3 min 5 s");
        assertThat(Age.of(7_800_000)).isEqualTo("2 h 10 min");
        assertThat(Age.of(99L * 3_600_000)).isEqualTo("4 d 3 h");
    }
}
