package io.shopbridge.crm;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/** When in a day a limit is renewed: {@code 00:00 UTC}. */
record TimeOfDay(LocalTime time, ZoneId zone) {

    /** Reads it; empty where the text is none. */
    static Optional<TimeOfDay> parse(String text) {
        String[] words = text.strip().split("\\s+");
        try {
            return words.length == 2 ? Optional.of(new TimeOfDay(LocalTime.parse(words[0]), ZoneId.of(words[1])))
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The next time that it is so. */
    Instant next(Instant after) {
        ZonedDateTime today = after.atZone(zone).with(time);
        return (today.toInstant().isAfter(after) ? today : today.plusDays(1)).toInstant();
    }
}
