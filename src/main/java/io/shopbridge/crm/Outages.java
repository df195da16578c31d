package io.shopbridge.crm;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * CRMs that accept nothing from this process at the moment, and why. The log says when an outage begins, repeatedly
 * while it lasts, and when it ends; not for each record, because thousands may wait.
 */
@Component
public class Outages {

    private static final Logger LOG = LoggerFactory.getLogger(Outages.class);
    private static final Duration SAID_AGAIN = Duration.ofMinutes(5);

    private record Outage(Crm crm, Instant since, Instant said) {
    }

    private final InstantSource clock;
    private final Map<String, Outage> outages = new ConcurrentHashMap<>();
    /** How the last call that failed because of a CRM ended; without the CRM's message, which may quote values. */
    private final Map<String, String> lastFault = new ConcurrentHashMap<>();

    @Autowired
    Outages() {
        this(InstantSource.system());
    }

    Outages(InstantSource clock) {
        this.clock = clock;
    }

    /** A call did not succeed because of the CRM, as in {@code HubSpot answered 500 to update}. */
    public void failed(Crm crm, String how) {
        lastFault.put(crm.name(), how);
    }

    /** How the last call that failed because of the CRM ended; a sentence without its end. */
    public String lastFault(Crm crm) {
        return lastFault.getOrDefault(crm.name(), crm.title() + " does not answer");
    }

    /** The CRM accepts nothing. Logs it once. */
    public void began(Crm crm, String because) {
        Instant now = clock.instant();
        if (outages.putIfAbsent(crm.name(), new Outage(crm, now, now)) == null) {
            LOG.warn("{} accepts no deliveries: {}. Its records wait and are retried automatically with exponential"
                    + " back-off. Nothing is lost. Other CRMs are not affected.", crm.title(), because);
        }
    }

    /** The CRM takes deliveries again. */
    public void ended(Crm crm) {
        Outage outage = outages.isEmpty() ? null : outages.remove(crm.name());
        if (outage != null) {
            LOG.warn("{} accepts deliveries again, after {}.", crm.title(), lasted(outage));
        }
    }

    /**
     * Logs the outages that last; ends those for which no record waits any more.
     *
     * @param waiting how many records wait for a CRM of this name
     */
    public void remind(ToLongFunction<String> waiting) {
        outages.forEach((name, outage) -> {
            Instant now = clock.instant();
            if (outage.said().plus(SAID_AGAIN).isAfter(now)) {
                return;
            }
            long records = waiting.applyAsLong(name);
            if (records == 0) {
                ended(outage.crm());
            } else if (outages.replace(name, outage, new Outage(outage.crm(), outage.since(), now))) {
                LOG.warn("{} has accepted no deliveries for {}; {} records wait: {}.", outage.crm().title(),
                        lasted(outage), records, lastFault(outage.crm()));
            }
        });
    }

    private String lasted(Outage outage) {
        Duration lasted = Duration.between(outage.since(), clock.instant());
        return lasted.toMinutes() < 2 ? lasted.toSeconds() + " s"
                : lasted.toMinutes() + " min";
    }
}
