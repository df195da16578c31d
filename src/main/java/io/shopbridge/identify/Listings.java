package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmPage;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Lists all records of a kind instead of searching for them, if a CRM has few of them and searches for one value per
 * call: once completely, then by polling for changes before each look-up. That is one call instead of one for each
 * value, and never delayed as searches are. In memory only, and listed again every day.
 */
@Component
class Listings {

    /** A change may become visible after a later one. */
    private static final Duration OVERLAP = Duration.ofMinutes(1);
    private static final Duration LISTED_ANEW = Duration.ofDays(1);
    private static final Duration TOO_MANY_FOR = Duration.ofHours(6);

    private record Kind(String crm, String object) {
    }

    /** What is known of one kind; guarded by itself. */
    private static final class State {
        Listing listing;
        Instant tooManyUntil = Instant.MIN;
    }

    private final CrmClient client;
    private final Map<Kind, State> states = new ConcurrentHashMap<>();

    Listings(CrmClient client) {
        this.client = client;
    }

    /**
     * Which records have which values now; empty where there are too many to list, or crm.yaml doesn't say to.
     *
     * @param fieldNames what is asked of each record
     * @param by         the fields by which records are looked for
     * @throws CrmFailure where the CRM did not answer or asked to wait: the next call continues the listing
     */
    Optional<Listing> upToDate(Crm crm, String object, Set<String> fieldNames, Collection<String> by) {
        if (crm.listed(object).isEmpty()) {
            return Optional.empty();
        }
        State state = states.computeIfAbsent(new Kind(crm.name(), object), kind -> new State());
        synchronized (state) {
            if (state.tooManyUntil.isAfter(Instant.now())) {
                return Optional.empty();
            }
            if (state.listing == null || !state.listing.isBy(by)
                    || state.listing.begun().plus(LISTED_ANEW).isBefore(Instant.now())) {
                state.listing = new Listing(by);
            }
            if (!list(crm, object, fieldNames, state.listing, crm.listed(object).getAsInt())) {
                state.listing = null;
                state.tooManyUntil = Instant.now().plus(TOO_MANY_FOR);
            }
            return Optional.ofNullable(state.listing);
        }
    }

    /** False if there are too many. */
    private boolean list(Crm crm, String object, Set<String> fieldNames, Listing listing, int most) {
        CrmCall call = call(crm, object, fieldNames, listing.latest());
        JsonNode next = null;
        do {
            CrmPage page = client.page(call, next);
            page.elements().forEach(element -> listing.add(CrmRecord.of(element)));
            next = page.next();
            if (listing.size() > most) {
                return false;
            }
        } while (next != null);
        return true;
    }

    private static CrmCall call(Crm crm, String object, Set<String> fieldNames, Instant latest) {
        Instant since = latest.equals(Instant.EPOCH) ? latest : latest.minus(OVERLAP);
        return CrmCall.changed(crm, object, since, fieldNames);
    }
}
