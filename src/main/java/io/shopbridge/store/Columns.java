package io.shopbridge.store;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.jdbc.support.SqlArrayValue;

/**
 * Passes many rows as parameters of one statement, as arrays: {@code unnest(?::text[], ?::bigint[])}; and reads what the
 * driver has no type for.
 */
public final class Columns {

    private Columns() {
    }

    /** A column of type {@code timestamptz}; null where it has no value. */
    public static Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    /** A column of type {@code text[]}, which has a value. */
    public static List<String> texts(ResultSet row, String column) throws SQLException {
        return Stream.of((Object[]) row.getArray(column).getArray()).map(String.class::cast).toList();
    }

    public static SqlArrayValue texts(Collection<String> values) {
        return texts(values, value -> value);
    }

    /** One column of texts, in the order of the rows. */
    public static <T> SqlArrayValue texts(Collection<T> rows, Function<T, String> value) {
        return column("text", rows, value);
    }

    public static <T> SqlArrayValue longs(Collection<T> rows, Function<T, Long> value) {
        return column("bigint", rows, value);
    }

    public static <T> SqlArrayValue integers(Collection<T> rows, Function<T, Integer> value) {
        return column("int", rows, value);
    }

    public static <T> SqlArrayValue booleans(Collection<T> rows, Function<T, Boolean> value) {
        return column("boolean", rows, value);
    }

    public static <T> SqlArrayValue decimals(Collection<T> rows, Function<T, BigDecimal> value) {
        return column("numeric", rows, value);
    }

    public static <T> SqlArrayValue dates(Collection<T> rows, Function<T, LocalDate> value) {
        return column("date", rows, value);
    }

    /** Moments, as {@code timestamptz}. */
    public static <T> SqlArrayValue times(Collection<T> rows, Function<T, Instant> value) {
        return column("timestamptz", rows, value.andThen(time -> time == null ? null : time.toString()));
    }

    public static <T> SqlArrayValue bytes(Collection<T> rows, Function<T, byte[]> value) {
        return new SqlArrayValue("bytea", (Object[]) rows.stream().map(value).toArray(byte[][]::new));
    }

    private static <T> SqlArrayValue column(String type, Collection<T> rows, Function<T, ?> value) {
        return new SqlArrayValue(type, rows.stream().map(value).toArray());
    }
}
