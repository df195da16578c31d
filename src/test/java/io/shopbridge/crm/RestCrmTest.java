package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestCrmTest {

    private static final Instant NOW = Instant.parse("2026-11-27T20:00:00Z");

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0 | 2026-11-27T20:00:00Z", "2 | 2026-11-27T20:00:02Z",
        "0.25 | 2026-11-27T20:00:00.250Z", "86400 | 2026-11-28T20:00:00Z",
        "Fri, 27 Nov 2026 20:00:30 GMT | 2026-11-27T20:00:30Z"})
    void aWaitIsInSecondsOrADate(String said, Instant until) {
        assertThat(RestCrm.told(said, NOW)).contains(until);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "soon", "-1", "1795809600", "1795809600000", "99999999999999999999999999",
        "Fri, 27 Nov 2083 20:00:30 GMT"})
    void whatIsNoWaitOrOneOfYearsIsNotTaken(String said) {
        assertThat(RestCrm.told(said, NOW)).isEmpty();
    }

    @Test
    void aDateThatHasPassedIsNoWait() {
        assertThat(RestCrm.told("Fri, 27 Nov 2026 19:00:00 GMT", NOW).orElseThrow()).isBefore(NOW);
    }
}
