package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.RefreshRule;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.Body;
import org.springframework.stereotype.Component;

/**
 * The step after the figures: notes the changed records of which something is missing that only the Admin API tells, in
 * the transaction that changed them. {@code routes/1-receive/refresh.camel.yaml} asks for them.
 */
@Component("incompleteRecords")
public class IncompleteRecords {

    /** Guests and carts have other ids, and can't be asked for. */
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    private final Shopify shopify;
    private final Stores stores;
    private final Interests interests;
    private final RefreshQueue queue;

    IncompleteRecords(Shopify shopify, Stores stores, Interests interests, RefreshQueue queue) {
        this.shopify = shopify;
        this.stores = stores;
        this.interests = interests;
        this.queue = queue;
    }

    /** Nothing is noted of stores without access to the Admin API, and of records that no CRM of the store uses. */
    public void note(@Body Batch batch) {
        Map<RecordKey, List<RefreshRule>> rules = new HashMap<>();
        for (RecordKey key : batch.changed()) {
            List<RefreshRule> some = NUMBER.matcher(key.recordId()).matches() ? rules(key) : List.of();
            if (!some.isEmpty()) {
                rules.put(key, some);
            }
        }
        if (rules.isEmpty()) {
            return;
        }
        Map<Long, ReceivedEvent> events = new HashMap<>();
        batch.events().forEach(event -> events.put(event.id(), event));
        Map<RecordKey, List<FacetChange>> changes = new HashMap<>();
        batch.allChanges().forEach(change -> changes.computeIfAbsent(change.key(), key -> new ArrayList<>()).add(change));
        Set<RefreshQueue.Wanted> wanted = new HashSet<>();
        rules.forEach((key, some) -> some.stream()
                .filter(rule -> concerns(rule, changes.getOrDefault(key, List.of()), events))
                .forEach(rule -> wanted.add(new RefreshQueue.Wanted(key, rule, changes.getOrDefault(key, List.of())
                        .stream().allMatch(change -> events.get(change.inboxId()).isHistory())))));
        queue.note(wanted);
    }

    private List<RefreshRule> rules(RecordKey key) {
        return stores.find(key.store()).map(Store::admin).isEmpty()
                || stores.find(key.store()).orElseThrow().crms().stream()
                        .noneMatch(crm -> interests.maps(crm, key.entity()))
                ? List.of() : shopify.refreshRules(key.entity());
    }

    private boolean concerns(RefreshRule rule, List<FacetChange> changes, Map<Long, ReceivedEvent> events) {
        if (!rule.isConditional()) {
            return true;
        }
        Instant now = Instant.now();
        return changes.stream()
                .filter(change -> change.facet().equals(shopify.entity(change.key().entity()).facet()))
                .filter(change -> mayConcern(rule, events.get(change.inboxId())))
                .anyMatch(change -> rule.concerns(object(change), now));
    }

    /** An answer has all that there is: what it says is no reason to ask for it. And history is not recent. */
    private static boolean mayConcern(RefreshRule rule, ReceivedEvent event) {
        return !event.isHistory() && (rule.says().isEmpty() || !ApiAnswer.is(event.topic()));
    }

    private static JsonNode object(FacetChange change) {
        return Json.readOwn(change.value());
    }
}
