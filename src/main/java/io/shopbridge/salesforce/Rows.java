package io.shopbridge.salesforce;

import io.github.resilience4j.core.IntervalFunction;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.crm.Operation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The rows of one write to an org. Rows without a result are retried with back-off, in smaller calls; after the last
 * try, a row that still meets a lock fails with that.
 */
public final class Rows {

    private static final int TRIES = 6;
    private static final int SMALLER = 4;
    /** Random, so that two writers that met a lock do not meet again. */
    private static final IntervalFunction WAIT =
            IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(250), 2, 0.6);

    /**
     * Rows that go together.
     *
     * @param accounts the accounts that Salesforce locks while it writes them
     */
    record RowCall(List<Row> rows, Set<String> accounts) {
    }

    private final SalesforceOrg org;
    private final CrmCall call;
    private final List<Row> rows = new ArrayList<>();
    private final Deque<RowCall> calls = new ArrayDeque<>();
    /** Rows of a call. */
    private int size;
    private int tries;

    Rows(SalesforceOrg org, CrmCall call) {
        this.org = org;
        this.call = call;
        call.records().forEach(record -> rows.add(new Row(record)));
        this.size = Math.min(rows.size(), org.crm().operations().batch(call.operation(), object()));
    }

    SalesforceOrg org() {
        return org;
    }

    CrmCall call() {
        return call;
    }

    Operation operation() {
        return call.operation();
    }

    String object() {
        return call.object();
    }

    List<Row> incomplete() {
        return those(Row::incomplete);
    }

    List<Row> open() {
        return those(Row::open);
    }

    private List<Row> those(Predicate<Row> which) {
        return rows.stream().filter(which).toList();
    }

    /** Whether there is something left to try. */
    public boolean isUnanswered() {
        return tries < TRIES && rows.stream().anyMatch(Row::open);
    }

    /** Milliseconds until the next try. */
    public long getWait() {
        return tries == 0 ? 0 : WAIT.apply(tries);
    }

    boolean isFirstTry() {
        return tries == 0;
    }

    boolean isLastTry() {
        return tries == TRIES;
    }

    /** Whether one call can't take them all. */
    public boolean isMany() {
        return rows.size() > size;
    }

    /**
     * Begins a try: open rows are put into calls of this size; rows of one account are in the same call, to take its
     * lock once.
     */
    void begin(Function<Row, String> lane) {
        if (tries++ > 0) {
            size = Math.max(1, size / SMALLER);
        }
        List<Row> sorted = open().stream().sorted(Comparator.comparing(lane)).toList();
        calls.clear();
        SalesforceClient.inBatches(sorted, size).forEach(batch -> calls.add(new RowCall(batch, batch.stream().map(lane)
                .filter(one -> !one.isEmpty()).collect(Collectors.toCollection(TreeSet::new)))));
    }

    /** Whether calls of this try are still to be made. */
    public boolean isCalling() {
        return !calls.isEmpty();
    }

    /** The call that is next, or under way. */
    RowCall next() {
        return calls.element();
    }

    /** The call is over, with or without an answer. */
    void called() {
        calls.remove();
    }

    /** The results of the rows, in the order of the call. */
    List<CrmResult> results() {
        return rows.stream().map(Row::result).toList();
    }
}
