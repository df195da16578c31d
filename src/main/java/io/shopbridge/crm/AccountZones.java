package io.shopbridge.crm;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The time zones of CRM accounts, at whose midnight daily limits are renewed. They are read at the start, because an
 * account without calls left can't answer this either.
 */
@Component
class AccountZones {

    private static final Logger LOG = LoggerFactory.getLogger(AccountZones.class);
    /** While the zone is unknown, one call an hour checks whether the day has ended. */
    private static final Duration UNKNOWN_WAIT = Duration.ofHours(1);
    private static final int SPREAD_SECONDS = 30;

    private final Crms crms;
    private final CrmClient client;
    private final Map<String, ZoneId> zones = new ConcurrentHashMap<>();

    AccountZones(Crms crms, CrmClient client) {
        this.crms = crms;
        this.client = client;
    }

    @EventListener(ApplicationReadyEvent.class)
    void askAll() {
        // In a thread of its own: a CRM that doesn't answer must not keep the instance from being ready.
        CompletableFuture.runAsync(() -> crms.all().forEach(this::ask));
    }

    /** The account's next midnight and a little more; in an hour where its time zone is not known. */
    Instant midnight(Crm crm) {
        Optional<ZoneId> zone = zone(crm);
        if (zone.isEmpty()) {
            CompletableFuture.runAsync(() -> ask(crm));
            return Instant.now().plus(UNKNOWN_WAIT);
        }
        return ZonedDateTime.now(zone.get()).toLocalDate().plusDays(1).atStartOfDay(zone.get()).toInstant()
                .plusSeconds(1 + ThreadLocalRandom.current().nextInt(SPREAD_SECONDS));
    }

    private Optional<ZoneId> zone(Crm crm) {
        return crm.setting("time-zone").map(ZoneId::of).or(() -> Optional.ofNullable(zones.get(crm.name())));
    }

    private void ask(Crm crm) {
        if (!crm.can(Operation.ACCOUNT) || zone(crm).isPresent()) {
            return;
        }
        try {
            String zone = client.call(CrmCall.account(crm, Operation.ACCOUNT)).stream()
                    .map(account -> account.path("time_zone").asText()).findFirst().orElse("");
            zones.put(crm.name(), ZoneId.of(zone));
        } catch (CrmFailure | CallNotPermittedException | DateTimeException e) {
            LOG.warn("The time zone of the account of {} is unknown ({}). Set shopbridge.crms.{}.time-zone, so that a"
                    + " daily limit that is used up is waited for until midnight there.", crm.title(),
                    e.getMessage(), crm.name());
        }
    }
}
