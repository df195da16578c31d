package io.shopbridge.reconcile;

import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.shopbridge.map.Values;
import io.shopbridge.reconcile.Duplicates.Group;
import io.shopbridge.reconcile.Duplicates.Past;
import io.shopbridge.reconcile.Duplicates.Shared;
import io.shopbridge.store.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The tables of the CRM's own duplicates. They never have an e-mail or phone, only hashes that nobody can compute without
 * the key of the run, which is deleted with them when the run ends.
 */
@Component
public class DuplicatesTable {

    private static final TypeReference<List<Group>> GROUPS = new TypeReference<>() {
    };
    /** Groups of a kind. */
    private static final int MOST_EXAMPLES = 20;
    /** Contacts of a group. */
    private static final int MOST_TOLD = 10;
    private static final int MOST_PAST = 14;
    private static final int HASH_BYTES = 16;

    private final JdbcTemplate jdbc;

    DuplicatesTable(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A value that a contact has.
     *
     * @param kind  email or phone
     * @param scope within which no two contacts should have it: all contacts, or those of a store
     * @param name  of the contact, as names are compared; empty: it has none
     */
    record Value(String crmId, String kind, String scope, String value, String name) {
    }

    /** Contacts that share a value. */
    record Members(String kind, long groups, long groupsOfOneName, long contacts, long largest, long size,
            boolean sameName, List<String> ids) {
    }

    /**
     * Adds contacts, within the caller's transaction. One that is there already, because a change has moved it to a later
     * page, has only these values.
     */
    void add(Reconciliation run, Collection<String> crmIds, Collection<Value> values) {
        jdbc.update("DELETE FROM reconciliation_contact WHERE reconciliation = ? AND crm_id = ANY (?)", run.id(),
                texts(crmIds));
        byte[] key = jdbc.queryForObject("SELECT hash_key FROM reconciliation WHERE id = ?", byte[].class, run.id());
        HmacUtils hmac = new HmacUtils(HmacAlgorithms.HMAC_SHA_256, key);
        jdbc.update("""
                INSERT INTO reconciliation_contact (reconciliation, crm_id, kind, hash, name)
                SELECT ?, n.crm_id, n.kind, decode(n.hash, 'hex'), decode(n.name, 'hex')
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS n (crm_id, kind, hash, name)
                ON CONFLICT DO NOTHING""",
                run.id(), texts(values, Value::crmId), texts(values, Value::kind),
                texts(values, value -> hash(hmac, value.scope() + "\n" + value.value())),
                texts(values, value -> value.name().isEmpty() ? null : hash(hmac, "name\n" + value.name())));
        jdbc.update("UPDATE reconciliation SET listed = listed + ? WHERE id = ?", crmIds.size(), run.id());
    }

    private static String hash(HmacUtils hmac, String text) {
        return HexFormat.of().formatHex(hmac.hmac(text), 0, HASH_BYTES);
    }

    /** The groups that are told of each kind, with the figures of all: those with one name and the smallest first. */
    List<Members> members(Reconciliation run) {
        return jdbc.query("""
                WITH shared AS MATERIALIZED (
                    SELECT DISTINCT kind, members, same_name FROM (
                        SELECT kind, array_agg(crm_id ORDER BY crm_id) AS members,
                            count(name) > count(DISTINCT name) AS same_name FROM reconciliation_contact
                        WHERE reconciliation = ? GROUP BY kind, hash HAVING count(*) > 1) g),
                figures AS (
                    SELECT kind, count(*) AS groups, count(*) FILTER (WHERE same_name) AS groups_of_one_name,
                        max(cardinality(members)) AS largest FROM shared GROUP BY kind),
                persons AS (
                    SELECT kind, count(DISTINCT crm_id) AS contacts FROM shared, unnest(members) AS crm_id GROUP BY kind),
                ranked AS (
                    SELECT kind, members, same_name, row_number() OVER (PARTITION BY kind
                        ORDER BY NOT same_name, cardinality(members), members) AS place FROM shared)
                SELECT kind, groups, groups_of_one_name, contacts, largest, same_name, cardinality(members) AS size,
                    members[1:?] AS told
                FROM ranked JOIN figures USING (kind) JOIN persons USING (kind)
                WHERE place <= ? ORDER BY kind, place""",
                (row, n) -> new Members(row.getString("kind"), row.getLong("groups"), row.getLong("groups_of_one_name"),
                        row.getLong("contacts"), row.getLong("largest"), row.getLong("size"), row.getBoolean("same_name"),
                        Columns.texts(row, "told")),
                run.id(), MOST_TOLD, MOST_EXAMPLES);
    }

    /** Stores what was found, within the caller's transaction. */
    void save(Reconciliation run, Shared shared) {
        jdbc.update("INSERT INTO reconciliation_duplicates (reconciliation, kind, groups, same_name, contacts, largest,"
                        + " examples) VALUES (?, ?, ?, ?, ?, ?, ?)", run.id(), shared.kind(), shared.groups(),
                shared.sameName(), shared.contacts(), shared.largest(), json(shared.examples()));
    }

    /** Stores why they are not looked for, within the caller's transaction. */
    void notLookedFor(Reconciliation run, String because) {
        jdbc.update("UPDATE reconciliation SET not_listed = ? WHERE id = ?", because, run.id());
    }

    /** Deletes the hashes of a run that has ended. */
    void forget(long id) {
        jdbc.update("DELETE FROM reconciliation_contact WHERE reconciliation = ?", id);
    }

    /** What was found so far. */
    Duplicates of(Reconciliation run) {
        List<Past> before = before(run);
        Map<String, Long> last = before.isEmpty() ? Map.of() : before.get(0).groups();
        List<Shared> shared = jdbc.query("SELECT * FROM reconciliation_duplicates WHERE reconciliation = ? ORDER BY kind",
                (row, n) -> shared(row, last), run.id());
        return new Duplicates(shared.isEmpty() ? because(run) : null, run.listed(), shared, before);
    }

    private String because(Reconciliation run) {
        String because = jdbc.queryForObject("SELECT not_listed FROM reconciliation WHERE id = ?", String.class, run.id());
        return because != null ? because : run.endedAt() == null ? "The contacts of the CRM are looked at last"
                : "It ended before it came to the contacts of the CRM";
    }

    private static Shared shared(ResultSet row, Map<String, Long> last) throws SQLException {
        Long before = last.get(row.getString("kind"));
        long groups = row.getLong("groups");
        return new Shared(row.getString("kind"), groups, row.getLong("same_name"), row.getLong("contacts"),
                row.getLong("largest"), before == null ? null : Long.valueOf(groups - before),
                groups(row.getString("examples")));
    }

    private List<Past> before(Reconciliation run) {
        Map<Long, Past> past = new LinkedHashMap<>();
        jdbc.query("""
                SELECT r.id, r.asked_at, r.listed, d.kind, d.groups FROM (
                    SELECT * FROM reconciliation WHERE crm = ? AND id < ?
                    AND id IN (SELECT reconciliation FROM reconciliation_duplicates) ORDER BY id DESC LIMIT ?) r
                JOIN reconciliation_duplicates d ON d.reconciliation = r.id ORDER BY r.id DESC, d.kind""",
                row -> {
                    Past one = new Past(row.getLong("id"), Columns.instant(row, "asked_at"), row.getLong("listed"),
                            new TreeMap<>());
                    past.putIfAbsent(one.id(), one);
                    past.get(one.id()).groups().put(row.getString("kind"), row.getLong("groups"));
                }, run.crm(), run.id(), MOST_PAST);
        return List.copyOf(past.values());
    }

    /** Of each CRM, how many groups the newest run found that looked for them, by kind. */
    Map<String, Map<String, Long>> last() {
        Map<String, Map<String, Long>> last = new HashMap<>();
        jdbc.query("""
                SELECT r.crm, d.kind, d.groups FROM (
                    SELECT crm, max(id) AS id FROM reconciliation
                    WHERE id IN (SELECT reconciliation FROM reconciliation_duplicates) GROUP BY crm) r
                JOIN reconciliation_duplicates d ON d.reconciliation = r.id""",
                row -> {
                    last.computeIfAbsent(row.getString("crm"), crm -> new HashMap<>())
                            .put(row.getString("kind"), row.getLong("groups"));
                });
        return last;
    }

    private static List<Group> groups(String json) {
        try {
            return Values.JSON.readValue(json, GROUPS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The examples of duplicates are not JSON", e);
        }
    }

    private static String json(List<Group> groups) {
        try {
            return Values.JSON.writeValueAsString(groups);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A list of records is always JSON", e);
        }
    }
}
