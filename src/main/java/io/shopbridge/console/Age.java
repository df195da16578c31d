package io.shopbridge.console;

import java.time.Duration;
import java.time.Instant;

/** Formats durations for people. */
public final class Age {

    private Age() {
    }

    /** The two largest units at most: 850 ms, 12 s, 3 min 5 s, 2 h 10 min, 4 d 3 h. */
    public static String of(long millis) {
        Duration age = Duration.ofMillis(Math.max(0, millis));
        if (age.toSeconds() == 0) {
            return age.toMillis() + " ms";
        }
        if (age.toMinutes() == 0) {
            return age.toSeconds() + " s";
        }
        if (age.toHours() == 0) {
            return age.toMinutes() + " min " + age.toSecondsPart() + " s";
        }
        return age.toDays() == 0
                ? age.toHours() + " h " + age.toMinutesPart() + " min"
                : age.toDays() + " d " + age.toHoursPart() + " h";
    }

    /** How long ago that was. */
    public static String since(Instant then) {
        return of(Duration.between(then, Instant.now()).toMillis());
    }

    /** How long it is until then. */
    public static String until(Instant then) {
        return of(Duration.between(Instant.now(), then).toMillis());
    }
}
