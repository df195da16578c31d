package io.shopbridge.reconcile;

import io.shopbridge.deliver.Compared;
import io.shopbridge.deliver.Difference;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What one step found. */
final class Findings {

    /** Of one class and field. */
    static final int MOST_EXAMPLES = 20;

    /** A class of differences of a field; empty: of whole records. */
    record Of(Kind kind, String field) {
    }

    /** How often it was found, and some examples. */
    static final class Count {
        private long found;
        private long repaired;
        private final List<String> examples = new ArrayList<>();

        long found() {
            return found;
        }

        long repaired() {
            return repaired;
        }

        List<String> examples() {
            return examples;
        }
    }

    /** How many records were compared in a field, and how many differed. */
    static final class Agreement {
        private long compared;
        private long differed;

        long compared() {
            return compared;
        }

        long differed() {
            return differed;
        }
    }

    private final String entity;
    private final Map<Of, Count> counts = new LinkedHashMap<>();
    private final Map<String, Agreement> fields = new HashMap<>();
    private final Map<RecordKey, List<Difference>> byRecord = new LinkedHashMap<>();
    private long compared;
    private long inFlight;
    private long skipped;
    private long repaired;

    /** @param entity the kind of records that are looked at */
    Findings(String entity) {
        this.entity = entity;
    }

    String entity() {
        return entity;
    }

    void add(Compared record) {
        switch (record.state()) {
            case SKIPPED -> skipped++;
            case IN_FLIGHT -> inFlight++;
            default -> {
                compared++;
                Set<String> different = new TreeSet<>();
                record.differences().forEach(difference -> {
                    add(difference);
                    different.add(difference.field());
                });
                record.fields().forEach(field -> {
                    Agreement agreement = fields.computeIfAbsent(field, name -> new Agreement());
                    agreement.compared++;
                    agreement.differed += different.contains(field) ? 1 : 0;
                });
            }
        }
    }

    void add(Difference difference) {
        Count count = count(difference);
        count.found++;
        if (count.examples.size() < MOST_EXAMPLES) {
            count.examples.add(difference.toString());
        }
        byRecord.computeIfAbsent(difference.record(), key -> new ArrayList<>()).add(difference);
    }

    /** These differences of one record were repaired. */
    void repaired(List<Difference> differences) {
        repaired++;
        differences.forEach(difference -> count(difference).repaired++);
    }

    /** These second records of one record were merged into the first. */
    void merged(List<Difference> differences) {
        repaired(differences);
        differences.forEach(difference -> count(difference).examples.replaceAll(example ->
                example.equals(difference.toString()) ? example.replace(" beside ", ", merged into ") : example));
    }

    private Count count(Difference difference) {
        return counts.computeIfAbsent(new Of(difference.kind(), difference.field()), of -> new Count());
    }

    /** The differences of each record. */
    Map<RecordKey, List<Difference>> byRecord() {
        return byRecord;
    }

    Map<Of, Count> counts() {
        return counts;
    }

    Map<String, Agreement> fields() {
        return fields;
    }

    long compared() {
        return compared;
    }

    long inFlight() {
        return inFlight;
    }

    long skipped() {
        return skipped;
    }

    /** How many differences. */
    long found() {
        return counts.values().stream().mapToLong(Count::found).sum();
    }

    long repaired() {
        return repaired;
    }
}
