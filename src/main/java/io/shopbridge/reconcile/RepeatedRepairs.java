package io.shopbridge.reconcile;

import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.deliver.Compared;
import io.shopbridge.deliver.Compared.State;
import io.shopbridge.deliver.Difference;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.identify.Link;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Repairs that the CRM undoes: a workflow, a rule of the field or a person puts another value there each time, or deletes
 * the record again, and repairs would go on every night for ever. After some in a row a person decides.
 */
@Component
public class RepeatedRepairs {

    /** So often the same is done; the first time may have been somebody's edit, the second one is a proof. */
    static final int MOST = 2;
    /** So often a value is written where the CRM has another one each time: people may have edited it now and then. */
    static final int MOST_OF_A_FIELD = 5;

    private final JdbcTemplate jdbc;

    RepeatedRepairs(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What a difference is counted by.
     *
     * @param hash of where it is, and perhaps of what both sides have: never a value itself
     * @param most so often it is repaired
     */
    private record Repeat(String hash, int most) {
    }

    /**
     * What repairs have done in vain is {@link Kind#REWRITTEN}. What is no longer so is forgotten: the CRM has kept it, or
     * either side has another value.
     */
    List<Compared> judge(String crm, List<Compared> records) {
        Map<RecordKey, Map<String, Integer>> known = known(crm, records.stream().map(Compared::key).toList());
        if (known.isEmpty()) {
            return records;
        }
        return records.stream().map(record -> known.containsKey(record.key()) && record.state() != State.IN_FLIGHT
                ? judge(crm, record, known.get(record.key())) : record).toList();
    }

    private Compared judge(String crm, Compared record, Map<String, Integer> known) {
        Set<String> over = new HashSet<>(known.keySet());
        List<Difference> judged = record.differences().stream().map(difference -> {
            List<Repeat> repeats = repeats(difference);
            repeats.forEach(repeat -> over.remove(repeat.hash()));
            return isEnough(repeats, known) ? difference.rewritten() : difference;
        }).toList();
        if (!over.isEmpty()) {
            jdbc.update("DELETE FROM reconciliation_repeat WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?"
                    + " AND difference = ANY (?)", crm, record.key().store(), record.key().entity(),
                    record.key().recordId(), texts(over));
        }
        return new Compared(record.key(), record.state(), record.fields(), judged);
    }

    private static boolean isEnough(List<Repeat> repeats, Map<String, Integer> known) {
        return repeats.stream().anyMatch(repeat -> known.getOrDefault(repeat.hash(), 0) >= repeat.most());
    }

    /**
     * Whether repairs leave a value alone, because what they wrote did not last.
     *
     * @param whole the record that it is of; of a line item's its order
     * @param link  the record's or the line item's
     * @param there what the CRM has; JSON null: nothing
     */
    public boolean isLeft(String crm, RecordKey whole, Link link, String field, JsonNode there) {
        return isEnough(ofValue(link, field, there), known(crm, List.of(whole)).getOrDefault(whole, Map.of()));
    }

    /** The same of a record, or a line item, that the CRM does not have any more. */
    public boolean isLeft(String crm, RecordKey whole, Link link) {
        return isEnough(List.of(ofRecord(whole.equals(link.key()) ? Kind.MISSING : Kind.MISSING_LINE, link)),
                known(crm, List.of(whole)).getOrDefault(whole, Map.of()));
    }

    private Map<RecordKey, Map<String, Integer>> known(String crm, List<RecordKey> keys) {
        Map<RecordKey, Map<String, Integer>> known = new HashMap<>();
        jdbc.query("""
                SELECT r.* FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN reconciliation_repeat r ON r.crm = ? AND r.store = k.store AND r.entity = k.entity
                    AND r.record_id = k.record_id""",
                row -> {
                    known.computeIfAbsent(new RecordKey(row.getString("store"), row.getString("entity"),
                            row.getString("record_id")), key -> new HashMap<>())
                            .put(row.getString("difference"), row.getInt("times"));
                },
                texts(keys, RecordKey::store), texts(keys, RecordKey::entity), texts(keys, RecordKey::recordId), crm);
        return known;
    }

    private record Counted(RecordKey record, String hash) {
    }

    /** These are being repaired; within the caller's transaction. */
    void count(String crm, Collection<Difference> differences) {
        List<Counted> counted = differences.stream().flatMap(difference -> repeats(difference).stream()
                .map(repeat -> new Counted(difference.record(), repeat.hash()))).distinct().toList();
        if (!counted.isEmpty()) {
            jdbc.update("""
                    INSERT INTO reconciliation_repeat AS r (crm, store, entity, record_id, difference, times)
                    SELECT ?, n.*, 1 FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])
                        AS n (store, entity, record_id, difference)
                    ON CONFLICT (crm, store, entity, record_id, difference) DO UPDATE SET times = r.times + 1, at = now()""",
                    crm, texts(counted, one -> one.record().store()), texts(counted, one -> one.record().entity()),
                    texts(counted, one -> one.record().recordId()), texts(counted, Counted::hash));
        }
    }

    /** Empty: of this difference repairs are not counted. */
    private static List<Repeat> repeats(Difference difference) {
        Link link = difference.link();
        if (link == null) {
            return List.of();
        }
        return switch (difference.repair()) {
            case MISSING, MISSING_LINE, SURPLUS_LINE -> List.of(ofRecord(difference.repair(), link));
            case STALE, EDITED, WRONG_PARENT -> difference.entry() == null ? List.of()
                    : ofValue(link, difference.entry(), difference.there());
            default -> List.of();
        };
    }

    /** Whatever its id in the CRM is, which is another one each time. */
    private static Repeat ofRecord(Kind kind, Link link) {
        return new Repeat(hash(kind.word(), link.key().toString()), MOST);
    }

    /** Only where a value was written before, and the CRM has another one. */
    private static List<Repeat> ofValue(Link link, String entry, JsonNode there) {
        List<Repeat> repeats = new ArrayList<>();
        JsonNode written = link.base().get(entry);
        if (written != null && !written.equals(there)) {
            repeats.add(new Repeat(hash(link.key().toString(), link.crmId(), entry, written.toString(),
                    String.valueOf(there)), MOST));
            repeats.add(new Repeat(hash(link.key().toString(), link.crmId(), entry), MOST_OF_A_FIELD));
        }
        return repeats;
    }

    private static String hash(String... parts) {
        return DigestUtils.sha256Hex(String.join("\n", parts));
    }
}
