package io.shopbridge.mirror;

import static io.shopbridge.store.Columns.booleans;
import static io.shopbridge.store.Columns.dates;
import static io.shopbridge.store.Columns.decimals;
import static io.shopbridge.store.Columns.texts;
import static io.shopbridge.store.Columns.times;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Customer figures: what customers have bought, stored as one row for each order, so that a customer of ten thousand
 * orders costs one sum.
 */
@Component("customerFigures")
public class CustomerFigures {

    private static final int CATCH_UP_BATCH = 500;

    private final Shopify shopify;
    private final JdbcTemplate jdbc;
    private final Mirror mirror;
    private final Stores stores;
    private final CustomerMerges merges;
    private final TransactionTemplate transaction;

    CustomerFigures(Shopify shopify, JdbcTemplate jdbc, Mirror mirror, Stores stores, CustomerMerges merges,
            TransactionTemplate transaction) {
        this.merges = merges;
        this.shopify = shopify;
        this.jdbc = jdbc;
        this.stores = stores;
        this.mirror = mirror;
        this.transaction = transaction;
    }

    /**
     * The fourth step of the mirror's route: what the orders that changed add to their buyers' figures. The orders of a
     * merged customer are the survivor's: to deliver the merged one would hold it again, whatever a person has decided.
     */
    public void update(@Body Batch batch) {
        Set<RecordKey> buyers =
                updated(batch.changed().stream().filter(key -> key.entity().equals(RecordKey.ORDER)).toList());
        Map<RecordKey, RecordKey> kept = merges.kept(buyers);
        batch.buyers(buyers.stream().map(buyer -> kept.getOrDefault(buyer, buyer)).collect(Collectors.toSet()));
    }

    /**
     * Brings the rows of these orders up to date; within the transaction that changed them.
     *
     * @return the customers and guests whose figures have changed
     */
    private Set<RecordKey> updated(Collection<RecordKey> orders) {
        List<RecordKey> sorted = List.copyOf(new TreeSet<>(orders));
        if (sorted.isEmpty()) {
            return Set.of();
        }
        // Locked before the facets are read: of two processes that change one order, the second sees the first's facets.
        Map<RecordKey, OrderFigures> before = lock(sorted);
        Map<RecordKey, OrderFigures> after = new HashMap<>();
        Set<RecordKey> contacts = new HashSet<>();
        mirror.forEach(sorted, (key, facets) -> {
            OrderFigures now = figures(CanonicalRecords.assemble(shopify.entity(key.entity()), key, facets));
            OrderFigures then = before.get(key);
            if (!now.equals(then)) {
                after.put(key, now);
                add(contacts, key, then);
                add(contacts, key, now);
            }
        });
        write(after);
        return contacts;
    }

    /** What these orders would add, of which nothing is stored: the buyers whose figures change, and the orders' days. */
    record Foreseen(Set<RecordKey> buyers, Map<RecordKey, LocalDate> days) {
    }

    Foreseen foresee(Collection<CanonicalRecord> orders) {
        List<RecordKey> keys = orders.stream().map(CanonicalRecord::key).toList();
        Map<RecordKey, OrderFigures> known = new HashMap<>();
        jdbc.query("SELECT f.* FROM unnest(?::text[], ?::text[]) AS k (store, order_id) JOIN order_figures f"
                + " USING (store, order_id)", row -> {
                    known.put(key(row), row(row));
                }, texts(keys, RecordKey::store), texts(keys, RecordKey::recordId));
        ofSurvivors(known);
        Set<RecordKey> buyers = new HashSet<>();
        Map<RecordKey, LocalDate> days = new HashMap<>();
        for (CanonicalRecord order : orders) {
            OrderFigures now = figures(order);
            if (now.orderedOn() != null) {
                days.put(order.key(), now.orderedOn());
            }
            OrderFigures then = known.get(order.key());
            if (!now.equals(then)) {
                add(buyers, order.key(), then);
                add(buyers, order.key(), now);
            }
        }
        return new Foreseen(buyers, days);
    }

    /** A record names the survivor of a merged customer, a row the one who bought. */
    private void ofSurvivors(Map<RecordKey, OrderFigures> known) {
        Map<RecordKey, RecordKey> buyers = new HashMap<>();
        known.forEach((order, figures) -> buyer(order, figures).ifPresent(buyer -> buyers.put(order, buyer)));
        Map<RecordKey, RecordKey> kept = merges.kept(Set.copyOf(buyers.values()));
        buyers.forEach((order, buyer) -> {
            if (kept.containsKey(buyer)) {
                known.computeIfPresent(order, (key, figures) -> figures.boughtBy(kept.get(buyer).recordId()));
            }
        });
    }

