package io.shopbridge.operate;

import java.util.List;
import java.util.function.Function;

import io.swagger.v3.oas.annotations.media.Schema;

/**
 * A part of a list, newest first.
 *
 * @param items at most {@code limit} of them
 * @param next  the {@code cursor} of the following page; null: this was the last
 */
public record Page<T>(
        List<T> items,
        @Schema(nullable = true, description = "Pass it as cursor to get the next page; null: this is the last page")
        String next) {

    /** From rows of which one more than the limit was read. */
    static <T> Page<T> of(List<T> rows, int limit, Function<T, String> cursor) {
        return rows.size() <= limit
                ? new Page<>(rows, null)
                : new Page<>(List.copyOf(rows.subList(0, limit)), cursor.apply(rows.get(limit - 1)));
    }
}
