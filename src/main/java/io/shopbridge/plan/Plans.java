package io.shopbridge.plan;

import io.shopbridge.audit.Audit;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.lint.Lint;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.Values;
import io.shopbridge.plan.Plan.Position;
import io.shopbridge.plan.Plan.State;
import io.shopbridge.store.Columns;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.yaml.InvalidMappings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The tables of plans, and what operators ask of them. Each step is committed before the next begins. */
@Component
public class Plans {

    private static final String OPEN = "ended_at IS NULL";
    private static final int LISTED = 200;
    /** Where no other process has gone on meanwhile, and no person has paused or ended it. */
    private static final String UNMOVED = " WHERE id = ? AND state = 'planning' AND NOT paused AND at_crm = ?"
            + " AND at_entity = ? AND at_store = ? AND at_record = ?";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final ShopbridgeSettings settings;
    private final Crms crms;
    private final Audit audit;

    Plans(JdbcTemplate jdbc, TransactionTemplate transaction, ShopbridgeSettings settings, Crms crms, Audit audit) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.settings = settings;
        this.crms = crms;
        this.audit = audit;
    }

    /** A record that apply marks. */
    record Marked(String crm, RecordKey key) {
    }

    /**
     * Begins a plan.
     *
     * @param folder the changed mappings folder, zipped
     * @param names  of the CRMs that it is about; empty: all that are configured
     * @param sample about how many records of each kind and store are looked at; null: all
     * @throws IllegalArgumentException where it is no such zip file, or a CRM is not configured
     * @throws InvalidMappings          with everything that is wrong in the folder
     * @throws io.shopbridge.start.StartRefused where no instance could start with it
     */
    public Plan begin(byte[] folder, Collection<String> names, Integer sample) {
        List<String> about = names.isEmpty() ? crms.all().stream().map(Crm::name).sorted().toList()
                : names.stream().distinct().sorted().toList();
        String unknown = about.stream().filter(name -> !settings.crms().containsKey(name)).findFirst().orElse(null);
        if (unknown != null) {
            throw new IllegalArgumentException("crm: \"" + unknown + "\" is not configured; configured: "
                    + settings.crms().keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        String digest = read(folder, changed -> digest(changed, about));
        return transaction.execute(status -> {
            Long id = jdbc.queryForObject("INSERT INTO plan (crms, sample, digest, folder) VALUES (?, ?, ?, ?) RETURNING id",
                    Long.class, Columns.texts(about), sample, digest, folder);
            audit.did("planned", "plan " + id, Values.JSON.createObjectNode().put("digest", digest)
                    .put("crms", String.join(", ", about)).put("sample", sample));
            return find(id == null ? 0 : id).orElseThrow();
        });
    }

    /** What is made of the CRMs as the changed folder has them, checked as at a start. */
    interface Reading<T> {
        T read(Crms changed);
    }

    private <T> T read(byte[] folder, Reading<T> reading) {
        try {
            return MappingsZip.read(folder, path -> {
                ShopbridgeSettings changed = settings.ofMappings(path);
                InvalidMappings.refuse(Lint.mappings(path, Crms.folders(changed)::contains));
                return reading.read(new Crms(changed));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The CRMs as the plan's folder has them. It was checked when the plan began. */
    Crms changed(Plan plan) throws IOException {
        byte[] folder = jdbc.queryForObject("SELECT folder FROM plan WHERE id = ?", byte[].class, plan.id());
        return MappingsZip.read(folder == null ? new byte[0] : folder, path -> new Crms(settings.ofMappings(path)));
    }

    /** Another one where anything that a mapping of these CRMs says is another. */
    static String digest(Crms of, List<String> about) {
        return DigestUtils.sha256Hex(about.stream().map(name -> of.all().stream().filter(crm -> crm.name().equals(name))
                .flatMap(crm -> crm.mappings().stream()).sorted(Comparator.comparing(Mapping::entity))
                .map(mapping -> mapping.entity() + " " + mapping.fingerprint()).collect(Collectors.joining("\n", name + "\n", "")))
                .collect(Collectors.joining("\n")));
    }

    /** The newest, newest first. */
    public List<Plan> all() {
        return jdbc.query("SELECT * FROM plan ORDER BY id DESC LIMIT " + LISTED, Plans::row);
    }

    public Optional<Plan> find(long id) {
        return jdbc.query("SELECT * FROM plan WHERE id = ?", Plans::row, id).stream().findFirst();
    }

    /** Begins to mark the records; false: it is not a plan that is ready. */
    public boolean apply(long id) {
        return did(id, "applied", jdbc -> jdbc.update("UPDATE plan SET state = 'applying', paused = false, because = NULL"
                + " WHERE id = ? AND state = 'planned' AND sample IS NULL", id) > 0);
    }

    /** Stops it for now, or lets it go on; false: it has ended, or there is none. */
    public boolean pause(long id, boolean paused) {
        return did(id, paused ? "paused" : "resumed", jdbc -> jdbc.update("UPDATE plan SET paused = ? WHERE id = ? AND "
                + OPEN, paused, id) > 0);
    }

    /** Ends it; what it marked stays. False: it has ended, or there is none. */
    public boolean cancel(long id) {
        return did(id, "cancelled", jdbc -> end(id, State.CANCELLED, null));
    }

    private boolean did(long id, String what, Predicate<JdbcTemplate> change) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            boolean changed = change.test(jdbc);
            if (changed) {
                audit.did(what, "plan " + id);
            }
            return changed;
        }));
    }

    /** Those that can go on, oldest first. */
    List<Plan> underWay() {
        return jdbc.query("SELECT * FROM plan WHERE state IN ('planning', 'applying') AND NOT paused ORDER BY id",
                Plans::row);
    }

    /** Begins with a kind of record of one store, of which this share is looked at. */
    void enter(Plan plan, Position kind, double share) {
        Position at = plan.at();
        jdbc.update("UPDATE plan SET at_crm = ?, at_entity = ?, at_store = ?, at_record = '', share = ?" + UNMOVED, kind.crm(),
                kind.entity(), kind.store(), share, plan.id(), at.crm(), at.entity(), at.store(), at.record());
    }

    /** What was found of some records; not where another process was faster, or a person has paused or ended the plan. */
    void found(Plan plan, Position last, int lookedAt, List<Marked> changes, String result) {
        transaction.executeWithoutResult(status -> {
            Position at = plan.at();
            int mine = jdbc.update("UPDATE plan SET at_record = ?, looked_at = looked_at + ?, changes = changes + ?,"
                    + " result = ?" + UNMOVED, last.record(), lookedAt, changes.size(), result, plan.id(), at.crm(),
                    at.entity(), at.store(), at.record());
            if (mine > 0 && plan.sample() == null) {
                jdbc.update("INSERT INTO plan_record (plan, crm, store, entity, record_id) SELECT ?, r.* FROM"
                        + " unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS r (crm, store, entity, record_id)"
                        + " ON CONFLICT DO NOTHING", plan.id(), Columns.texts(changes, Marked::crm),
                        Columns.texts(changes, one -> one.key().store()), Columns.texts(changes, one -> one.key().entity()),
                        Columns.texts(changes, one -> one.key().recordId()));
            }
        });
    }

    /** All records were looked at. */
    void planned(Plan plan, String result) {
        jdbc.update("UPDATE plan SET state = 'planned', planned_at = now(), folder = NULL, result = ? WHERE id = ?"
                + " AND state = 'planning'", result, plan.id());
    }

    /**
     * Takes the next records of a plan that is being applied, for the caller's transaction, which marks them.
     *
     * @return none where there are no more, or a person has paused or ended the plan
     */
    List<Marked> take(Plan plan, int most) {
        if (jdbc.queryForList("SELECT id FROM plan WHERE id = ? AND state = 'applying' AND NOT paused FOR UPDATE", Long.class,
                plan.id()).isEmpty()) {
            return List.of();
        }
        List<Marked> taken = new ArrayList<>(jdbc.query("""
                DELETE FROM plan_record WHERE ctid = ANY (ARRAY(SELECT ctid FROM plan_record WHERE plan = ?
                    ORDER BY crm, store, entity, record_id LIMIT ?)) RETURNING crm, store, entity, record_id""",
                (row, n) -> new Marked(row.getString(1),
                        new RecordKey(row.getString(2), row.getString(3), row.getString(4))), plan.id(), most));
        if (taken.isEmpty()) {
            end(plan.id(), State.APPLIED, null);
        }
        return taken;
    }

    void marked(Plan plan, int records) {
        jdbc.update("UPDATE plan SET marked = marked + ?, because = NULL WHERE id = ?", records, plan.id());
    }

    /** It can't go on now. */
    void waits(Plan plan, String because) {
        if (!because.equals(plan.because())) {
            jdbc.update("UPDATE plan SET because = ? WHERE id = ? AND " + OPEN, because, plan.id());
        }
    }

    void fail(Plan plan, String because) {
        transaction.executeWithoutResult(status -> end(plan.id(), State.FAILED, because));
    }

    private boolean end(long id, State state, String because) {
        boolean ended = jdbc.update("UPDATE plan SET state = ?, because = ?, folder = NULL, ended_at = now() WHERE id = ? AND "
                + OPEN, state.word(), because, id) > 0;
        if (ended) {
            jdbc.update("DELETE FROM plan_record WHERE plan = ?", id);
            jdbc.update("DELETE FROM plan_process WHERE plan = ?", id);
        }
        return ended;
    }

    private static Plan row(ResultSet row, int n) throws SQLException {
        return new Plan(row.getLong("id"), List.of((String[]) row.getArray("crms").getArray()),
                row.getObject("sample", Integer.class), row.getString("digest"), State.of(row.getString("state")),
                row.getBoolean("paused"), row.getString("because"), new Position(row.getString("at_crm"),
                row.getString("at_entity"), row.getString("at_store"), row.getString("at_record")),
                row.getDouble("share"), row.getString("result"), row.getLong("looked_at"), row.getLong("changes"),
                row.getLong("marked"), Columns.instant(row, "asked_at"), Columns.instant(row, "planned_at"), Columns.instant(row, "ended_at"));
    }
}