    private OrderFigures figures(CanonicalRecord order) {
        return OrderFigures.of(order.json(), order.complete(),
                stores.find(order.key().store()).map(Store::timeZone).orElse(ZoneOffset.UTC));
    }

    private static RecordKey key(ResultSet row) throws SQLException {
        return new RecordKey(row.getString("store"), RecordKey.ORDER, row.getString("order_id"));
    }

    /** Counts orders that have no figures yet, or have them by an older rule. */
    public void catchUp() {
        int done;
        do {
            Integer some = transaction.execute(status -> {
                List<RecordKey> batch = withoutFigures();
                updated(batch);
                upToDate(batch);
                return batch.size();
            });
            done = some == null ? 0 : some;
        } while (done == CATCH_UP_BATCH);
    }

    private List<RecordKey> withoutFigures() {
        return jdbc.query("""
                (SELECT f.store, f.record_id FROM mirror_facet f
                WHERE f.entity = 'order' AND f.facet = 'order' AND NOT EXISTS (
                    SELECT 1 FROM order_figures o WHERE o.store = f.store AND o.order_id = f.record_id))
                UNION ALL (SELECT store, order_id FROM order_figures WHERE outdated)
                LIMIT ?""", (row, n) -> new RecordKey(row.getString(1), RecordKey.ORDER, row.getString(2)),
                CATCH_UP_BATCH);
    }

    private void upToDate(List<RecordKey> orders) {
        jdbc.update("""
                UPDATE order_figures f SET outdated = false FROM unnest(?::text[], ?::text[]) AS k (store, order_id)
                WHERE f.store = k.store AND f.order_id = k.order_id AND f.outdated""",
                texts(orders, RecordKey::store), texts(orders, RecordKey::recordId));
    }

    /** All orders of this customer, also those that do not count. */
    public List<RecordKey> ordersNaming(RecordKey customer) {
        return jdbc.query("SELECT order_id FROM order_figures WHERE store = ? AND contact = ?",
                (row, n) -> new RecordKey(customer.store(), RecordKey.ORDER, row.getString(1)), customer.store(),
                customer.recordId());
    }

    /** The {@code .metrics} of these customers; the orders of those merged into them are theirs. */
    Map<RecordKey, ObjectNode> metrics(Collection<RecordKey> customers, Instant now) {
        Map<RecordKey, List<CustomerMetrics.Part>> parts = parts(customers);
        Map<RecordKey, ObjectNode> metrics = new HashMap<>();
        customers.forEach(key -> metrics.put(key, withAll(CustomerMetrics.of(parts.getOrDefault(key, List.of()), now),
                List.of(key), parts, now)));
        return metrics;
    }

    /**
     * The {@code .metrics} of customers, each of whom is one person with others, of other stores mostly.
     *
     * @param persons customer to all customers that are the person, in the order in which their currencies count
     */
    public Map<RecordKey, ObjectNode> metrics(Map<RecordKey, List<RecordKey>> persons, Instant now) {
        Map<RecordKey, List<CustomerMetrics.Part>> parts = parts(persons.values().stream().flatMap(List::stream)
                .collect(Collectors.toSet()));
        Map<RecordKey, ObjectNode> metrics = new HashMap<>();
        persons.forEach((key, all) -> metrics.put(key, withAll(
                CustomerMetrics.of(parts.getOrDefault(key, List.of()), now), all, parts, now)));
        return metrics;
    }

    private static ObjectNode withAll(ObjectNode own, List<RecordKey> all,
            Map<RecordKey, List<CustomerMetrics.Part>> parts, Instant now) {
        own.set("together", CustomerMetrics.together(
                all.stream().map(key -> parts.getOrDefault(key, List.of())).toList(), now));
        ArrayNode stores = own.putArray("stores");
        all.stream().map(RecordKey::store).distinct().forEach(store -> stores.addObject().put("store", store)
                .setAll(CustomerMetrics.together(all.stream().filter(key -> key.store().equals(store))
                        .map(key -> parts.getOrDefault(key, List.of())).toList(), now)));
        return own;
    }

