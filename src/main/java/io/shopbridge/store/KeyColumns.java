package io.shopbridge.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.function.Function;

/** Keys of records as parameters of a statement: {@code unnest(?::text[], ?::text[], ?::text[])}. */
public final class KeyColumns {

    private KeyColumns() {
    }

    /** Sets three parameters: the stores, the entities and the ids of these records, in their order. */
    public static void set(PreparedStatement statement, int first, Collection<RecordKey> keys) throws SQLException {
        set(statement, first, keys, RecordKey::store);
        set(statement, first + 1, keys, RecordKey::entity);
        set(statement, first + 2, keys, RecordKey::recordId);
    }

    private static void set(PreparedStatement statement, int parameter, Collection<RecordKey> keys,
            Function<RecordKey, String> part) throws SQLException {
        statement.setArray(parameter,
                statement.getConnection().createArrayOf("text", keys.stream().map(part).toArray()));
    }
}
