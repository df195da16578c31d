package io.shopbridge.mirror;

import io.shopbridge.audit.Audit;
import io.shopbridge.backfill.Backfills;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.ledger.EventEntry;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.shopify.AppNews;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/**
 * What happens to the app itself in a shop: it is uninstalled, which pauses the store, its access scopes change, or a
 * bulk operation of its ends.
 * Within the transaction of the pass.
 */
@Component
class AppEvents {

    private final StorePauses pauses;
    private final Shopify shopify;
    private final Stores stores;
    private final Interests interests;
    private final Audit audit;
    private final Backfills backfills;

    AppEvents(StorePauses pauses, Shopify shopify, Stores stores, Interests interests, Audit audit,
            Backfills backfills) {
        this.backfills = backfills;
        this.pauses = pauses;
        this.shopify = shopify;
        this.stores = stores;
        this.interests = interests;
        this.audit = audit;
    }

    EventEntry entry(ReceivedEvent event, AppNews news) {
        if (news.operation() != null) {
            backfills.finished(event.store(), news.operation());
            return new EventEntry(event.store(), event.topic(), Outcome.NOT_HANDLED, "It changes no record. A backfill whose"
                    + " export this is asks Shopify how it ended", event.id());
        }
        return news.uninstalled() ? uninstalled(event) : scopes(event, news);
    }

    private EventEntry uninstalled(ReceivedEvent event) {
        Instant at = event.triggeredAt() == null ? event.receivedAt() : event.triggeredAt();
        String store = event.store();
        if (!pauses.pause(store, at, "the app was uninstalled from the shop")) {
            return new EventEntry(store, event.topic(), Outcome.STALE, null, event.id());
        }
        audit.did("paused", "store " + store + ": the app was uninstalled from the shop");
        return new EventEntry(store, event.topic(), Outcome.HELD, "The app was uninstalled from the shop at " + at
                + ". Store " + store + " is paused: nothing of it is delivered or asked for, and its work is kept."
                + " Install the app again, then resume the store: POST /api/v1/stores/" + store + "/resume", event.id());
    }

    private EventEntry scopes(ReceivedEvent event, AppNews news) {
        Set<String> lost = new TreeSet<>(news.lostScopes());
        lost.retainAll(needed(event.store()));
        if (lost.isEmpty()) {
            return new EventEntry(event.store(), event.topic(), Outcome.NOT_HANDLED,
                    "No access scope was lost that the mappings in use need", event.id());
        }
        return new EventEntry(event.store(), event.topic(), Outcome.HELD, "The app has lost the access scopes "
                + String.join(", ", lost) + ", so Shopify sends no more changes of what they are for. Add them to the"
                + " scopes of the app and have the merchant accept them; what was missed comes with the next poll or"
                + " backfill. Then mark this as done", event.id());
    }

    /** By what the CRMs of the store get. */
    private Set<String> needed(String name) {
        return stores.find(name).map(store -> shopify.scopes(entity -> interests.uses(store, entity))).orElse(Set.of());
    }
}
