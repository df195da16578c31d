package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.TestDatabase;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.Version;
import io.shopbridge.store.RecordKey;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The version rule on real PostgreSQL: whatever the order, the batches and the repeats, the newest state stays. */
class VersionRuleIT {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
    private static TestDatabase database;
    private static SingleConnectionDataSource connection;
    private static JdbcTemplate jdbc;
    private static Mirror mirror;

    /** A state of one facet: few distinct times, ranks and values, so that ties are common. */
    record State(int record, String facet, int second, int rank, int triggered, String value) {

        FacetChange change() {
            byte[] bytes = ('"' + value + '"').getBytes(StandardCharsets.UTF_8);
            ReceivedEvent event = new ReceivedEvent(1, "main", "topic", START.plusMillis(triggered), START, bytes);
            return new FacetChange(new RecordKey("main", "customer", "" + record), facet, false,
                    Version.of(START.plusSeconds(second), rank, event, bytes), bytes, 1);
        }
    }

    @BeforeContainer
    static void start() throws SQLException {
        database = TestDatabase.migrated();
        // One connection for all: each of its own costs more than the statement.
        connection = new SingleConnectionDataSource(database.dataSource().getConnection(), true);
        jdbc = new JdbcTemplate(connection);
        mirror = new Mirror(jdbc);
    }

    @AfterContainer
    static void stop() {
        connection.destroy();
        database.close();
    }

    @Property(tries = 200)
    void anyOrderBatchesAndRepeatsEndInTheNewestState(@ForAll("states") List<State> states, @ForAll Random random) {
        Map<String, FacetChange> newest = new HashMap<>();
        for (State state : states) {
            FacetChange change = state.change();
            newest.merge(change.key() + " " + change.facet(), change,
                    (one, other) -> one.version().compareTo(other.version()) >= 0 ? one : other);
        }

        jdbc.execute("DELETE FROM mirror_facet");
        List<FacetChange> arrivals = new ArrayList<>();
        for (State state : states) {
            for (int i = 0; i <= random.nextInt(3); i++) {
                arrivals.add(state.change());
            }
        }
        Collections.shuffle(arrivals, random);
        while (!arrivals.isEmpty()) {
            List<FacetChange> batch = arrivals.subList(0, 1 + random.nextInt(arrivals.size()));
            mirror.write(List.copyOf(batch));
            batch.clear();
        }

        Map<String, String> stored = new HashMap<>();
        jdbc.query("SELECT entity || '/' || record_id || ' ' || facet, value FROM mirror_facet", row -> {
            stored.put(row.getString(1), new String(row.getBytes(2), StandardCharsets.UTF_8));
        });
        assertThat(stored).hasSameSizeAs(newest);
        newest.forEach((key, change) -> assertThat(stored.get(key)).as(key)
                .isEqualTo(new String(change.value(), StandardCharsets.UTF_8)));
    }

    @Property(tries = 200)
    void anOlderOrEqualStateChangesNothing(@ForAll("states") List<State> states) {
        jdbc.execute("DELETE FROM mirror_facet");
        List<FacetChange> changes = states.stream().map(State::change).toList();
        mirror.write(changes);

        assertThat(mirror.write(changes)).isEmpty();
        changes.forEach(change -> assertThat(mirror.write(List.of(change))).isEmpty());
    }

    /** A body of an order with some of its fields, or a refund of it. */
    @Property(tries = 200)
    void bodiesOfAFewFieldsEachEndInOneRecordWhateverTheOrderAndTheBatches(@ForAll("states") List<State> states,
            @ForAll Random random) {
        Topics topics = Topics.ofNoInstallation(SHOPIFY, "US");
        List<FacetChange> arrivals = new ArrayList<>();
        for (State state : states) {
            String fields = state.rank() == 0 ? "'note': '%s', 'refunds': [{'id': 1, 'note': '%s'}]"
                    : "'total_price': '1%d.00', 'financial_status': 'paid', 'refunds': [{'id': 1, 'transactions': []}],"
                            + " 'line_items': [{'quantity': 1, 'price': '%s'}]";
            String body = ("{'id': " + state.record() + ", 'updated_at': '" + START.plusSeconds(state.second()) + "', "
                    + fields.formatted(state.rank() == 0 ? state.value() : state.second(), state.value()) + "}")
                    .replace('\'', '"');
            arrivals.addAll(topics.read(new ReceivedEvent(1, "main", "orders/updated",
                    START.plusMillis(state.triggered()), START, body.getBytes(StandardCharsets.UTF_8))).orElseThrow());
        }
        jdbc.execute("DELETE FROM mirror_facet");
        mirror.write(arrivals);
        Map<RecordKey, String> atOnce = records(arrivals);

        jdbc.execute("DELETE FROM mirror_facet");
        List<FacetChange> later = new ArrayList<>(arrivals);
        Collections.shuffle(later, random);
        while (!later.isEmpty()) {
            List<FacetChange> batch = later.subList(0, 1 + random.nextInt(later.size()));
            mirror.write(List.copyOf(batch));
            batch.clear();
        }

        assertThat(records(arrivals)).isEqualTo(atOnce);
        assertThat(mirror.write(arrivals)).isEmpty();
    }

    private static Map<RecordKey, String> records(List<FacetChange> of) {
        Map<RecordKey, String> records = new HashMap<>();
        mirror.read(of.stream().map(FacetChange::key).distinct().toList()).forEach((key, facets) ->
                records.put(key, CanonicalRecords.assemble(SHOPIFY.entity(key.entity()), key, facets.stream()
                        .sorted(Comparator.comparing(StoredFacet::name)).toList()).json().toString()));
        return records;
    }

    @Provide
    Arbitrary<List<State>> states() {
        return Combinators.combine(Arbitraries.integers().between(1, 2), Arbitraries.of("addresses", "tag:vip"),
                Arbitraries.integers().between(0, 2), Arbitraries.integers().between(0, 1),
                Arbitraries.integers().between(0, 2), Arbitraries.of("a", "b", "c")).as(State::new)
                .list().ofMinSize(1).ofMaxSize(25);
    }
}
