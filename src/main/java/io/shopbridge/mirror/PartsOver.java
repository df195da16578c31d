package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.shopify.Entity;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Version;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Parts of records that a later list of all no longer has: the topic that tells of their end may have been lost. */
@Component
class PartsOver {

    private final Mirror mirror;
    private final Shopify shopify;

    PartsOver(Mirror mirror, Shopify shopify) {
        this.mirror = mirror;
        this.shopify = shopify;
    }

    /**
     * The facets of those parts, with the time of the list that has them not.
     *
     * @param partTimes of facets, by their names
     * @param said      what has the list; null among them: unknown
     */
    static Map<String, Instant> of(Entity.Part list, Map<String, Instant> partTimes, List<FieldStates> said) {
        FieldStates newest = null;
        for (FieldStates one : said) {
            if (one != null && one.says(list.listed()) && (newest == null
                    || newest.isOlder(list.listed(), one.versions().get(list.listed())))) {
                newest = one;
            }
        }
        if (newest == null) {
            return Map.of();
        }
        Instant listedAt = newest.versions().get(list.listed()).at();
        Map<String, Instant> over = new HashMap<>();
        partTimes.forEach((facet, at) -> {
            if (list.isOf(facet) && at.isBefore(listedAt)) {
                over.put(facet, listedAt);
            }
        });
        newest.values().path(list.listed()).forEach(id -> over.remove(list.facetOf(id.asText())));
        return over;
    }

    /**
     * Writes lists of all parts; within the caller's transaction. A list is newer in each answer: that alone changes no
     * record.
     *
     * @return the records of which a part is over now, or is not any more
     */
    Set<RecordKey> write(List<FacetChange> lists) {
        if (lists.isEmpty()) {
            return Set.of();
        }
        Set<RecordKey> keys = lists.stream().map(FacetChange::key).collect(Collectors.toCollection(TreeSet::new));
        Map<RecordKey, Map<String, Instant>> before = over(keys);
        mirror.write(lists);
        Map<RecordKey, Map<String, Instant>> after = over(keys);
        keys.removeIf(key -> before.get(key).keySet().equals(after.get(key).keySet()));
        return keys;
    }

    /**
     * The deletions of such parts that are records of their own, too, and of all those of a deleted record: a deleted
     * company has no locations. Within the caller's transaction.
     *
     * @param changed records that may have changed, or their parts or lists
     * @param inboxId the event that brought it
     */
    List<FacetChange> deletions(Collection<RecordKey> changed, long inboxId) {
        List<RecordKey> whole = changed.stream().filter(key -> shopify.entity(key.entity()).lists().values().stream()
                .anyMatch(list -> list.record() != null)).toList();
        if (whole.isEmpty()) {
            return List.of();
        }
        Map<RecordKey, Instant> over = new TreeMap<>();
        over(whole).forEach((key, facets) -> facets.forEach((facet, at) -> shopify.entity(key.entity()).part(facet)
                .filter(list -> list.record() != null).ifPresent(list ->
                        over.put(new RecordKey(key.store(), list.record(), list.idOf(facet)), at))));
        mirror.times(whole).forEach((key, times) -> {
            Entity entity = shopify.entity(key.entity());
            Instant deletedAt = times.get(Facets.DELETED);
            if (deletedAt != null && CanonicalRecords.isGone(times, times.get(entity.facet()))) {
                times.keySet().forEach(facet -> entity.part(facet).filter(list -> list.record() != null).ifPresent(list ->
                        over.put(new RecordKey(key.store(), list.record(), list.idOf(facet)), deletedAt)));
            }
        });
        Map<RecordKey, Map<String, Instant>> known = mirror.times(over.keySet());
        List<FacetChange> deletions = new ArrayList<>();
        over.forEach((key, at) -> {
            if (known.getOrDefault(key, Map.of()).containsKey(shopify.entity(key.entity()).facet())) {
                deletions.add(new FacetChange(key, Facets.DELETED, false, new Version(at, ""),
                        Json.write(TextNode.valueOf(at.toString())), inboxId));
            }
        });
        return deletions;
    }

    private Map<RecordKey, Map<String, Instant>> over(Collection<RecordKey> keys) {
        Set<String> names = new TreeSet<>(Set.of(Facets.LISTED));
        keys.stream().map(key -> shopify.entity(key.entity())).distinct().flatMap(entity -> entity.wholeLists().stream())
                .forEach(list -> names.add(list.facetOf("%")));
        Map<RecordKey, List<StoredFacet>> facets = mirror.read(keys, names);
        return keys.stream().collect(Collectors.toMap(Function.identity(), key ->
                of(shopify.entity(key.entity()), facets.getOrDefault(key, List.of()))));
    }

    /** The facets of such parts of a record, with the time of the list; without those of which a topic told the end. */
    static Map<String, Instant> of(Entity entity, List<StoredFacet> facets) {
        List<FieldStates> said = facets.stream().filter(facet -> facet.name().equals(entity.facet())
                        || facet.name().equals(Facets.LISTED))
                .map(facet -> FieldStates.of(facet.version(), facet.value())).toList();
        Map<String, Instant> over = new HashMap<>();
        entity.wholeLists().forEach(list -> over.putAll(of(list,
                facets.stream().filter(facet -> list.isOf(facet.name()) && !isRemoved(facet))
                        .collect(Collectors.toMap(StoredFacet::name, StoredFacet::at)), said)));
        return over;
    }

    private static boolean isRemoved(StoredFacet part) {
        return Json.readOwn(part.value()).path(Facets.REMOVED).asBoolean(false);
    }
}
