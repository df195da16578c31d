package io.shopbridge.mirror;

import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Facets;
import io.shopbridge.store.RecordKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.springframework.stereotype.Component;

/** The third step: the mirror takes what is newer than what it knows. */
@Component("mirroring")
public class Mirroring {

    private final Mirror mirror;
    private final OrderedCarts orderedCarts;
    private final KnownBuyers knownBuyers;
    private final CustomerMerges merges;
    private final PartsOver partsOver;

    Mirroring(Mirror mirror, OrderedCarts orderedCarts, KnownBuyers knownBuyers, CustomerMerges merges,
            PartsOver partsOver) {
        this.mirror = mirror;
        this.orderedCarts = orderedCarts;
        this.knownBuyers = knownBuyers;
        this.merges = merges;
        this.partsOver = partsOver;
    }

    /** Writes what the events say; one that says nothing new of any record is stale. */
    public void mirror(@Body Batch batch) {
        if (batch.changes().isEmpty()) {
            return;
        }
        orderedCarts.join(batch.changes());
        knownBuyers.keep(batch.changes());
        List<FacetChange> changes = batch.allChanges();
        Map<Boolean, List<FacetChange>> lists = changes.stream()
                .collect(Collectors.partitioningBy(change -> change.facet().equals(Facets.LISTED)));
        Set<RecordKey> changed = mirror.write(lists.get(false));
        changed.addAll(partsOver.write(lists.get(true)));
        changed.addAll(merges.record(changes));
        changed.addAll(mirror.write(merges.noes(changed, batch.newest())));
        changed.addAll(mirror.write(partsOver.deletions(changed, batch.newest())));
        batch.changed(changed);
        for (ReceivedEvent event : batch.events()) {
            List<FacetChange> said = batch.changes().get(event.id());
            if (said != null && said.stream().noneMatch(change -> changed.contains(change.key()))) {
                batch.aside(event, Outcome.STALE, null);
            }
        }
    }
}
