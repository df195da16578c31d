package io.shopbridge.store;

import java.util.Collection;
import java.util.function.Function;
import org.springframework.jdbc.support.SqlArrayValue;

/** Many rows as the parameters of one statement, a column each: {@code unnest(?::text[], ?::bigint[])}. */
public final class Columns {

    private Columns() {
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

    private static <T> SqlArrayValue column(String type, Collection<T> rows, Function<T, ?> value) {
        return new SqlArrayValue(type, rows.stream().map(value).toArray());
    }
}
