package io.shopbridge.salesforce;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KnownAccountsTest {

    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final KnownAccounts accounts = new KnownAccounts(() -> now);

    /** Orders of a contact whom a user has moved to another account would go to the old one until a restart. */
    @Test
    void theAccountOfAContactIsReadAgainBeforeLong() {
        accounts.put("003A", "001A");
        now = now.plus(Duration.ofMinutes(4));
        assertThat(accounts.isFresh("003A")).isTrue();
        now = now.plus(Duration.ofMinutes(2));
        assertThat(accounts.isFresh("003A")).isFalse();
        assertThat(accounts.last("003A")).as("which is locked until then").isEqualTo("001A");
        accounts.put("003A", "001B");
        assertThat(accounts.isFresh("003A")).isTrue();
        assertThat(accounts.last("003A")).isEqualTo("001B");
    }

    @Test
    void whatWasNeverKnownIsNotFresh() {
        assertThat(accounts.isFresh("003B")).isFalse();
        assertThat(accounts.last("003B")).isNull();
    }
}
