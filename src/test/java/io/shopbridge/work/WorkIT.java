package io.shopbridge.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.shopbridge.TestDatabase;
import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Claims of several threads and several processes on one real PostgreSQL. */
class WorkIT {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final long MUCH = Long.MAX_VALUE;
    private static final List<String> CRMS = List.of("hubspot");

    private static TestDatabase database;
    private final Neighbour here = new Neighbour();
    private final Neighbour there = new Neighbour();

    /** A process as its work sees it: connections, an instance and threads of its own. */
    private static final class Neighbour {
        private final HikariDataSource connections = new HikariDataSource();
        private final Instance instance;
        private final Doorbell doorbell = new Doorbell();
        private final Work work;
        private final BulkJobs jobs;

        Neighbour() {
            connections.setJdbcUrl(database.url());
            instance = new Instance(connections, JdbcClient.create(connections));
            TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(connections));
            work = new Work(new JdbcTemplate(connections), transaction, instance, doorbell);
            jobs = new BulkJobs(new JdbcTemplate(connections), transaction, new Doorbell());
            instance.start();
        }

        /** As kill -9 does it: nothing is given back, and the connections are gone. */
        void die() {
            connections.close();
        }
    }

    @BeforeAll
    static void makeDatabase() {
        database = TestDatabase.migrated();
    }

    @AfterAll
    static void dropDatabase() {
        database.close();
    }

    @BeforeEach
    void nothingWaits() {
        new JdbcTemplate(database.dataSource()).execute(
                "DELETE FROM work; DELETE FROM link; DELETE FROM crm_pause; DELETE FROM store_pause;"
                + " DELETE FROM bulk_job");
    }

    @AfterEach
    void close() {
        List.of(here, there).forEach(neighbour -> {
            if (!neighbour.connections.isClosed()) {
                neighbour.instance.stop();
                neighbour.connections.close();
            }
        });
    }

    /** The link's own look for those that wait can't see this one: its mark is not committed yet. */
    @Test
    void aRecordThatIsMarkedWhileItsCustomerIsLinkedDoesNotWait() {
        RecordKey customer = new RecordKey("main", RecordKey.CUSTOMER, "7");
        RecordKey order = new RecordKey("main", RecordKey.ORDER, "8");
        JdbcTemplate jdbc = new JdbcTemplate(there.connections);
        new TransactionTemplate(new JdbcTransactionManager(here.connections)).executeWithoutResult(status -> {
            here.work.mark(List.of(new Mark(order, customer.toString(), null)), CRMS);
            jdbc.update("INSERT INTO link (crm, store, entity, record_id, object, crm_id, base)"
                    + " VALUES ('hubspot', 'main', 'customer', '7', 'contacts', '1', '{}')");
            there.work.linked("hubspot", List.of(customer));
        });
        assertThat(claimed(1)).containsExactly(order);
        jdbc.update("DELETE FROM link");
    }

    @Test
    void recordsOfABulkJobWaitForItsEndEvenIfProcessesDie() {
        List<RecordKey> orders = orders(3);
        here.work.claim("hubspot", "order", 3, 3, MUCH);
        here.jobs.begin("hubspot", "orders", "upsert", "750A", List.of(row(orders.get(0), "line", "1"),
                row(orders.get(0), "line", "2"), row(orders.get(1), "order", orders.get(1).recordId())));
        here.jobs.begin("hubspot", "orders", "upsert", "750B", List.of(row(orders.get(0), "line", "3")));
        here.die();
        assertThat(claimed(1)).containsExactly(orders.get(2));
        assertThat(there.jobs.isUnderWay("hubspot", "order")).isTrue();

        BulkJob first = there.jobs.due(CRMS).get(0);
        there.jobs.over(first, Map.of("line 1", "001"), Map.of("line 2", "{}"));
        assertThat(claimed(1)).as("the other waits for the second job too").containsExactly(orders.get(1));
        there.jobs.over(there.jobs.due(CRMS).get(0), Map.of(), Map.of());
        assertThat(claimed(1)).containsExactly(orders.get(0));
        assertThat(there.jobs.isUnderWay("hubspot", "order")).isFalse();
        assertThat(there.jobs.take("hubspot", orders)).hasSize(4).anySatisfy(taken -> {
            assertThat(taken.part()).isEqualTo(new RecordKey("main", "line", "1"));
            assertThat(taken.crmId()).isEqualTo("001");
            assertThat(taken.object()).isEqualTo("orders");
        }).anySatisfy(taken -> assertThat(taken.answer()).isEqualTo("{}"));
        assertThat(there.jobs.take("hubspot", orders)).isEmpty();
    }

    @Test
    void aRecordWhoseJobIsOverBeforeItIsGivenBackIsDueAtOnce() {
        List<RecordKey> orders = orders(1);
        WorkItem item = here.work.claim("hubspot", "order", 1, 1, MUCH).get(0);
        here.jobs.begin("hubspot", "orders", "upsert", "750A", List.of(row(orders.get(0), "order", "0")));
        there.jobs.over(there.jobs.due(CRMS).get(0), Map.of(), Map.of());
        here.work.later(item, Instant.now().plusSeconds(3600), "a job writes it", null);
        here.work.over(List.of(item));
        assertThat(claimed(1)).containsExactly(orders.get(0));
    }

    @Test
    void aJobIsLookedAtByOneProcessAndTheNextOfItsObjectWaitsForItsEnd() {
        List<RecordKey> orders = orders(2);
        here.jobs.begin("hubspot", "orders", "upsert", "750A", List.of(row(orders.get(0), "order", "0")));
        here.jobs.begin("hubspot", "orders", "upsert", "750B", List.of(row(orders.get(1), "order", "1")));
        List<BulkJob> due = here.jobs.due(CRMS);
        assertThat(due).extracting(BulkJob::id).containsExactly("750A");
        assertThat(there.jobs.due(CRMS)).isEmpty();
        here.jobs.started(due.get(0), Instant.now());
        assertThat(there.jobs.due(CRMS)).singleElement().satisfies(job -> assertThat(job.isStarted()).isTrue());
        here.jobs.over(due.get(0), Map.of(), Map.of());
        assertThat(there.jobs.due(CRMS)).extracting(BulkJob::id).containsExactly("750B");
    }

    private List<RecordKey> orders(int count) {
        List<RecordKey> orders = IntStream.range(0, count)
                .mapToObj(i -> new RecordKey("main", "order", Integer.toString(i))).toList();
        here.work.mark(orders.stream().map(order -> new Mark(order, null, null)).toList(), CRMS);
        return orders;
    }

    private static BulkRow row(RecordKey of, String entity, String id) {
        return new BulkRow(of, new RecordKey(of.store(), entity, id), "orders", entity + " " + id, "{}", "{}", null, null);
    }

    private List<RecordKey> claimed(int count) {
        List<RecordKey> claimed = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            there.work.claim("hubspot", "order", 10, 10, MUCH).forEach(item -> claimed.add(item.key()));
            return claimed.size() >= count;
        });
        return claimed;
    }

    @Test
    void whatABackfillBroughtIsClaimedAfterAllOther() {
        List<Mark> history = IntStream.range(0, 5).mapToObj(i -> new Mark(new RecordKey("main", "order",
                "old" + i), null, null, true)).toList();
        here.work.mark(history, CRMS);
        Mark today = new Mark(new RecordKey("main", "order", "today"), null, null);
        here.work.mark(List.of(today), CRMS);
        assertThat(claimed(here.work, 1)).containsExactly(today.key());
        // What changes today is no longer history.
        here.work.mark(List.of(new Mark(history.get(3).key(), null, null)), CRMS);
        assertThat(claimed(here.work, 1)).containsExactly(history.get(3).key());
        here.work.mark(List.of(history.get(3)), CRMS);
        assertThat(here.work.isDueAbove("hubspot", "order", 3)).isTrue();
        assertThat(here.work.dueToday("hubspot", "order", 10)).isZero();
        assertThat(here.work.claim("hubspot", "order", 10, 0, MUCH)).isEmpty();
        assertThat(claimed(here.work, 10)).containsExactlyInAnyOrderElementsOf(history.stream().map(Mark::key)
                .filter(key -> !key.equals(history.get(3).key())).toList());
    }

    private static List<RecordKey> claimed(Work work, int most) {
        return work.claim("hubspot", "order", most, most, MUCH).stream().map(WorkItem::key).toList();
    }

    @Test
    void givingBackAClaimAndFreeingItDoNotDeadlock() throws Exception {
        List<RecordKey> persons = IntStream.range(0, 300)
                .mapToObj(i -> new RecordKey("main", "customer", Integer.toString(i))).toList();
        here.work.mark(IntStream.range(0, 300).mapToObj(i -> new Mark(new RecordKey("main", "order",
                Integer.toString(7 * i % 300)), null, null)).toList(), CRMS);
        List<WorkItem> inAnyOrder = new ArrayList<>(here.work.claim("hubspot", "order", 300, 300, MUCH));
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(here.connections));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Future<?> giving = threads.submit(() -> {
            for (int round = 0; round < 20; round++) {
                Collections.shuffle(inAnyOrder, new Random(round));
                transaction.executeWithoutResult(status -> {
                    here.work.lock("hubspot", inAnyOrder);
                    inAnyOrder.forEach(item -> here.work.later(item, Instant.now(), "waits for a person",
                            "customer/" + item.key().recordId()));
                });
                here.work.claim("hubspot", "order", 300, 300, MUCH);
            }
        });
        Future<?> freeing = threads.submit(() -> {
            while (!giving.isDone()) {
                there.work.linked("hubspot", persons);
            }
        });
        giving.get();
        freeing.get();
        threads.shutdown();
    }

    @Test
    void everyRecordIsClaimedOnceByWhomever() throws Exception {
        here.work.mark(IntStream.range(0, 1000).mapToObj(WorkIT::mark).toList(), CRMS);
        List<RecordKey> claimed = Collections.synchronizedList(new ArrayList<>());
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Work work = i % 2 == 0 ? here.work : there.work;
            running.add(threads.submit(() -> {
                List<WorkItem> items = work.claim("hubspot", "customer", 7, 7, MUCH);
                while (!items.isEmpty()) {
                    items.forEach(item -> claimed.add(item.key()));
                    work.end("hubspot", items);
                    work.over(items);
                    items = work.claim("hubspot", "customer", 7, 7, MUCH);
                }
            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
        threads.shutdown();
        assertThat(claimed).hasSize(1000).doesNotHaveDuplicates();
        assertThat(waiting()).isZero();
    }

    @Test
    void whatTheCrmHasCanBeClaimedAloneHoweverManyWaitBeforeIt() {
        here.work.mark(IntStream.range(0, 20).mapToObj(WorkIT::mark).toList(), CRMS);
        link(7);
        link(11);
        assertThat(here.work.claimLinked("hubspot", "customer", 100, 100, MUCH)).extracting(WorkItem::key)
                .containsExactlyInAnyOrder(key(7), key(11));

        here.work.mark(IntStream.range(20, 2100).mapToObj(WorkIT::mark).toList(), CRMS);
        here.work.mark(List.of(mark(2100)), CRMS);
        link(2100);
        assertThat(here.work.claimLinked("hubspot", "customer", 100, 100, MUCH)).as("too far behind to be looked at")
                .isEmpty();
        assertThat(here.work.claim("hubspot", "customer", 1000, 1000, MUCH)).hasSize(1000);
        assertThat(here.work.claimLinked("hubspot", "customer", 100, 100, MUCH)).extracting(WorkItem::key)
                .containsExactly(key(2100));
    }

    @Test
    void onlyWhatIsDueIsRungFor() throws InterruptedException {
        here.work.mark(List.of(mark(1)), CRMS);
        new JdbcTemplate(database.dataSource()).update("UPDATE work SET due_at = clock_timestamp() + interval '1 hour'");
        Duration atOnce = Duration.ofMillis(1);
        there.work.ringForDue(Map.of("hubspot", List.of("order", "customer")));
        assertThat(there.doorbell.await("work-hubspot-customer", atOnce)).isFalse();

        new JdbcTemplate(database.dataSource()).update("UPDATE work SET due_at = clock_timestamp()");
        there.work.ringForDue(Map.of("hubspot", List.of("order", "customer"), "pipedrive", List.of("customer")));
        assertThat(there.doorbell.await("work-hubspot-customer", atOnce)).isTrue();
        assertThat(there.doorbell.await("work-hubspot-order", atOnce)).isFalse();
        assertThat(there.doorbell.await("work-pipedrive-customer", atOnce)).isFalse();

        here.work.pause("hubspot", Instant.now().plusSeconds(100), "it asked for that");
        there.work.ringForDue(Map.of("hubspot", List.of("customer")));
        assertThat(there.doorbell.await("work-hubspot-customer", atOnce)).isFalse();
    }

    @Test
    void aPausedStoresRecordsAreSetAsideAndReturnWhenItIsResumed() throws InterruptedException {
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        StorePauses pauses = new StorePauses(jdbc);
        here.work.mark(List.of(mark(1)), CRMS);
        here.work.mark(List.of(new Mark(key(2), null, null, true)), CRMS);
        pauses.pause(key(1).store(), Instant.now(), "a test");
        there.work.ringForDue(Map.of("hubspot", List.of("customer")));
        here.work.mark(List.of(mark(3)), CRMS);
        here.work.mark(List.of(new Mark(new RecordKey("other", "customer", "4"), null, null)), CRMS);

        assertThat(jdbc.queryForList("SELECT record_id FROM work WHERE set_aside ORDER BY 1", String.class))
                .containsExactly("1", "2", "3");
        assertThat(here.work.isLaterAbove("hubspot", 0)).as("what waits for an operator holds up no other's").isFalse();
        there.work.ringForDue(Map.of("hubspot", List.of("customer")));
        assertThat(here.work.claim("hubspot", "customer", 100, 100, MUCH)).extracting(item -> item.key().recordId())
                .containsExactly("4");

        pauses.resume(key(1).store());
        assertThat(there.doorbell.await("work-hubspot-customer", Duration.ofMillis(1))).as("of the other").isTrue();
        there.work.ringForDue(Map.of("hubspot", List.of("customer")));
        assertThat(there.doorbell.await("work-hubspot-customer", Duration.ofMillis(1))).isTrue();
        assertThat(here.work.claim("hubspot", "customer", 100, 100, MUCH)).extracting(item -> item.key().recordId())
                .containsExactlyInAnyOrder("1", "2", "3");
    }

    private static void link(int number) {
        new JdbcTemplate(database.dataSource()).update("INSERT INTO link (crm, store, entity, record_id, object, crm_id,"
                + " base) VALUES ('hubspot', ?, ?, ?, 'contacts', ?, '{}')", key(number).store(), key(number).entity(),
                key(number).recordId(), "5" + number);
    }

    @Test
    void whatChangesDuringItsDeliveryIsDeliveredAgain() {
        here.work.mark(List.of(mark(1)), CRMS);
        List<WorkItem> items = here.work.claim("hubspot", "customer", 10, 10, MUCH);
        there.work.mark(List.of(mark(1)), CRMS);
        assertThat(there.work.claim("hubspot", "customer", 10, 10, MUCH)).as("not by two at once").isEmpty();

        here.work.end("hubspot", items);

        assertThat(there.work.claim("hubspot", "customer", 10, 10, MUCH)).extracting(WorkItem::key).containsExactly(key(1));
    }

    @Test
    void whatAKilledProcessHadClaimedIsTakenBack() {
        here.work.mark(List.of(mark(1)), CRMS);
        assertThat(there.work.claim("hubspot", "customer", 10, 10, MUCH)).hasSize(1);
        there.die();

        await().atMost(PATIENCE).until(() -> here.work.claim("hubspot", "customer", 10, 10, MUCH).size() == 1);
    }

    /** It goes on writing to the CRM: nobody else may do the same meanwhile. */
    @Test
    void whatAProcessHadClaimedThatLostOneConnectionStaysIts() {
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        await().atMost(PATIENCE).until(() -> jdbc.queryForObject("SELECT pg_postmaster_start_time() < clock_timestamp()"
                + " - interval '11 seconds'", Boolean.class));     // no restart of the server is the reason
        here.work.mark(List.of(mark(1)), CRMS);
        assertThat(there.work.claim("hubspot", "customer", 10, 10, MUCH)).hasSize(1);
        String lock = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = " + Instance.LOCK_CLASS
                + " AND objid = " + there.instance.id();
        Integer first = await().atMost(PATIENCE).until(() -> jdbc.queryForList(lock, Integer.class).stream().findFirst()
                .orElse(null), Objects::nonNull);
        jdbc.queryForObject("SELECT pg_terminate_backend(?)", Boolean.class, first);
        await().atMost(PATIENCE).until(() -> !jdbc.queryForList(lock + " AND pid <> " + first, Integer.class).isEmpty());

        assertThat(here.work.claim("hubspot", "customer", 10, 10, MUCH)).isEmpty();
    }

    @Test
    void aClaimWhoseEndCouldNotBeWrittenIsFreedAndARunningOneIsNot() {
        here.work.mark(List.of(mark(1), mark(2)), CRMS);
        List<WorkItem> both = here.work.claim("hubspot", "customer", 10, 10, MUCH);
        List<WorkItem> lost = both.stream().filter(item -> item.key().equals(key(1))).toList();
        here.work.over(lost);

        List<WorkItem> again = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> again.addAll(here.work.claim("hubspot", "customer", 10, 10, MUCH)));
        assertThat(again).extracting(WorkItem::key).containsExactly(key(1));
    }

    @Test
    void nothingIsClaimedForACrmThatAskedToWait() {
        here.work.mark(List.of(mark(1)), CRMS);
        there.work.pause("hubspot", Instant.now().plusSeconds(60), "429");
        assertThat(here.work.claim("hubspot", "customer", 10, 10, MUCH)).isEmpty();
    }

    @Test
    void aRecordThatWaitsForAnotherIsFreedWhenThatOneIsLinked() {
        here.work.mark(List.of(new Mark(new RecordKey("main", "order", "9"), "customer/1", null)), CRMS);
        assertThat(here.work.claim("hubspot", "order", 10, 10, MUCH)).isEmpty();
        there.work.linked("hubspot", List.of(key(1)));
        assertThat(here.work.claim("hubspot", "order", 10, 10, MUCH)).hasSize(1);
    }

    private static long waiting() {
        return new JdbcTemplate(database.dataSource()).queryForObject("SELECT count(*) FROM work", Long.class);
    }

    private static Mark mark(int number) {
        return new Mark(key(number), null, null);
    }

    private static RecordKey key(int number) {
        return new RecordKey("main", "customer", Integer.toString(number));
    }

    @Test
    void aClaimIsFullByItsBytesTooAndTakesOneInAnyCase() {
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        here.work.mark(IntStream.range(0, 5).mapToObj(WorkIT::mark).toList(), CRMS);
        for (int i = 0; i < 5; i++) {
            jdbc.update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                    + " VALUES ('main', 'customer', ?, 'profile', now(), '', ?)", key(i).recordId(), new byte[1000]);
        }
        assertThat(here.work.claim("hubspot", "customer", 10, 10, 1500)).extracting(WorkItem::bytes)
                .containsExactly(1000L, 1000L);
        assertThat(here.work.claim("hubspot", "customer", 10, 10, 1)).hasSize(1);
        assertThat(here.work.claim("hubspot", "customer", 10, 10, MUCH)).hasSize(2);
        jdbc.execute("DELETE FROM mirror_facet");
    }
}
