package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmPage;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Operation;
import io.shopbridge.map.Mapping;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/** Polls a CRM for records that changed since a time (watermark), by its operation {@code changed}. */
@Component
public class CrmChanges {

    private final CrmClient client;

    CrmChanges(CrmClient client) {
        this.client = client;
    }

    /**
     * Hands over the records that changed at this time or later, a page at a time, each version once.
     *
     * @return the latest change seen. It is the watermark for the next poll, which gives the records of that moment
     * again, together with later ones
     * @throws CrmFailure where the CRM did not answer, or more changed in one moment than it can list
     */
    public Instant since(Crm crm, Mapping mapping, Instant since, Consumer<List<CrmRecord>> pages) {
        Set<String> seen = new HashSet<>();
        Instant from = since;
        while (true) {
            Round round = round(crm, mapping, from, seen, pages);
            if (!round.cut()) {
                return round.latest();
            }
            if (!round.latest().isAfter(from)) {
                throw new CrmRefused("More " + mapping.object() + " of " + crm.title() + " changed at " + from
                        + " than it lists for one moment ("
                        + crm.operations().mostPaged(Operation.CHANGED, mapping.object()) + ")", null);
            }
            from = round.latest();
        }
    }

    /** @param cut whether the CRM had more records than it lists for one request */
    private record Round(Instant latest, boolean cut) {
    }

    private Round round(Crm crm, Mapping mapping, Instant from, Set<String> seen, Consumer<List<CrmRecord>> pages) {
        int most = crm.operations().mostPaged(Operation.CHANGED, mapping.object());
        Instant latest = from;
        int told = 0;
        JsonNode next = null;
        do {
            CrmPage page = client.page(call(crm, mapping, from), next);
            List<CrmRecord> fresh = new ArrayList<>();
            for (JsonNode element : page.elements()) {
                CrmRecord record = CrmRecord.of(element);
                Instant time = record.values().updatedAt();
                if (seen.add(record.id() + " " + time)) {
                    fresh.add(record);
                }
                latest = time != null && time.isAfter(latest) ? time : latest;
            }
            if (!fresh.isEmpty()) {
                pages.accept(fresh);
            }
            told += page.elements().size();
            next = page.next();
        } while (next != null && told < most);
        return new Round(latest, next != null);
    }

    private static CrmCall call(Crm crm, Mapping mapping, Instant from) {
        return CrmCall.changed(crm, mapping.object(), from.truncatedTo(ChronoUnit.MILLIS), mapping.fieldNames());
    }
}
