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
import java.util.stream.Stream;
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
            List<RefreshRule> some = rules(key);
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
        rules.forEach((key, some) -> {
            List<FacetChange> own = changes.getOrDefault(key, List.of());
            boolean later = own.stream().allMatch(change -> events.get(change.inboxId()).isHistory());
            List<Said> said = some.stream().anyMatch(RefreshRule::isConditional) ? said(key, own, events) : List.of();
            some.forEach(rule -> records(key, rule, said).forEach(record ->
                    wanted.add(new RefreshQueue.Wanted(record, rule, later))));
        });
        wanted.removeIf(record -> !NUMBER.matcher(record.key().recordId()).matches() || !isUsed(record.key()));
        queue.note(wanted);
    }

    /** What an event of today says of a record's main facet. */
    private record Said(boolean answered, JsonNode object) {
    }

    private List<Said> said(RecordKey key, List<FacetChange> changes, Map<Long, ReceivedEvent> events) {
        return changes.stream().filter(change -> change.facet().equals(shopify.entity(key.entity()).facet()))
                .filter(change -> !events.get(change.inboxId()).isHistory())
                .map(change -> new Said(ApiAnswer.is(events.get(change.inboxId()).topic()),
                        Json.readOwn(change.value()))).toList();
    }

    /** The records that a rule asks for; an answer has all that there is, so what it says is no reason to ask for it. */
    private static List<RecordKey> records(RecordKey key, RefreshRule rule, List<Said> said) {
        if (!rule.isConditional()) {
            return List.of(key);
        }
        Instant now = Instant.now();
        Stream<JsonNode> objects = said.stream().filter(one -> rule.says().isEmpty() || !one.answered())
                .map(Said::object).filter(object -> rule.concerns(object, now));
        return rule.other() == null ? objects.limit(1).map(object -> key).toList()
                : objects.flatMap(object -> rule.other().in(object).stream()).distinct()
                        .map(id -> new RecordKey(key.store(), rule.other().entity(), id)).toList();
    }

    private List<RefreshRule> rules(RecordKey key) {
        return stores.find(key.store()).map(Store::admin).isEmpty() ? List.of() : shopify.refreshRules(key.entity());
    }

    private boolean isUsed(RecordKey key) {
        return stores.find(key.store()).filter(store -> interests.uses(store, key.entity())).isPresent();
    }
}
