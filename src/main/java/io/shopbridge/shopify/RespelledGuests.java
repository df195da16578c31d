package io.shopbridge.shopify;

import io.shopbridge.map.EmailAddresses;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.stereotype.Component;

/**
 * Notes the guests whose id is of their e-mail address as an earlier version compared it: in lower case, and nothing more.
 * The next migration moves them.
 */
@Component
class RespelledGuests implements JavaMigration {

    private static final Logger LOG = LoggerFactory.getLogger(RespelledGuests.class);

    private static final int BATCH = 500;

    /** Reads only addresses that may have another notation than their lower case. Latin-1 takes any bytes for a text. */
    private static final String ODD = """
            SELECT store, record_id, value FROM mirror_facet
            WHERE entity = 'customer' AND facet = 'profile' AND starts_with(record_id, 'guest:')
                AND position('"email":"'::bytea IN value) > 0
                AND substring(convert_from(value, 'LATIN1') FROM '"email":"([^"]*)"')
                    !~ '^[A-Za-z0-9!#$%&''*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]*[A-Za-z0-9-]$'""";

    private final GuestSettings settings;

    RespelledGuests(GuestSettings settings) {
        this.settings = settings;
    }

    @Override
    public MigrationVersion getVersion() {
        return MigrationVersion.fromVersion("84.2");
    }

    @Override
    public String getDescription() {
        return "respelled guests";
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
        // A key of the settings that is another one than the first would give every one of them a wrong id.
        GuestKey key = new GuestKeyConfiguration().guestKey(
                JdbcClient.create(new SingleConnectionDataSource(connection, true)), settings);
        int moved = note(connection, key);
        if (moved > 0) {
            LOG.info("{} guests get another id, because e-mail addresses are compared in one notation now", moved);
        }
    }

    private static int note(Connection connection, GuestKey key) throws SQLException {
        int moved = 0;
        try (Statement select = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO moved_guest (store, old_id, new_id) VALUES (?, ?, ?)")) {
            select.setFetchSize(BATCH);
            try (ResultSet guests = select.executeQuery(ODD)) {
                while (guests.next()) {
                    Optional<String> id = id(guests.getBytes(3), key);
                    if (id.isPresent() && !id.get().equals(guests.getString(2))) {
                        insert.setString(1, guests.getString(1));
                        insert.setString(2, guests.getString(2));
                        insert.setString(3, id.get());
                        insert.addBatch();
                        moved++;
                        if (moved % BATCH == 0) {
                            insert.executeBatch();
                        }
                    }
                }
            }
            insert.executeBatch();
        }
        return moved;
    }

    /**
     * As {@link GuestBuyer} makes it of an e-mail address; empty where it would make it of the phone number, and where an
     * earlier version took in what is no UTF-8: nobody can start without this migration.
     */
    private static Optional<String> id(byte[] profile, GuestKey key) {
        try {
            return Optional.ofNullable(Json.text(Json.readOwn(profile), Person.EMAIL)).map(EmailAddresses::compared)
                    .filter(address -> address.contains("@")).map(key::id);
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }
}
