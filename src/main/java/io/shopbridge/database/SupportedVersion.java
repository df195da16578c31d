package io.shopbridge.database;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.springframework.stereotype.Component;

/** Refuses a database that the schema does not support, before the first migration changes it. */
@Component
class SupportedVersion extends BaseCallback {

    /** The oldest major version with lz4 compression of single columns, and the oldest still maintained in 2026. */
    static final int OLDEST = 14;

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_MIGRATE;
    }

    @Override
    public void handle(Event event, Context context) {
        try {
            check(context.getConnection().getMetaData());
        } catch (SQLException e) {
            throw new DatabaseUnusable("The version of the database can't be read: " + e.getMessage(),
                    "Check spring.datasource.url.", e);
        }
    }

    static void check(DatabaseMetaData database) throws SQLException {
        if (!"PostgreSQL".equals(database.getDatabaseProductName())) {
            throw new DatabaseUnusable("The database is " + database.getDatabaseProductName() + ", not PostgreSQL.",
                    "Point spring.datasource.url at PostgreSQL " + OLDEST + " or newer.");
        }
        if (database.getDatabaseMajorVersion() < OLDEST) {
            throw new DatabaseUnusable("The database is PostgreSQL " + database.getDatabaseProductVersion()
                    + "; Shopbridge needs " + OLDEST + " or newer.",
                    "Upgrade the server (Shopbridge is tested with 18), or point spring.datasource.url at"
                            + " another one. Nothing was changed in this database.");
        }
    }
}
