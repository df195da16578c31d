package io.shopbridge.sandbox.server;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a simulated CRM behaves.
 *
 * @param token the bearer token that every call must carry
 * @param journal file that keeps the records across restarts (JSON lines, appended); null keeps them in memory only
 * @param requestsPerPeriod requests the CRM allows in its period; {@link #OWN_LIMIT} for the CRM's usual allowance,
 *     {@link #UNLIMITED} to switch every rate limit off
 * @param latency time each call takes beside the work itself
 * @param searchLag how long a written version stays invisible to search (HubSpot and Pipedrive)
 * @param speed how many times faster than the real CRM's the clock of the limits runs: every period, and what the CRM
 *     says of how long to wait, is so many times shorter, while the calls allowed in a period stay the CRM's own
 */
public record Options(String token, Path journal, int requestsPerPeriod, Duration latency, Duration searchLag,
        int speed) {

    /** The allowance the CRM itself documents. */
    public static final int OWN_LIMIT = 0;
    /** No rate limit at all, for a benchmark's own sake. */
    public static final int UNLIMITED = Integer.MAX_VALUE;
    /** The token that simulators accept unless told otherwise. */
    public static final String DEFAULT_TOKEN = "sandbox-token";

    public Options {
        if (token == null || token.isBlank()) {
            throw new IllegalArgumentException("A simulated CRM needs a token to check; give one, for example "
                    + DEFAULT_TOKEN);
        }
    }

    /** In memory, the CRM's own limits, no latency, searchable after one second. */
    public static Options defaults() {
        return new Options(DEFAULT_TOKEN, null, OWN_LIMIT, Duration.ZERO, Duration.ofSeconds(1), 1);
    }

    public Options withToken(String value) {
        return new Options(value, journal, requestsPerPeriod, latency, searchLag, speed);
    }

    public Options withJournal(Path value) {
        return new Options(token, value, requestsPerPeriod, latency, searchLag, speed);
    }

    public Options withRequestsPerPeriod(int value) {
        return new Options(token, journal, value, latency, searchLag, speed);
    }

    public Options unlimited() {
        return withRequestsPerPeriod(UNLIMITED);
    }

    public Options withLatency(Duration value) {
        return new Options(token, journal, requestsPerPeriod, value, searchLag, speed);
    }

    public Options withSearchLag(Duration value) {
        return new Options(token, journal, requestsPerPeriod, latency, value, speed);
    }

    public Options withSpeed(int value) {
        return new Options(token, journal, requestsPerPeriod, latency, searchLag, value);
    }

    /** A period of the real CRM, by the clock of this one. */
    public Duration period(Duration real) {
        return real.dividedBy(speed);
    }

    /** The same of seconds, as HTTP headers say them; with a fraction where the clock runs fast. */
    public String seconds(double real) {
        return speed == 1 ? Long.toString(Math.max(1, (long) Math.ceil(real)))
                : Double.toString(Math.max(1, Math.ceil(real)) / speed);
    }

    public int limitOr(int own) {
        return requestsPerPeriod == OWN_LIMIT ? own : requestsPerPeriod;
    }

    @Override
    public String toString() {
        return "Options[journal=" + journal + ", latency=" + latency + "]";
    }
}
