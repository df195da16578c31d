package io.shopbridge.recount;

import io.shopbridge.recount.Recounts.Found;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What one step found, of one entity. */
final class Findings {

    private final String entity;
    private final Map<Kind, Found> byKind = new TreeMap<>();

    Findings(String entity) {
        this.entity = entity;
    }

    /** A record. */
    void add(Kind kind, String id, boolean repaired) {
        add(kind, 1, repaired ? 1 : 0, entity + "/" + id);
    }

    /** Many records, which nobody looked at one by one. */
    void add(Kind kind, long records, String range) {
        add(kind, records, 0, range);
    }

    private void add(Kind kind, long found, long repaired, String example) {
        byKind.merge(kind, new Found(entity, kind, found, repaired, List.of(example)), (all, one) -> {
            List<String> examples = new ArrayList<>(all.examples());
            examples.addAll(one.examples());
            return new Found(entity, kind, all.found() + found, all.repaired() + repaired, examples);
        });
    }

    long found(Kind kind) {
        return byKind.containsKey(kind) ? byKind.get(kind).found() : 0;
    }

    Collection<Found> all() {
        return byKind.values();
    }
}
