package io.shopbridge.shopify;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/**
 * Makes the key, and keys the ids of guests that a version without one has written: wherever they stand, also within
 * sentences and within the JSON of a facet. The bytes of received events hold none. Containers of the earlier version
 * wait meanwhile, and find the records under their new ids.
 */
@Component
class KeyedGuestIds implements JavaMigration {

    private static final Logger LOG = LoggerFactory.getLogger(KeyedGuestIds.class);

    private static final Pattern PLAIN_ID = Pattern.compile("(?<=guest:)[0-9a-f]{24}(?![0-9a-f])");
    private static final int BATCH = 500;

    /** The order in which a transaction of the flow locks them, so that none waits for us while we wait for it. */
    private static final List<String> ORDER =
            List.of("mirror_facet", "order_figures", "work", "link", "identity_claim", "conflict", "outcome",
                    "rejected");

    private final GuestSettings settings;

    KeyedGuestIds(GuestSettings settings) {
        this.settings = settings;
    }

    @Override
    public MigrationVersion getVersion() {
        return MigrationVersion.fromVersion("6.1");
    }

    @Override
    public String getDescription() {
        return "keyed guest ids";
    }

    @Override
    public Integer getChecksum() {
        return null;    // code has none
    }

    @Override
    public boolean canExecuteInTransaction() {
        return true;
    }

    @Override
    public void migrate(Context context) throws SQLException {
        Connection connection = context.getConnection();
        GuestKey key = makeKey(connection);
        Map<String, List<Column>> tables = tables(connection);
        lock(connection, tables);
        int changed = 0;
        for (Map.Entry<String, List<Column>> table : tables.entrySet()) {
            changed += rewrite(connection, table.getKey(), table.getValue(), key);
        }
        LOG.info("Guest ids are keyed from now on; {} rows with an earlier id were changed", changed);
    }

    private GuestKey makeKey(Connection connection) throws SQLException {
        String made = StringUtils.hasText(settings.key()) ? null : GuestKey.random();
        GuestKey key = made == null ? GuestKey.of(settings) : GuestKey.of(made);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO guest_key (key, fingerprint) VALUES (?, ?)")) {
            insert.setString(1, made);
            insert.setString(2, key.fingerprint());
            insert.executeUpdate();
        }
        return key;
    }

    /** The tables of this schema, and of each the columns that can hold a text. */
    private static Map<String, List<Column>> tables(Connection connection) throws SQLException {
        Map<String, List<Column>> tables = new TreeMap<>(Comparator
                .comparingInt((String table) -> ORDER.contains(table) ? ORDER.indexOf(table) : ORDER.size())
                .thenComparing(Comparator.naturalOrder()));
        try (Statement statement = connection.createStatement(); ResultSet columns = statement.executeQuery("""
                SELECT table_name, column_name, data_type
                FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
                WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND data_type IN ('text', 'bytea')
                    AND table_name NOT IN ('inbox', 'guest_key', 'flyway_schema_history')
                ORDER BY table_name, ordinal_position""")) {
            while (columns.next()) {
                tables.computeIfAbsent(columns.getString(1), table -> new ArrayList<>())
                        .add(new Column('"' + columns.getString(2) + '"', columns.getString(3).equals("bytea")));
            }
        }
        return tables;
    }

    private static void lock(Connection connection, Map<String, List<Column>> tables) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : tables.keySet()) {
                statement.execute("LOCK TABLE \"" + table + "\" IN EXCLUSIVE MODE");
            }
        }
    }

    private static int rewrite(Connection connection, String table, List<Column> columns, GuestKey key)
            throws SQLException {
        String names = columns.stream().map(Column::name).collect(Collectors.joining(", "));
        String found = columns.stream().map(Column::namesGuest).collect(Collectors.joining(" OR "));
        String set = columns.stream().map(column -> column.name() + " = ?").collect(Collectors.joining(", "));
        int changed = 0;
        try (Statement select = connection.createStatement();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE \"" + table + "\" SET " + set + " WHERE ctid = ?::tid")) {
            select.setFetchSize(BATCH);
            try (ResultSet rows = select.executeQuery(
                    "SELECT ctid::text, " + names + " FROM \"" + table + "\" WHERE " + found)) {
                while (rows.next()) {
                    for (int i = 0; i < columns.size(); i++) {
                        columns.get(i).copy(rows, i + 2, update, i + 1, key);
                    }
                    update.setString(columns.size() + 1, rows.getString(1));
                    update.addBatch();
                    changed++;
                    if (changed % BATCH == 0) {
                        update.executeBatch();
                    }
                }
            }
            update.executeBatch();
        }
        return changed;
    }

    private record Column(String name, boolean bytes) {

        String namesGuest() {
            return bytes ? "position('guest:'::bytea IN " + name + ") > 0" : name + " LIKE '%guest:%'";
        }

        void copy(ResultSet rows, int from, PreparedStatement update, int to, GuestKey key) throws SQLException {
            if (bytes) {
                byte[] value = rows.getBytes(from);
                // As Latin-1, which changes no byte, whatever they are.
                update.setBytes(to, value == null ? null : keyed(new String(value, StandardCharsets.ISO_8859_1), key)
                        .getBytes(StandardCharsets.ISO_8859_1));
            } else {
                String value = rows.getString(from);
                update.setString(to, value == null ? null : keyed(value, key));
            }
        }

        private static String keyed(String text, GuestKey key) {
            return PLAIN_ID.matcher(text).replaceAll(plain -> key.keyed(plain.group()));
        }
    }
}
