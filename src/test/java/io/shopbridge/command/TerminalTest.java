package io.shopbridge.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The consoles of different versions of Java, of which only one can be had at a time. */
class TerminalTest {

    /** As of Java 22 and later. */
    public record NewConsole(boolean isTerminal) {
    }

    /** As of Java 21 and earlier. */
    public record OldConsole() {
    }

    @Test
    void aPipeIsNone() {
        assertThat(Terminal.isOne(null)).isFalse();
        assertThat(Terminal.isOne(new NewConsole(false))).isFalse();
    }

    @Test
    void aPersonHasOne() {
        assertThat(Terminal.isOne(new NewConsole(true))).isTrue();
        assertThat(Terminal.isOne(new OldConsole())).isTrue();
    }

    /** Surefire's own output is a pipe, whichever Java runs it. */
    @Test
    void thisTestHasNone() {
        assertThat(Terminal.isThere()).isFalse();
    }
}
