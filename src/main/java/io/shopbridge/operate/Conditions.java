package io.shopbridge.operate;

import java.util.ArrayList;
import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;

/** Collects the conditions of one query from {@link Parameters}; values reach SQL as parameters only. */
final class Conditions {

    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    Conditions equal(String column, String value) {
        if (value != null) {
            add(column + " = ?", value);
        }
        return this;
    }

    /** Whether the list in this column has the value. */
    Conditions contains(String column, String value) {
        if (value != null) {
            add("? = ANY (" + column + ")", value);
        }
        return this;
    }

    Conditions oneOf(String parameter, String column, String value, List<String> legal) {
        if (value != null && !legal.contains(value)) {
            throw Problem.badParameter(
                    parameter + " is \"" + value + "\"; it can be " + String.join(", ", legal) + ".");
        }
        return equal(column, value);
    }

    Conditions since(String value) {
        if (value != null) {
            add("at >= ?", Parameters.time("since", value));
        }
        return this;
    }

    Conditions until(String value) {
        if (value != null) {
            add("at < ?", Parameters.time("until", value));
        }
        return this;
    }

    Conditions add(String condition, Object... parameters) {
        conditions.add(condition);
        values.addAll(List.of(parameters));
        return this;
    }

    JdbcClient.StatementSpec query(JdbcClient database, String select, String order, int limit) {
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        List<Object> all = new ArrayList<>(values);
        all.add(limit + 1);
        return database.sql(select + where + " ORDER BY " + order + " LIMIT ?").params(all);
    }

    /** Continues after the row that the cursor names, in the order "at DESC, id DESC". */
    Conditions after(String cursor) {
        return after("at", cursor);
    }

    /** Continues after the row that the cursor names, in the descending order of this time, and then of the id. */
    Conditions after(String time, String cursor) {
        if (cursor == null) {
            return this;
        }
        Cursor row = Parameters.cursor(cursor);
        return add("(" + time + ", id) < (?, ?)", row.at(), row.id());
    }
}
