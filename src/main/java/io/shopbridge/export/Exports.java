package io.shopbridge.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Values;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Writes exports, a page of rows at a time: what is in memory does not grow with the database, and no transaction is
 * held open, unless the caller has one: {@link SnapshotExports} and {@link ScheduledExports} have. Without it, an export of
 * a database that goes on changing is not of one moment: each record is as it was when its page was read.
 */
@Component
public class Exports {

    private static final Logger LOG = LoggerFactory.getLogger(Exports.class);
    private static final int PAGE = 500;

    private final JdbcTemplate jdbc;
    private final CanonicalRecords records;
    private final Stores stores;
    private final Path mappings;
    private final Set<String> crms;

    Exports(JdbcTemplate jdbc, CanonicalRecords records, Stores stores, ShopbridgeSettings settings) {
        this.jdbc = jdbc;
        this.records = records;
        this.stores = stores;
        this.mappings = settings.mappingsDir();
        this.crms = settings.crms().keySet();
    }

    /** The columns of each export, by its name. They are read each time: a person who edits them looks at the result. */
    public Map<String, List<String>> all() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        ExportFiles.load(mappings).forEach(export -> all.put(export.name(), export.columnNames()));
        TableExport.ALL.forEach(table -> all.put(table.name(), table.columns()));
        return all;
    }

    /**
     * Refuses a choice that the rows do not have, and names that are misspelled: nothing is known of such a store, and a
     * file without rows looks as if that were right. What is configured no more but has rows is exported.
     *
     * @throws IllegalArgumentException with a sentence
     */
    public void check(ExportRequest request) {
        TableExport table = table(request).orElse(null);
        refuse("store", request.store(), table == null || table.hasStore(), request.what());
        refuse("crm", request.crm(), table != null && table.hasCrm(), request.what());
        check("store", "store", request.store(), new TreeSet<>(stores.all().stream().map(Store::name).toList()),
                table == null ? "mirror_facet" : table.table());
        check("CRM", "crm", request.crm(), new TreeSet<>(crms), table == null ? "link" : table.table());
    }

    /** Otherwise whoever asks for the rows of one would get those of all. */
    private static void refuse(String choice, String given, boolean isChoice, String what) {
        if (given != null && !isChoice) {
            throw new IllegalArgumentException("The rows of " + what + " are of no " + choice + " in particular. Leave "
                    + choice + " out.");
        }
    }

    private void check(String kind, String column, String name, Set<String> configured, String table) {
        if (name != null && !configured.contains(name) && !Boolean.TRUE.equals(jdbc.queryForObject(
                "SELECT EXISTS (SELECT FROM " + table + " WHERE " + column + " = ?)", Boolean.class, name))) {
            throw new IllegalArgumentException("There is no " + kind + " \"" + name + "\", and no row of one."
                    + " Configured: " + String.join(", ", configured) + ".");
        }
    }

    private static Optional<TableExport> table(ExportRequest request) {
        return TableExport.ALL.stream().filter(one -> one.name().equals(request.what())).findFirst();
    }

    /**
     * Writes all rows. The stream is flushed before the first and after each page: whoever waits sees that they come.
     *
     * @return how many
     * @throws IllegalArgumentException where there is no export of this name
     * @throws IOException              where the stream takes no more; what was written is not whole
     */
    public long write(ExportRequest request, OutputStream out) throws IOException {
        Optional<TableExport> table = table(request);
        if (table.isPresent()) {
            return write(table.get(), request, out);
        }
        Export export = ExportFiles.load(mappings).stream().filter(one -> one.name().equals(request.what())).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no export " + request.what()));
        return write(export, request, out);
    }

    private long write(Export export, ExportRequest request, OutputStream out) throws IOException {
        long rows = 0;
        Failures failures = new Failures(export);
        try (RowWriter writer = RowWriter.of(request.format(), export.columnNames(), out)) {
            writer.flush();
            String store = request.store() == null ? next("") : request.store();
            while (store != null) {
                rows += write(export, request, store, writer, failures);
                store = request.store() == null ? next(store) : null;
            }
        } finally {
            failures.log();
        }
        return rows;
    }

    /** The next store that the mirror has records of, whether it is configured or not; null: there is none after. */
    private String next(String store) {
        return jdbc.queryForObject("SELECT min(store) FROM mirror_facet WHERE store > ?", String.class, store);
    }

    private long write(Export export, ExportRequest request, String store, RowWriter writer, Failures failures)
            throws IOException {
        long rows = 0;
        List<RecordKey> page;
        String last = "";
        do {
            page = page(export, request, store, last);
            for (List<RecordKey> together : records.groups(page)) {
                Map<RecordKey, CanonicalRecord> found = records.load(together);
                for (RecordKey key : together) {
                    CanonicalRecord record = found.get(key);
                    // One of which only parts are known is none yet.
                    for (Export.Row row : record.complete() ? rows(export, record, failures) : List.<Export.Row>of()) {
                        writer.write(row.values(), row.whole());
                        rows++;
                    }
                }
            }
            writer.flush();
            last = page.isEmpty() ? last : page.get(page.size() - 1).recordId();
        } while (page.size() == PAGE);
        return rows;
    }

    /** The database chooses by time, by the newest of a record's facets: what is not asked for is not loaded. */
    private List<RecordKey> page(Export export, ExportRequest request, String store, String last) {
        List<Object> values = new ArrayList<>(List.of(store, export.entity(), last));
        List<String> conditions = new ArrayList<>();
        condition(time(request.since()), "max(version_at) >= ?", conditions, values);
        condition(time(request.until()), "max(version_at) < ?", conditions, values);
        values.add(PAGE);
        return jdbc.query("SELECT record_id FROM mirror_facet WHERE store = ? AND entity = ? AND record_id > ?"
                        + " GROUP BY record_id" + (conditions.isEmpty() ? "" : " HAVING " + String.join(" AND ", conditions))
                        + " ORDER BY record_id LIMIT ?",
                (row, number) -> new RecordKey(store, export.entity(), row.getString(1)), values.toArray());
    }

    private List<Export.Row> rows(Export export, CanonicalRecord record, Failures failures) {
        String store = record.key().store();
        MappingContext context = MappingContext.of(store, stores.find(store), Map.of());
        try {
            return export.rows(record.json(), context, column -> failures.add("column " + column, record.key()));
        } catch (ExpressionFailed e) {
            failures.add("each", record.key());
            return List.of();
        }
    }

    /** Which expressions gave nothing, each said once at the end: a wrong one fails for every row. */
    static final class Failures {

        private record Failed(long times, RecordKey first) {
        }

        private final Export export;
        private final Map<String, Failed> all = new TreeMap<>();

        Failures(Export export) {
            this.export = export;
        }

        void add(String expression, RecordKey key) {
            all.merge(expression, new Failed(1, key), (before, now) -> new Failed(before.times() + 1, before.first()));
        }

        /** Without the words of jq, which may quote the record. */
        void log() {
            all.forEach((expression, failed) -> LOG.warn("Export {}: the expression of {} gave no value {} times, first for"
                    + " {}, and what it would give is left out. Correct mappings/exports/{}.yaml.", export.name(), expression,
                    failed.times(), failed.first(), export.name()));
        }
    }

    private long write(TableExport table, ExportRequest request, OutputStream out) throws IOException {
        List<Object> values = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        condition(table.hasStore() ? request.store() : null, "store = ?", conditions, values);
        condition(table.hasCrm() ? request.crm() : null, "crm = ?", conditions, values);
        condition(time(request.since()), table.at() + " >= ?", conditions, values);
        condition(time(request.until()), table.at() + " < ?", conditions, values);
        String where = String.join(" AND ", conditions);
        long rows = 0;
        try (RowWriter writer = RowWriter.of(request.format(), table.columns(), out)) {
            writer.flush();
            List<Object> last = List.of();
            List<Map<String, JsonNode>> page;
            do {
                List<Object> all = new ArrayList<>(values);
                all.addAll(last);
                all.add(PAGE);
                List<List<Object>> keys = new ArrayList<>();
                page = jdbc.query(table.sql(last.isEmpty(), where), (row, number) -> {
                    keys.add(key(table, row));
                    return values(table, row);
                }, all.toArray());
                for (Map<String, JsonNode> row : page) {
                    ObjectNode whole = Values.JSON.createObjectNode();
                    row.forEach(whole::set);
                    writer.write(row, whole);
                }
                writer.flush();
                rows += page.size();
                last = keys.isEmpty() ? List.of() : keys.get(keys.size() - 1);
            } while (page.size() == PAGE);
        }
        return rows;
    }

    private static void condition(Object value, String sql, List<String> conditions, List<Object> values) {
        if (value != null) {
            conditions.add(sql);
            values.add(value);
        }
    }

    private static Object time(Instant time) {
        return time == null ? null : time.atOffset(ZoneOffset.UTC);
    }

    private static List<Object> key(TableExport table, ResultSet row) throws SQLException {
        List<Object> key = new ArrayList<>();
        for (String column : table.order()) {
            key.add(row.getObject(column));
        }
        return key;
    }

    private static Map<String, JsonNode> values(TableExport table, ResultSet row) throws SQLException {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        for (String column : table.columns()) {
            Object value = row.getObject(column);
            if (value instanceof Timestamp) {
                values.put(column, Values.JSON.getNodeFactory().textNode(time(row, column)));
            } else if (column.equals("details")) {
                values.put(column, json(row.getString(column)));
            } else {
                values.put(column, Values.JSON.valueToTree(value));
            }
        }
        return values;
    }

    /** A time that is infinite is not a time: what was let go of is never let go of again. */
    private static String time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time.equals(OffsetDateTime.MAX) ? "" : time.toInstant().toString();
    }

    private static JsonNode json(String text) {
        try {
            return Values.JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return Values.JSON.getNodeFactory().textNode(text);
        }
    }
}
