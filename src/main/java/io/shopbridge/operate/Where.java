package io.shopbridge.operate;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Collects the conditions of one query from request parameters; values reach SQL as parameters only. */
final class Where {

    static final int MOST = 500;

    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    /** A misspelled filter would silently give everything. */
    static void refuseUnknown(HttpServletRequest request, Set<String> known) {
        for (String name : request.getParameterMap().keySet()) {
            if (!known.contains(name)) {
                throw Problem.badParameter("There is no parameter \"" + name + "\"; there are "
                        + String.join(", ", new TreeSet<>(known)) + ".");
            }
        }
    }

    Where equal(String column, String value) {
        if (value != null) {
            add(column + " = ?", value);
        }
        return this;
    }

    Where oneOf(String parameter, String column, String value, List<String> legal) {
        if (value != null && !legal.contains(value)) {
            throw Problem.badParameter(
                    parameter + " is \"" + value + "\"; it can be " + String.join(", ", legal) + ".");
        }
        return equal(column, value);
    }

    Where since(String value) {
        if (value != null) {
            add("at >= ?", time("since", value));
        }
        return this;
    }

    Where until(String value) {
        if (value != null) {
            add("at < ?", time("until", value));
        }
        return this;
    }

    Where add(String condition, Object... parameters) {
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

    private static OffsetDateTime time(String parameter, String value) {
        try {
            return OffsetDateTime.parse(value);
        } catch (DateTimeParseException e) {
            throw Problem.badParameter(parameter + " is \"" + value
                    + "\"; it must be a time with its offset, as in 2026-11-20T09:30:00Z.");
        }
    }

    static int limit(String value) {
        if (value == null) {
            return 50;
        }
        try {
            int limit = Integer.parseInt(value);
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Refused below, like a number out of range.
        }
        throw Problem.badParameter("limit is \"" + value + "\"; it can be 1 to " + MOST + ".");
    }

    static String cursor(Instant at, long id) {
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString((at + " " + id).getBytes(StandardCharsets.US_ASCII));
    }

    /** Continues after the row that the cursor names, in the order "at DESC, id DESC". */
    Where after(String cursor) {
        return after("at", cursor);
    }

    /** Continues after the row that the cursor names, in the descending order of this time, and then of the id. */
    Where after(String time, String cursor) {
        if (cursor == null) {
            return this;
        }
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII).split(" ");
            return add("(" + time + ", id) < (?, ?)",
                    Instant.parse(parts[0]).atOffset(ZoneOffset.UTC), Long.valueOf(parts[1]));
        } catch (IllegalArgumentException | DateTimeParseException | ArrayIndexOutOfBoundsException e) {
            throw Problem.badParameter("cursor is not one that this API gave; leave it out to begin with the newest.");
        }
    }
}
