package io.shopbridge.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackfillCommandTest {

    private static final Instant NOW = Instant.parse("2026-11-26T10:10:00Z");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'state': 'exporting' | order: exporting
            'state': 'downloading', 'lines': 500, 'expected_lines': 1000, 'began_at': '2026-11-26T10:00:00Z' | \
            order: downloading [###############...............] 500 of 1000 lines, 0/s, 11 min left
            'state': 'importing', 'records': 6000, 'exported': 24000, 'began_at': '2026-11-26T10:00:00Z' | \
            order: importing [#######.......................] 6000 of 24000 records, 10/s, 31 min left
            'state': 'importing', 'paused': true, 'records': 24000, 'exported': 24000 | \
            order: paused [##############################] 24000 of 24000 records
            'state': 'waiting', 'because': 'As many exports run as may' | order: waiting; As many exports run as may
            """)
    void theLineSaysWhatItDoesHowFarItIsAndHowLongItStillTakes(String fields, String line) {
        assertThat(BackfillCommand.line(json("{'entity': 'order', " + fields + "}"), NOW)).isEqualTo(line);
    }

    @Test
    void aForecastIsReadable() {
        assertThat(ForecastText.of(json("{'exported': 12, 'forecast': {'hubspot': {'records': {'customer': {'created': 8,"
                + " 'updated': 3, 'rejected': 1, 'held': 0, 'found_by': {'email': 3}, 'likely_duplicates': 2,"
                + " 'not_looked_up': 0, 'looked_up': 11}}, 'rejected_because': {'email: it is too long': 1},"
                + " 'calls': {'all_others': 4, 'search': 1}, 'hours': 0.5}}}"))).isEqualTo("""
                  In Shopify's file: 12. Nothing was taken in.
                  hubspot
                    customer: 8 created, 3 updated, 1 rejected; of them 3 found by email; 2 likely duplicates, which \
                share an e-mail or a phone
                    1 rejected: email: it is too long
                    calls: 4 all others, 1 search; at least 0.5 hours at its limits, if nobody else uses them""");
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
