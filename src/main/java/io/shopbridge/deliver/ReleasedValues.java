package io.shopbridge.deliver;

import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Values that clashed, and that their holder has let go of since: the records that were delivered without them are put
 * into the backlog again, and what was remembered of the clash is forgotten.
 */
@Component
class ReleasedValues {

    private record Waiting(RecordKey key, String field, Clashes.Clash clash) {
    }

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final Work work;

    ReleasedValues(JdbcTemplate jdbc, TransactionTemplate transaction, Work work) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.work = work;
    }

    /** These records were written, and have other values now. */
    void by(Crm crm, Collection<DeliveryRecord> written) {
        Map<String, DeliveryRecord> byId = written.stream().filter(record -> record.link() != null)
                .collect(Collectors.toMap(record -> record.link().crmId(), Function.identity(), (one, other) -> other));
        again(crm, waitingFor(crm, byId.keySet()).stream().filter(waiting -> {
            DeliveryRecord holder = byId.get(waiting.clash().holder());
            JsonNode now = holder.link().base().get(waiting.field());
            return holder.key().entity().equals(waiting.key().entity()) && holder.hasWritten(waiting.field())
                    && !waiting.clash().is(now);
        }).toList());
    }

    /** The CRM no longer has this record of the entity. */
    void byGone(Crm crm, String entity, String crmId) {
        again(crm, waitingFor(crm, List.of(crmId)).stream()
                .filter(waiting -> waiting.key().entity().equals(entity)).toList());
    }

    /**
     * The clash was found by a call that perhaps came before the holder's own, which has ended since: then the record is
     * tried again.
     */
    void meanwhile(Crm crm, String object, RecordKey key, String field, Clashes.Clash clash) {
        List<String> bases = jdbc.queryForList("""
                SELECT l.base::jsonb -> ? FROM link l
                JOIN work w ON w.crm = l.crm AND w.store = ? AND w.entity = ? AND w.record_id = ?
                WHERE l.crm = ? AND l.object = ? AND l.crm_id = ? AND l.synced_at >= w.claimed_at""", String.class,
                field, key.store(), key.entity(), key.recordId(), crm.name(), object, clash.holder());
        if (!bases.isEmpty() && bases.stream().noneMatch(base -> base != null
                && clash.is(Values.parse(base)))) {
            again(crm, List.of(new Waiting(key, field, clash)));
        }
    }

    /** The record is tried again, with what is known of its clashes. */
    void tryAgain(Crm crm, RecordKey key) {
        transaction.executeWithoutResult(status -> work.mark(crm.name(), List.of(key)));
    }

    private List<Waiting> waitingFor(Crm crm, Collection<String> holders) {
        return holders.isEmpty() ? List.of() : jdbc.query("SELECT store, entity, record_id, field, holder, value_hash"
                + " FROM clashing_value WHERE crm = ? AND holder = ANY (?)", (row, n) -> new Waiting(
                new RecordKey(row.getString(1), row.getString(2), row.getString(3)), row.getString(4),
                new Clashes.Clash(row.getString(5), row.getString(6))), crm.name(), texts(holders));
    }

    private void again(Crm crm, List<Waiting> some) {
        if (!some.isEmpty()) {
            transaction.executeWithoutResult(status -> {
                some.forEach(waiting -> jdbc.update("DELETE FROM clashing_value WHERE crm = ? AND store = ?"
                        + " AND entity = ? AND record_id = ? AND field = ? AND value_hash = ?", crm.name(),
                        waiting.key().store(), waiting.key().entity(), waiting.key().recordId(), waiting.field(),
                        waiting.clash().hash()));
                work.mark(crm.name(), some.stream().map(Waiting::key).toList());
            });
        }
    }
}