    private Map<RecordKey, List<CustomerMetrics.Part>> parts(Collection<RecordKey> customers) {
        List<RecordKey> list = List.copyOf(customers);
        Map<RecordKey, List<CustomerMetrics.Part>> parts = new HashMap<>();
        if (!list.isEmpty()) {
            jdbc.query("""
                    SELECT k.store, k.contact, f.currency, count(*), count(f.net), sum(f.net), min(f.ordered_at),
                           max(f.ordered_at), (array_agg(f.source ORDER BY f.ordered_at, f.order_id))[1],
                           (array_agg(coalesce(f.ordered_on, (f.ordered_at AT TIME ZONE 'UTC')::date)
                                      ORDER BY f.ordered_at, f.order_id))[1],
                           (array_agg(coalesce(f.ordered_on, (f.ordered_at AT TIME ZONE 'UTC')::date)
                                      ORDER BY f.ordered_at DESC NULLS LAST, f.order_id))[1]
                    FROM unnest(?::text[], ?::text[]) AS k (store, contact)
                    CROSS JOIN LATERAL (
                        SELECT k.contact AS id WHERE NOT EXISTS (
                            SELECT 1 FROM customer_merge m WHERE m.store = k.store AND m.absorbed = k.contact)
                        UNION ALL
                        SELECT m.absorbed FROM customer_merge m WHERE m.store = k.store AND m.kept = k.contact) AS buyer
                    JOIN order_figures f ON f.store = k.store AND f.contact = buyer.id AND f.counted
                    GROUP BY k.store, k.contact, f.currency""",
                    row -> {
                        parts.computeIfAbsent(
                                new RecordKey(row.getString(1), RecordKey.CUSTOMER, row.getString(2)),
                                key -> new ArrayList<>())
                                .add(new CustomerMetrics.Part(row.getString(3), row.getLong(4), row.getLong(5),
                                        row.getBigDecimal(6), instant(row, 7), instant(row, 8), row.getString(9),
                                        row.getObject(10, LocalDate.class), row.getObject(11, LocalDate.class)));
                    },
                    texts(list, RecordKey::store), texts(list, RecordKey::recordId));
        }
        return parts;
    }

    private static void add(Set<RecordKey> contacts, RecordKey order, OrderFigures figures) {
        buyer(order, figures).ifPresent(contacts::add);
    }

    /**
     * Whose purchase an order is; empty if it is nobody's, or none.
     *
     * @param figures null: the order was not known
     */
    private static Optional<RecordKey> buyer(RecordKey order, OrderFigures figures) {
        return figures == null || !figures.counted() || figures.contact() == null ? Optional.empty()
                : Optional.of(new RecordKey(order.store(), RecordKey.CUSTOMER, figures.contact()));
    }

    private Map<RecordKey, OrderFigures> lock(List<RecordKey> orders) {
        jdbc.update("""
                INSERT INTO order_figures (store, order_id) SELECT * FROM unnest(?::text[], ?::text[])
                ON CONFLICT DO NOTHING""", texts(orders, RecordKey::store), texts(orders, RecordKey::recordId));
        Map<RecordKey, OrderFigures> figures = new HashMap<>();
        jdbc.query("""
                SELECT f.* FROM unnest(?::text[], ?::text[]) AS k (store, order_id)
                JOIN order_figures f ON f.store = k.store AND f.order_id = k.order_id
                ORDER BY f.store, f.order_id FOR UPDATE OF f""", row -> {
            figures.put(key(row), row(row));
        }, texts(orders, RecordKey::store), texts(orders, RecordKey::recordId));
        return figures;
    }

    private void write(Map<RecordKey, OrderFigures> figures) {
        if (figures.isEmpty()) {
            return;
        }
        List<Map.Entry<RecordKey, OrderFigures>> rows = List.copyOf(figures.entrySet());
        jdbc.update("""
                UPDATE order_figures f SET contact = n.contact, counted = n.counted, net = n.net, currency = n.currency,
                    ordered_at = n.ordered_at, source = n.source, ordered_on = n.ordered_on
                FROM unnest(?::text[], ?::text[], ?::text[], ?::boolean[], ?::numeric[], ?::text[], ?::timestamptz[],
                            ?::text[], ?::date[])
                         AS n (store, order_id, contact, counted, net, currency, ordered_at, source, ordered_on)
                WHERE f.store = n.store AND f.order_id = n.order_id""",
                texts(rows, row -> row.getKey().store()), texts(rows, row -> row.getKey().recordId()),
                texts(rows, row -> row.getValue().contact()), booleans(rows, row -> row.getValue().counted()),
                decimals(rows, row -> row.getValue().net()), texts(rows, row -> row.getValue().currency()),
                times(rows, row -> row.getValue().orderedAt()), texts(rows, row -> row.getValue().source()),
                dates(rows, row -> row.getValue().orderedOn()));
    }

    private static OrderFigures row(ResultSet row) throws SQLException {
        BigDecimal net = row.getBigDecimal("net");
        Timestamp orderedAt = row.getTimestamp("ordered_at");
        return new OrderFigures(row.getString("contact"), row.getBoolean("counted"), net, row.getString("currency"),
                orderedAt == null ? null : orderedAt.toInstant(), row.getObject("ordered_on", LocalDate.class),
                row.getString("source"));
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }
}
