package io.shopbridge.connect;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** How long an answer asks to wait, by its header {@code Retry-After} in seconds (RFC 9110, section 10.2.3). */
public final class RetryAfter {

    public static final String HEADER = "Retry-After";
    private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

    private RetryAfter() {
    }

    /**
     * The wait; empty where it is not said in whole seconds, or is of weeks.
     *
     * @param value of the header; null where the answer has none
     */
    public static Optional<Duration> of(String value) {
        return Optional.ofNullable(value).filter(SECONDS.asMatchPredicate())
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
    }
}
