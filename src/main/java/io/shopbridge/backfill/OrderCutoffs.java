package io.shopbridge.backfill;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.crm.Crms;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The day of each store before which orders are history: they count in their buyers' figures, and a CRM that does not have
 * such an order does not get it, also if it changes later. A CRM that has it, as Shopbridge knows by its link, is kept up to
 * date. The day stays until another is given, or an operator removes it.
 */
@Component
public class OrderCutoffs {

    private static final int PAGE = 1_000;
    /** No order is older. */
    private static final LocalDate NONE = LocalDate.EPOCH;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final Work work;
    private final Stores stores;
    private final Crms crms;

    OrderCutoffs(JdbcTemplate jdbc, TransactionTemplate transaction, Work work, Stores stores, Crms crms) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.work = work;
        this.stores = stores;
        this.crms = crms;
    }

    /** From now on; within the caller's transaction. */
    void set(String store, LocalDate before) {
        jdbc.update("""
                INSERT INTO order_cutoff AS c (store, before) VALUES (?, ?) ON CONFLICT (store) DO UPDATE
                SET lowered_from = CASE WHEN EXCLUDED.before < c.before THEN greatest(c.before, c.lowered_from)
                                   ELSE c.lowered_from END, before = EXCLUDED.before""", store, Date.valueOf(before));
    }

    public Optional<LocalDate> of(String store) {
        return jdbc.queryForList("SELECT before FROM order_cutoff WHERE store = ?", LocalDate.class, store).stream()
                .findFirst();
    }

    /** Those of these orders that are history, with the day before which they were made. */
    public Map<RecordKey, LocalDate> history(Collection<RecordKey> orders) {
        Map<RecordKey, LocalDate> history = new HashMap<>();
        if (!orders.isEmpty()) {
            List<RecordKey> list = List.copyOf(orders);
            jdbc.query("""
                    SELECT f.store, f.order_id, c.before FROM unnest(?::text[], ?::text[]) AS k (store, order_id)
                    JOIN order_cutoff c USING (store) JOIN order_figures f USING (store, order_id)
                    WHERE coalesce(f.ordered_on, (f.ordered_at AT TIME ZONE 'UTC')::date) < c.before""", row -> {
                        history.put(new RecordKey(row.getString(1), RecordKey.ORDER, row.getString(2)),
                                row.getObject(3, LocalDate.class));
                    }, texts(list, RecordKey::store), texts(list, RecordKey::recordId));
        }
        return history;
    }

    /**
     * From now on all orders of the store are delivered. Those that were not become work before this returns; where it is
     * cut off, it is to be called again.
     *
     * @return the day that was in force; empty: none was
     */
    public Optional<LocalDate> remove(String store) {
        Optional<LocalDate> before = of(store);
        jdbc.update("UPDATE order_cutoff SET lowered_from = greatest(before, lowered_from), before = ? WHERE store = ?",
                Date.valueOf(NONE), store);
        bringBack(store);
        // Not one that a backfill has set meanwhile.
        jdbc.update("DELETE FROM order_cutoff WHERE store = ? AND before = ? AND lowered_from IS NULL", store,
                Date.valueOf(NONE));
        return before;
    }

    /** The same as {@link #bringBack} for stores whose backfill brought an earlier day, and failed or was cancelled then. */
    void bringBackLeft() {
        jdbc.queryForList("""
                SELECT c.store FROM order_cutoff c WHERE c.lowered_from IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM backfill b WHERE b.store = c.store AND b.entity = ? AND NOT b.dry_run
                        AND b.began_at IS NOT NULL AND b.ended_at IS NULL)""", String.class, RecordKey.ORDER).stream()
                .filter(store -> stores.find(store).isPresent()).forEach(this::bringBack);
    }

    /** Makes work of the orders that are no longer history, since an earlier day came. */
    void bringBack(String store) {
        LocalDate until = jdbc.queryForList("SELECT lowered_from FROM order_cutoff WHERE store = ? AND lowered_from IS NOT"
                + " NULL", LocalDate.class, store).stream().findFirst().orElse(null);
        if (until == null) {
            return;
        }
        List<String> names = stores.find(store).map(one -> one.crms().stream()
                .filter(crm -> crms.get(crm).mapping(RecordKey.ORDER).isPresent()).toList()).orElse(List.of());
        String after = "";
        List<String> page;
        do {
            page = jdbc.queryForList("""
                    SELECT f.order_id FROM order_figures f JOIN order_cutoff c USING (store) WHERE f.store = ?
                        AND coalesce(f.ordered_on, (f.ordered_at AT TIME ZONE 'UTC')::date) >= c.before
                        AND coalesce(f.ordered_on, (f.ordered_at AT TIME ZONE 'UTC')::date) < ? AND f.order_id > ?
                    ORDER BY f.order_id LIMIT ?""", String.class, store, Date.valueOf(until), after, PAGE);
            List<Mark> marks = new ArrayList<>();
            page.forEach(id -> marks.add(new Mark(new RecordKey(store, RecordKey.ORDER, id), null, null, true)));
            transaction.executeWithoutResult(status -> work.mark(marks, names));
            after = page.isEmpty() ? after : page.get(page.size() - 1);
        } while (page.size() == PAGE);
        jdbc.update("UPDATE order_cutoff SET lowered_from = NULL WHERE store = ? AND lowered_from = ?", store,
                Date.valueOf(until));
    }
}
