package io.shopbridge.sandbox.pipedrive;

import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.RollingLimit;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;

/**
 * What a company may ask of the API: a daily budget of tokens, of which each call costs its own number, and short
 * bursts of calls, searches fewer than others. The daily budget comes back at midnight, so the Retry-After that
 * comes with its end helps nobody.
 *
 * @see <a href="https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting">Rate limiting</a>
 */
final class Budget {

    private static final Duration WINDOW = Duration.ofSeconds(2);
    private static final int SEARCHES = 10;
    private static final int DAILY_WRITES = 10_000;

    private final Options options;
    private final int daily;
    private final boolean unlimited;
    private final RollingLimit burst;
    private RollingLimit searches;
    private LocalDate day = LocalDate.now(ZoneOffset.UTC);
    private int spent;
    private int writes;

    Budget(Options options, int dailyTokens) {
        this.options = options;
        this.daily = dailyTokens;
        this.burst = new RollingLimit(options.limitOr(20), options.period(WINDOW));
        this.unlimited = burst.unlimited();
        othersSearch(0);
    }

    /** From now on others use so many of the searches that each period allows. */
    synchronized void othersSearch(int requests) {
        searches = new RollingLimit(unlimited ? Options.UNLIMITED : SEARCHES - requests, options.period(WINDOW));
    }

    synchronized int spent() {
        return spent;
    }

    synchronized void reset() {
        spent = 0;
        writes = 0;
    }

    /** The answer that refuses a call; null if it may go on. */
    synchronized Answer refusal(boolean search, boolean write, int cost) {
        if (unlimited) {
            return null;
        }
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        if (!today.equals(day)) {
            day = today;
            reset();
        }
        if (burst.take() < 0 || search && searches.take() < 0) {
            long wait = Math.max(burst.waitMillis(), search ? searches.waitMillis() : 0);
            return told(Errors.failure(429, "")
                    .with("Retry-After", options.seconds(wait / 1_000.0 * options.speed())), 0);
        }
        if (spent + cost > daily) {
            int untilMidnight = 86_400 - LocalTime.now(ZoneOffset.UTC).toSecondOfDay();
            return told(Errors.answer(429, "Daily API token budget is exhausted",
                    "The budget comes back at midnight.").with("Retry-After", untilMidnight), 0)
                    .with("x-daily-ratelimit-token-remaining", 0);
        }
        spent += cost;
        writes += write ? 1 : 0;
        return null;
    }

    private Answer told(Answer answer, int remaining) {
        if (unlimited) {
            return answer;
        }
        return answer.with("x-ratelimit-limit", burst.requests()).with("x-ratelimit-remaining", remaining)
                .with("x-ratelimit-reset", options.seconds(WINDOW.toSeconds()))
                .with("x-daily-ratelimit-token-limit", daily)
                .with("x-daily-ratelimit-token-remaining", Math.max(0, daily - spent));
    }

    /** @param byToken whether the caller showed an API token; only then the writes left of the day are told */
    synchronized Answer told(Answer answer, boolean byToken) {
        Answer told = told(answer, burst.left());
        return byToken && !unlimited ? told.with("x-daily-requests-left", Math.max(0, DAILY_WRITES - writes)) : told;
    }
}
