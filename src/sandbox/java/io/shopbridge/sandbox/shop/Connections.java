package io.shopbridge.sandbox.shop;

import graphql.schema.DataFetchingEnvironment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Pages of a list. A cursor holds the sorted value and the id of its element, so that the next page begins where this
 * one ended, whatever has changed in between.
 *
 * @see <a href="https://shopify.dev/docs/api/usage/pagination-graphql">Pagination</a>
 */
final class Connections {

    /** What a cursor points at. */
    record Position(String value, long id) implements Comparable<Position> {

        private static final Comparator<Position> ORDER =
                Comparator.comparing(Position::value).thenComparingLong(Position::id);

        @Override
        public int compareTo(Position other) {
            return ORDER.compare(this, other);
        }

        String cursor() {
            return Base64.getEncoder().encodeToString(
                    ("{\"last_id\":" + id + ",\"last_value\":\"" + value + "\"}").getBytes(StandardCharsets.UTF_8));
        }

        static Position of(String cursor) {
            try {
                String text = new String(Base64.getDecoder().decode(cursor), StandardCharsets.UTF_8);
                int comma = text.indexOf(',');
                return new Position(text.substring(text.indexOf(":\"") + 2, text.length() - 2),
                        Long.parseLong(text.substring(text.indexOf(':') + 1, comma)));
            } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
                throw ApiError.badRequest("Invalid cursor for current pagination sort.");
            }
        }
    }

    /** How many elements a page may have. */
    static final int LONGEST = 250;

    /**
     * How many elements of a list are given.
     *
     * @see <a href="https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits">Rate limits</a>
     */
    static final int MOST = 25_000;

    /** In the context of an execution for a bulk operation, which takes connections whole: how far it has read. */
    static final String WHOLE = "whole";

    private Connections() {
    }

    /** A page of a list within a record, in its own order. */
    static Map<String, Object> of(List<?> all, DataFetchingEnvironment env) {
        List<Object> elements = new ArrayList<>(all);
        Map<Object, Position> positions = new HashMap<>();
        for (int i = 0; i < elements.size(); i++) {
            positions.put(elements.get(i), new Position(String.format("%09d", i), i));
        }
        return of(elements, positions::get, Function.identity(), env);
    }

    /** A page of what was found, sorted by where its elements stand. */
    static <T> Map<String, Object> of(List<T> found, Function<T, Position> position, Function<T, ?> node,
            DataFetchingEnvironment env) {
        Integer first = env.getArgument("first");
        Whole whole = env.getGraphQlContext().get(WHOLE);
        if (whole != null) {
            return edges(env.getExecutionStepInfo().getPath().getLevel() > 1 ? found
                    : whole.next(env.getExecutionStepInfo().getPath(), () -> {
                        List<T> sorted = new ArrayList<>(found);
                        sorted.sort(Comparator.comparing(position));
                        return sorted;
                    }), node);
        }
        if (first == null) {
            throw ApiError.badRequest("you must provide one of first or last");
        }
        if (first > LONGEST) {
            throw ApiError.badRequest("first cannot exceed " + LONGEST);
        }
        boolean reverse = Boolean.TRUE.equals(env.getArgument("reverse"));
        Comparator<T> order = Comparator.comparing(position);
        List<T> sorted = new ArrayList<>(found);
        sorted.sort(reverse ? order.reversed() : order);
        String after = env.getArgument("after");
        int from = 0;
        if (after != null) {
            Position last = Position.of(after);
            while (from < sorted.size()
                    && (reverse ? -1 : 1) * position.apply(sorted.get(from)).compareTo(last) <= 0) {
                from++;
            }
        }
        if (from >= MOST) {
            throw ApiError.badRequest("Pagination beyond " + MOST + " objects is not supported.");
        }
        int to = Math.min(sorted.size(), from + first);
        List<Object> nodes = new ArrayList<>();
        List<Object> edges = new ArrayList<>();
        for (T one : sorted.subList(from, to)) {
            Object of = node.apply(one);
            nodes.add(of);
            edges.add(Map.of("cursor", position.apply(one).cursor(), "node", of));
        }
        Map<String, Object> page = new HashMap<>();
        page.put("hasNextPage", to < sorted.size());
        page.put("hasPreviousPage", from > 0);
        page.put("startCursor", from == to ? null : position.apply(sorted.get(from)).cursor());
        page.put("endCursor", from == to ? null : position.apply(sorted.get(to - 1)).cursor());
        return Map.of("nodes", nodes, "edges", edges, "pageInfo", page);
    }

    private static <T> Map<String, Object> edges(List<T> found, Function<T, ?> node) {
        return Map.of("edges", found.stream().map(one -> Map.of("node", node.apply(one))).toList());
    }
}
