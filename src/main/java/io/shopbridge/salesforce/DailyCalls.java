package io.shopbridge.salesforce;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.InvalidCrm;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The org's daily limit: how many calls of the last 24 hours are used, by all clients, and when deliveries pause.
 * Salesforce counts over a sliding window, so that calls become available little by little.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm">
 *     Sforce-Limit-Info</a>
 */
final class DailyCalls {

    private static final Pattern USAGE = Pattern.compile("(?<![\\w-])api-usage=([0-9]+)/([0-9]+)");
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(15);
    private static final Duration UNTIL_ANSWERED = Duration.ofSeconds(5);
    private static final double SHARE = 0.8;
    /** Reserved for the checks, one every 15 minutes, so that they stay below the share too. */
    private static final int LOOKS_A_DAY = 96;

    private final Crm crm;
    private final double share;
    private long used;
    private long limit;
    private int underWay;
    private Instant lookAt = Instant.MIN;

    DailyCalls(Crm crm) {
        this.crm = crm;
        this.share = share(crm);
    }

    private static double share(Crm crm) {
        String given = crm.setting("daily-share").orElse(Double.toString(SHARE));
        if (!given.matches("0?\\.[0-9]+|1|1\\.0")) {
            throw new InvalidCrm("shopbridge.crms." + crm.name() + ".daily-share: \"" + given
                    + "\" is not a share; write which part of the org's daily calls may be used, as in 0.8");
        }
        return Double.parseDouble(given);
    }

    void bindTo(MeterRegistry registry) {
        Gauge.builder("shopbridge.crm.daily.calls.used", this, DailyCalls::used).tag("crm", crm.name())
                .description("Calls of the last 24 hours, of all clients of the org").register(registry);
        Gauge.builder("shopbridge.crm.daily.calls.limit", this, DailyCalls::limit).tag("crm", crm.name())
                .description("Calls that the org may make in 24 hours; 0 until it was asked").register(registry);
    }

    synchronized long used() {
        return used;
    }

    synchronized long limit() {
        return limit;
    }

    /**
     * Counts a call that is about to be made.
     *
     * @throws CrmBusy if our share of the day is used up; now and then one call is allowed, to check again
     */
    synchronized void before() {
        Instant now = Instant.now();
        if (limit > 0 && used + underWay >= allowed()) {
            // Running calls may use up the rest, or calls may become available: their answers will show it.
            Instant until = used < allowed() ? now.plus(UNTIL_ANSWERED) : lookAt;
            if (now.isBefore(until)) {
                throw new CrmBusy(crm.title() + " has used " + used + " of its " + limit + " daily calls, and "
                        + "shopbridge.crms." + crm.name() + ".daily-share is " + share, until, null);
            }
            lookAt = now.plus(LOOK_AGAIN);
        }
        underWay++;
    }

    private long allowed() {
        long looks = Math.min(LOOKS_A_DAY, limit / 100);
        return (long) Math.floor(limit * share) - looks;
    }

    /** A counted call has ended, with or without an answer. */
    synchronized void ended() {
        underWay--;
    }

    /** Reads the usage from an answer; null if it has none. */
    synchronized void after(String limitInfo) {
        Matcher matcher = USAGE.matcher(limitInfo == null ? "" : limitInfo);
        if (matcher.find()) {
            boolean below = limit == 0 || used < allowed();
            used = Long.parseLong(matcher.group(1));
            limit = Long.parseLong(matcher.group(2));
            if (below && used >= allowed()) {
                lookAt = Instant.now().plus(LOOK_AGAIN);
            }
        }
    }

    /** When to call an org again that has no calls left. */
    static Instant lookAgain() {
        return Instant.now().plus(LOOK_AGAIN);
    }
}
