package io.shopbridge.mirror;

import io.shopbridge.shopify.Entity;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Tells what the mirror holds already, so that it need not be an event. Nothing is locked: what is being brought in at
 * the same time counts as unknown, and is told twice.
 */
@Component
public class KnownStates {

    private final Mirror mirror;
    private final Shopify shopify;

    KnownStates(Mirror mirror, Shopify shopify) {
        this.mirror = mirror;
        this.shopify = shopify;
    }

    /**
     * Those which would change something, or say nothing that is understood, in their order. A state counts as known if the
     * mirror has the same values of the same time, or a later one: with an earlier time, an event that comes late could
     * take them away. A list of all parts has another time in each answer; the same list is news if something came
     * between the two that it has not.
     *
     * @param said what each of them says of records
     */
    public <T> List<T> news(Collection<T> all, Function<T, List<FacetChange>> said) {
        Map<RecordKey, List<FacetChange>> byRecord = all.stream().flatMap(one -> said.apply(one).stream())
                .collect(Collectors.groupingBy(FacetChange::key));
        Set<FacetChange> unknown = new HashSet<>();
        mirror.forEach(byRecord.keySet(), (key, facets) -> byRecord.get(key).stream()
                .filter(change -> facets.stream().noneMatch(facet -> change.facet().equals(Facets.LISTED)
                        ? lists(facet, change, facets) : covers(facet, change))).forEach(unknown::add));
        List<T> news = new ArrayList<>(all);
        news.removeIf(one -> !said.apply(one).isEmpty() && said.apply(one).stream().noneMatch(unknown::contains));
        return news;
    }

    private boolean lists(StoredFacet known, FacetChange change, List<StoredFacet> facets) {
        Entity entity = shopify.entity(change.key().entity());
        return known.name().equals(Facets.LISTED)
                && hasAll(FieldStates.of(known.version(), known.value()), FieldStates.of(change.version(), change.value()))
                && PartsOver.of(entity, facets).keySet().equals(
                        PartsOver.of(entity, Mirror.with(facets, List.of(change))).keySet());
    }

    private static boolean hasAll(FieldStates there, FieldStates said) {
        return said.versions().keySet().stream().allMatch(field -> there.says(field)
                && said.values().get(field).equals(there.values().get(field)));
    }

    private static boolean covers(StoredFacet known, FacetChange change) {
        if (!known.name().equals(change.facet())) {
            return false;
        }
        if (!change.byField()) {
            return !known.at().isBefore(change.version().at()) && Arrays.equals(known.value(), change.value());
        }
        FieldStates there = FieldStates.of(known.version(), known.value());
        FieldStates said = FieldStates.of(change.version(), change.value());
        return hasAll(there, said) && said.versions().keySet().stream().allMatch(field ->
                !there.versions().get(field).at().isBefore(change.version().at()));
    }
}
