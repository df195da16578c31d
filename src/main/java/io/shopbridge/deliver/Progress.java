package io.shopbridge.deliver;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Detects CRMs that ask to wait and accept nothing for minutes. They are logged and shown by the metric {@code
 * shopbridge.crm.stalled.seconds}, and retried less and less often (back-off), so that a daily limit is not spent on
 * refusals.
 */
@Component
class Progress {

    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
    static final Duration STALLED = Duration.ofMinutes(3);
    private static final Duration SAY_AGAIN = Duration.ofMinutes(15);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    /**
     * A CRM that asks to wait.
     *
     * @param since     when it first did after it took something
     * @param until     when it is asked again
     * @param fruitless how often in a row it did without anything having been found out or done in between
     * @param said      when the log said so; null: not yet
     */
    private record Waiting(Instant since, Instant until, int fruitless, Instant said) {
    }

    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

    private final InstantSource clock;

    @Autowired
    Progress(Crms crms, MeterRegistry metrics) {
        this(crms.all(), metrics, InstantSource.system());
    }

    Progress(Collection<Crm> crms, MeterRegistry metrics, InstantSource clock) {
        this.clock = clock;
        crms.forEach(crm -> Gauge.builder("shopbridge.crm.stalled.seconds", this,
                        progress -> progress.stalled(crm).toSeconds()).tag("crm", crm.name())
                .description("For how long the CRM has asked to wait and accepted no record; 0: it accepts them")
                .register(metrics));
    }

    /** Something was found out: the next attempt begins further on. */
    void made(Crm crm) {
        waiting.computeIfPresent(crm.name(), (name, was) -> new Waiting(was.since(), was.until(), 0, was.said()));
    }

    /** Records were delivered, or found to need nothing. */
    void taken(Crm crm) {
        Waiting was = waiting.remove(crm.name());
        if (was != null && was.said() != null) {
            LOG.warn("{} accepts records again, after {} minutes.", crm.title(),
                    Duration.between(was.since(), clock.instant()).toMinutes());
        }
    }

    /**
     * The CRM asks to wait. Returns until when: longer than it says, and longer each time, where nothing came of asking.
     *
     * @param because the CRM's words
     */
    Instant wait(Crm crm, Instant until, String because) {
        Instant now = clock.instant();
        Waiting next = waiting.compute(crm.name(), (name, was) -> {
            int fruitless = was == null ? 0 : was.fruitless() + 1;
            Instant later = now.plus(longer(Duration.between(now, until), fruitless));
            Instant since = was == null || now.isAfter(was.until().plus(LONGEST_WAIT)) ? now : was.since();
            Instant said = was == null ? null : was.said();
            boolean say = now.isAfter(since.plus(STALLED)) && (said == null || now.isAfter(said.plus(SAY_AGAIN)));
            return new Waiting(since, later, fruitless, say ? now : said);
        });
        if (now.equals(next.said())) {
            LOG.error("{} has accepted no record for {} minutes: {}. The next automatic retry is at {}. If this goes"
                    + " on,"
                            + " check who else uses its API, lower the limits in {}/crm.yaml, or get a higher rate"
                            + " limit.",
                    crm.title(), Duration.between(next.since(), now).toMinutes(), because, next.until(), crm.folder());
        }
        return next.until();
    }

    private static Duration longer(Duration asked, int fruitless) {
        Duration longer = asked.multipliedBy(1L << Math.min(fruitless, 10));
        Duration bounded = longer.compareTo(LONGEST_WAIT) < 0 ? longer : LONGEST_WAIT;
        return bounded.compareTo(asked) < 0 ? asked : bounded;
    }

    /** The CRM's words, and for how long it has taken nothing where that is minutes. */
    String described(Crm crm, String because) {
        Duration stalled = stalled(crm);
        return stalled.compareTo(STALLED) < 0 ? because
                : because + " (it has accepted no record for " + stalled.toMinutes() + " minutes)";
    }

    /** For how long the CRM has asked to wait and taken nothing; zero where it takes records, or there are none. */
    private Duration stalled(Crm crm) {
        Waiting now = waiting.get(crm.name());
        return now == null || clock.instant().isAfter(now.until().plus(LONGEST_WAIT)) ? Duration.ZERO
                : Duration.between(now.since(), clock.instant());
    }
}
