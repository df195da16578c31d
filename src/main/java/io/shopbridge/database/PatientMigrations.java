package io.shopbridge.database;

import java.sql.SQLException;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.springframework.stereotype.Component;

/**
 * Gives every migration the time that it takes: one that goes through a large table takes longer than the connections'
 * {@code socketTimeout} allows to any other statement, and would fail at every start. The pool gives the connection its
 * own limit again when it gets it back.
 */
@Component
class PatientMigrations extends BaseCallback {

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_EACH_MIGRATE;
    }

    @Override
    public void handle(Event event, Context context) {
        try {
            context.getConnection().setNetworkTimeout(Runnable::run, 0);
        } catch (SQLException e) {
            throw new FlywayException("The time that a statement may take can't be set", e);
        }
    }
}
