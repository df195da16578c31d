package io.shopbridge.mirror;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.shopify.Consents;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Json;
import io.shopbridge.store.RecordKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Which customers Shopify merged into which. Orders keep the id of the merged customer, so every look-up of an order's
 * customer also asks here.
 */
@Component
public class CustomerMerges {

    /** Merges are rare, and two that form a chain must see each other. */
    private static final int LOCK = 0x6d65_7267;

    private static final String RECORD = """
            INSERT INTO customer_merge (store, absorbed, kept, merged_at)
            SELECT m.store, m.absorbed, coalesce(later.kept, m.kept), m.merged_at
            FROM (VALUES (?::text, ?::text, ?::text, ?::timestamptz)) AS m (store, absorbed, kept, merged_at)
            LEFT JOIN customer_merge later ON later.store = m.store AND later.absorbed = m.kept
            WHERE m.absorbed <> coalesce(later.kept, m.kept)
            ON CONFLICT (store, absorbed) DO NOTHING""";

    private static final String FOLLOW = """
            UPDATE customer_merge c SET kept = later.kept FROM customer_merge later
            WHERE later.store = ? AND later.absorbed = ? AND c.store = later.store AND c.kept = later.absorbed
            RETURNING c.absorbed""";

    private final JdbcTemplate jdbc;
    private final Mirror mirror;

    CustomerMerges(JdbcTemplate jdbc, Mirror mirror) {
        this.jdbc = jdbc;
        this.mirror = mirror;
    }

    /**
     * Remembers the merges among these changes; within the transaction that writes them.
     *
     * @return the customers whose survivor has changed, because it was merged too
     */
    Set<RecordKey> record(Collection<FacetChange> changes) {
        List<FacetChange> merges = changes.stream()
                .filter(change -> change.facet().equals(Facets.MERGED_INTO))
                .sorted(Comparator.comparing(change -> change.version().at())).toList();
        Set<RecordKey> moved = new HashSet<>();
        if (merges.isEmpty()) {
            return moved;
        }
        jdbc.query("SELECT pg_advisory_xact_lock(" + LOCK + ")", row -> { });
        for (FacetChange merge : merges) {
            RecordKey absorbed = merge.key();
            jdbc.update(RECORD, absorbed.store(), absorbed.recordId(), Json.readOwn(merge.value()).asText(),
                    Timestamp.from(merge.version().at()));
            jdbc.query(FOLLOW, row -> {
                moved.add(new RecordKey(absorbed.store(), RecordKey.CUSTOMER, row.getString(1)));
            }, absorbed.store(), absorbed.recordId());
        }
        return moved;
    }

    /**
     * The opt-outs of merged customers, as those of the customer that was kept: an opt-out outlives its customer,
     * and only a later answer of the survivor's undoes it.
     *
     * @param inboxId the event that brought it
     */
    List<FacetChange> noes(Collection<RecordKey> customers, long inboxId) {
        Map<RecordKey, RecordKey> kept = kept(customers);
        if (kept.isEmpty()) {
            return List.of();
        }
        List<FacetChange> noes = new ArrayList<>();
        mirror.read(kept.keySet()).forEach((absorbed, facets) -> facets.forEach(facet ->
                Consents.fieldOf(facet.name()).ifPresent(field -> {
                    // Of an address that the survivor hardly has: it is the person who said no.
                    Consents.lastNo(FieldStates.of(facet.version(), facet.value())).ifPresent(no ->
                            noes.add(new FacetChange(kept.get(absorbed), field, true, no.version(),
                                    Json.write(Consents.ofThePerson(field, no.values())), inboxId)));
                })));
        return noes;
    }

    /** Why a customer is no more; of a guest it was not Shopify who merged. */
    public static String because(RecordKey absorbed, RecordKey kept) {
        return (absorbed.isGuest() ? "Its e-mail address is that of " : "Shopify merged it into ") + kept;
    }

    /** The merged ones of these customers, each with the customer who has their orders now. */
    public Map<RecordKey, RecordKey> kept(Collection<RecordKey> customers) {
        Map<RecordKey, RecordKey> kept = new HashMap<>();
        look("m.absorbed", customers, row -> kept.put(customer(row, "absorbed"), customer(row, "kept")));
        return kept;
    }

    /** Those of these customers into whom others were merged, each with those; the first that was merged first. */
    public Map<RecordKey, List<RecordKey>> absorbed(Collection<RecordKey> customers) {
        Map<RecordKey, List<RecordKey>> absorbed = new HashMap<>();
        look("m.kept", customers, row -> absorbed.computeIfAbsent(customer(row, "kept"), key -> new ArrayList<>())
                .add(customer(row, "absorbed")));
        return absorbed;
    }

    private interface Rows {
        void take(ResultSet row) throws SQLException;
    }

    /** Of other records than customers nothing is known. */
    private void look(String by, Collection<RecordKey> customers, Rows rows) {
        List<RecordKey> list = customers.stream().filter(key -> key.entity().equals(RecordKey.CUSTOMER)).toList();
        if (list.isEmpty()) {
            return;
        }
        jdbc.query("SELECT m.store, m.absorbed, m.kept FROM unnest(?::text[], ?::text[], ?::text[])"
                        + " AS k (store, entity, record_id) JOIN customer_merge m ON m.store = k.store AND " + by
                        + " = k.record_id"
                        + " ORDER BY m.merged_at, m.absorbed",
                row -> {
                    rows.take(row);
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId));
    }

    private static RecordKey customer(ResultSet row, String column) throws SQLException {
        return new RecordKey(row.getString("store"), RecordKey.CUSTOMER, row.getString(column));
    }
}
