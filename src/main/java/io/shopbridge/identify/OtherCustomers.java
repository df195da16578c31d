package io.shopbridge.identify;

import io.shopbridge.crm.Crm;
import io.shopbridge.map.Mapping;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.store.RecordKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/**
 * Checks whether a CRM record is another customer of a store, or is by a decision: Shopify says that the two are not
 * the same.
 */
@Component
public class OtherCustomers {

    private final Links links;
    private final Decisions decisions;
    private final CanonicalRecords canonicalRecords;

    OtherCustomers(Links links, Decisions decisions, CanonicalRecords canonicalRecords) {
        this.links = links;
        this.decisions = decisions;
        this.canonicalRecords = canonicalRecords;
    }

    /** Whether two records are not the same by Shopify: two customers of one store. A guest may be any of them. */
    static boolean isAnother(RecordKey one, RecordKey other) {
        return !one.isGuest() && !other.isGuest() && !one.equals(other) && one.store().equals(other.store())
                && one.entity().equals(other.entity());
    }

    /** The reason why a decision for this CRM record is refused; empty if it is possible. */
    public Optional<String> refusal(Crm crm, Mapping mapping, RecordKey key, String crmId) {
        Predicate<RecordKey> other =
                one -> isAnother(key, one) && canonicalRecords.deleted(List.of(one)).isEmpty();
        Optional<String> linked = links.to(crm.name(), mapping.object(), List.of(crmId))
                .getOrDefault(crmId, List.of()).stream().map(Link::key).filter(other).findFirst()
                .map(one -> "Record " + crmId + " is " + named(one) + ".");
        return linked.or(() -> decisions.sameAs(crm.name(), key, crmId).stream().filter(other).findFirst()
                .map(one -> "Record " + crmId + " is " + named(one) + " by an earlier decision."));
    }

    private static String named(RecordKey other) {
        return other.entity() + " " + other.recordId() + " of the same store";
    }
}
