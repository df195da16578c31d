package io.shopbridge.sandbox.shop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** How far a bulk operation has read the lists that its query begins with; what is in their records it takes whole. */
final class Whole {

    private static final int PAGE = 250;

    private final Map<Object, List<?>> found = new HashMap<>();
    private final Map<Object, Integer> read = new HashMap<>();

    /** Whether nothing was read yet, or not everything. */
    boolean hasMore() {
        return found.isEmpty()
                || found.entrySet().stream().anyMatch(one -> read.get(one.getKey()) < one.getValue().size());
    }

    /** The next elements of a list, which is searched for once. */
    @SuppressWarnings("unchecked")
    <T> List<T> next(Object path, Supplier<List<T>> search) {
        List<T> all = (List<T>) found.computeIfAbsent(path, key -> search.get());
        int from = read.getOrDefault(path, 0);
        int to = Math.min(all.size(), from + PAGE);
        read.put(path, to);
        return all.subList(from, to);
    }
}
