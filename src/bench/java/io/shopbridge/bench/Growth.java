package io.shopbridge.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.bench.ThreadTimes.Group;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import io.shopbridge.work.WorkItem;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a webhook costs, and what a claim takes, while the tables grow: {@code mvn test -Dtest=Growth}, with
 * {@code -Dgrowth.records=10000,100000,1000000} in the mirror and {@code -Dgrowth.backlog=1000,100000,1000000} records
 * due. The application fills neither: one customer's life that it wrote itself is copied in the database, under other
 * ids, so that every row has the shape that the application gives it. What is sent then is about new customers. The
 * smallest size is measured once more at the end, to tell growth from what else has changed meanwhile.
 */
class Growth {

    private static final int[] RECORDS = numbers("growth.records", "10000,100000,1000000,10000");
    private static final int[] BACKLOG = numbers("growth.backlog", "1000,100000,1000000,1000");
    private static final int WARM_UP = Integer.getInteger("growth.warm-up", 4_000);
    private static final int WEBHOOKS = Integer.getInteger("growth.webhooks", 600);
    private static final int PER_SECOND = Integer.getInteger("growth.pace", 40);
    private static final int ROUNDS = 3;
    private static final int CLAIM = 100;
    private static final int CLAIMS = 8;
    /** No CRM of the application, so that it claims nothing of this backlog. */
    private static final String CRM = "bench";
    private static final String OWNER = "shopbridge";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** A life is a customer and two orders. */
    private static final int RECORDS_OF_A_LIFE = 3;
    private static final int CHUNK = 20_000;
    /** Ids as long as the workload's, and before them, as those of earlier customers are. */
    private static final long FIRST_COPY = 6_000_000_000_000L;

    /** The tables that grow with the mirror, and their columns that must be unique or that would fill the disk. */
    private static final Map<String, Map<String, String>> FILLED = Map.of(
            "inbox", Map.of("webhook_id", "gen_random_uuid()::text", "body", "substring(t.body, 1, 100)",
                    "fingerprint", "sha256(convert_to(n || ' ' || t.id, 'UTF8'))"),
            "mirror_facet", Map.of(),
            "order_figures", Map.of(),
            "link", Map.of("crm_id", "t.crm_id || lpad(n::text, 9, '0')"),
            "identity_claim", Map.of("key", "sha256(t.key || convert_to(n::text, 'UTF8'))"),
            "outcome", Map.of());

    private static Path directory;
    private static EmbeddedPostgres server;
    private static SimulatedCrmOne crm;
    private static RunningShopbridge shopbridge;
    private static JdbcTemplate database;
    private static Workload workload;
    private static Load load;
    /** The customer whose rows are copied, and how often they were. */
    private static String life;
    private static int copies;

    /**
     * What was spent: processor time of the application's threads and of PostgreSQL, and time of statements, in ms; how
     * many statements that were, which tells how much was done together; and the pages of tables and indexes that they
     * looked at, which no other load on the machine changes.
     */
    private record Cost(double application, double postgres, double millis, double statements, double pages) {

        double processor() {
            return application + postgres;
        }

        double pagesOfAStatement() {
            return pages / statements;
        }

        Cost since(Cost before, int webhooks) {
            return new Cost((application - before.application) / webhooks, (postgres - before.postgres) / webhooks,
                    (millis - before.millis) / webhooks, (statements - before.statements) / webhooks,
                    (pages - before.pages) / webhooks);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        directory = Files.createTempDirectory("shopbridge-growth");
        // As the server that Shopbridge brings along, and with the extension that counts the time of statements.
        server = EmbeddedPostgres.builder().setDataDirectory(directory.resolve("postgres"))
                .setServerConfig("fsync", "on").setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on").setServerConfig("timezone", "UTC")
                .setServerConfig("shared_buffers", "128MB").setServerConfig("wal_compression", "on")
                .setServerConfig("max_wal_size", "2GB").setServerConfig("random_page_cost", "1.1")
                .setServerConfig("jit", "off").setServerConfig("autovacuum_naptime", "10s")
                .setServerConfig("listen_addresses", "localhost").setServerConfig("unix_socket_directories", "")
                .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                .setServerConfig("pg_stat_statements.track_planning", "on")
                .setLocaleConfig("locale-provider", "builtin").setLocaleConfig("builtin-locale", "C.UTF-8")
                .setLocaleConfig("locale", "C").start();
        JdbcTemplate postgres = new JdbcTemplate(server.getPostgresDatabase());
        postgres.execute("CREATE ROLE " + OWNER + " LOGIN");
        postgres.execute("CREATE DATABASE " + OWNER + " OWNER " + OWNER);
        database = new JdbcTemplate(server.getDatabase("postgres", OWNER));
        database.execute("CREATE EXTENSION pg_stat_statements");
        crm = SimulatedCrmOne.start(0, Options.defaults().unlimited());
        shopbridge = RunningShopbridge.only("--spring.datasource.url=" + server.getJdbcUrl(OWNER, OWNER),
                "--shopbridge.mappings-dir=mappings", "--shopbridge.stores.main.domain=" + Workload.DOMAIN,
                "--shopbridge.stores.main.webhook-secrets=" + Workload.SECRET, "--shopbridge.stores.main.crms=crm-one",
                "--shopbridge.crms.crm-one.base-url=" + crm.baseUrl(),
                "--shopbridge.crms.crm-one.token=" + Options.DEFAULT_TOKEN);
        workload = new Workload(shopbridge.port(), 1);
        load = new Load(shopbridge.port(), 8);
        begin();
        // Enough to compile what is measured.
        deliver(WARM_UP, Double.POSITIVE_INFINITY);
    }

    @AfterAll
    static void stop() throws IOException {
        for (AutoCloseable one : new AutoCloseable[] {shopbridge, crm, server}) {
            try {
                if (one != null) {
                    one.close();
                }
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(file -> assertThat(file.delete()).isTrue());
        }
    }

    @Test
    void costOfAWebhook() throws InterruptedException {
        Map<String, double[]> pages = new HashMap<>();
        for (int size = 0; size < RECORDS.length; size++) {
            fill(RECORDS[size]);
            deliver(WEBHOOKS / 2, PER_SECOND);
            database.execute("SELECT pg_stat_statements_reset()");
            List<Cost> costs = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                costs.add(deliver(WEBHOOKS, PER_SECOND));
            }
            int place = size;
            statements("sum(shared_blks_hit + shared_blks_read) / sum(calls)").forEach((sql, count) ->
                    pages.computeIfAbsent(sql, any -> new double[RECORDS.length])[place] = count);
            say("%,9d records: a webhook costs %.2f ms of processor time (HTTP and Camel %.2f, PostgreSQL %.2f); its %.1f"
                    + " statements take %.2f ms and look at %.1f pages each", RECORDS[size],
                    median(costs, Cost::processor), median(costs, Cost::application), median(costs, Cost::postgres),
                    median(costs, Cost::statements), median(costs, Cost::millis), median(costs, Cost::pagesOfAStatement));
        }
        say("Statements that look at most pages, pages each at each size:");
        pages.entrySet().stream().sorted(Comparator.comparingDouble(one -> -Arrays.stream(one.getValue()).max()
                .orElse(0))).limit(15).forEach(one -> say("  %s  %.120s", Arrays.stream(one.getValue())
                        .mapToObj(count -> String.format(Locale.ROOT, "%7.1f", count)).toList(), one.getKey()));
    }

    @Test
    void timeOfAClaim() throws InterruptedException {
        fill(RECORDS[0]);
        Work work = shopbridge.bean(Work.class);
        for (int size : BACKLOG) {
            List<Double> millis = new ArrayList<>();
            List<Double> pages = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                backlog(size);
                for (int i = 0; i < CLAIMS; i++) {
                    double before = spent().pages();
                    long begin = System.nanoTime();
                    List<WorkItem> claimed = work.claim(CRM, "order", CLAIM, CLAIM, Long.MAX_VALUE);
                    millis.add((System.nanoTime() - begin) / 1e6);
                    pages.add(spent().pages() - before);
                    assertThat(claimed).hasSize(CLAIM);
                    work.end(CRM, claimed);
                    work.over(claimed);
                }
            }
            say("%,9d records due: a claim of %d takes %.1f ms, the fastest %.1f ms, and looks at %.0f pages",
                    size, CLAIM, median(millis, Double::doubleValue), millis.stream().min(Double::compare).orElseThrow(),
                    median(pages, Double::doubleValue));
        }
        database.execute("TRUNCATE work");
    }

    /** Sends this many webhooks and waits until the CRM has everything; what that took of the processors. */
    private static Cost deliver(int wanted, double perSecond) throws InterruptedException {
        List<Webhook> webhooks = workload.webhooks(wanted);
        Cost before = spent();
        assertThat(load.send(webhooks, perSecond).refused()).isZero();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> Boolean.TRUE.equals(
                database.queryForObject("SELECT NOT EXISTS (SELECT 1 FROM inbox_waiting) AND NOT EXISTS (SELECT 1 FROM"
                        + " work WHERE crm = 'crm-one')", Boolean.class)));
        return spent().since(before, webhooks.size());
    }

    private static Cost spent() {
        ThreadTimes threads = ThreadTimes.of(ProcessHandle.current().pid());
        return new Cost(threads.of(Group.HTTP) + threads.of(Group.CAMEL),
                new PostgresProcesses(directory.resolve("postgres")).cpu().toNanos() / 1e6,
                sum("sum(total_plan_time + total_exec_time)"), sum("sum(calls)"),
                sum("sum(shared_blks_hit + shared_blks_read)"));
    }

    private static double sum(String aggregate) {
        return statements(aggregate).values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** The application's statements, each with an aggregate of what pg_stat_statements counts. */
    private static Map<String, Double> statements(String aggregate) {
        Map<String, Double> figures = new HashMap<>();
        database.query("SELECT regexp_replace(query, '\\$[0-9]+|\\s+', ' ', 'g') AS sql, " + aggregate
                + " FROM pg_stat_statements WHERE userid = '" + OWNER + "'::regrole GROUP BY sql",
                row -> {
                    figures.put(row.getString(1), row.getDouble(2));
                });
        return figures;
    }

    /** Empties the database, has the application write one life, and keeps what it wrote apart. */
    private static void begin() throws InterruptedException {
        database.execute("TRUNCATE inbox_waiting, work, " + String.join(", ", FILLED.keySet()));
        copies = 0;
        life = Long.toString(workload.nextCustomer());
        deliver(1, PER_SECOND);
        database.execute("DROP SCHEMA IF EXISTS life CASCADE; CREATE SCHEMA life");
        FILLED.keySet().forEach(table -> database.execute("CREATE TABLE life." + table + " AS TABLE public." + table));
    }

    private static void fill(int records) throws InterruptedException {
        int wanted = records / RECORDS_OF_A_LIFE;
        if (copies > wanted) {
            begin();
        }
        while (copies < wanted) {
            int to = Math.min(wanted, copies + CHUNK);
            // In one transaction: the application counts orders whose figures it misses.
            database.execute("BEGIN; " + FILLED.entrySet().stream().map(table -> copy(table.getKey(), table.getValue(),
                    copies, to - 1)).collect(Collectors.joining("; ")) + "; COMMIT");
            copies = to;
        }
        database.execute("VACUUM (ANALYZE) " + String.join(", ", FILLED.keySet()));
        database.execute("CHECKPOINT");
        checkCopy();
    }

    /**
     * A statement that copies the rows of the life under other ids. Every id of a life begins with the customer's, and every text of it
     * names none but these.
     *
     * @param others columns that are not copied so, with what they become instead
     */
    private static String copy(String table, Map<String, String> others, int from, int to) {
        Map<String, String> columns = new LinkedHashMap<>();
        database.query("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
                + " AND table_name = ? AND is_identity = 'NO'", row -> {
                    columns.put(row.getString(1), switch (row.getString(2)) {
                        case "text" -> "replace(t.%1$s, '%2$s', (%3$s + n)::text)";
                        case "bytea" -> "convert_to(replace(convert_from(t.%1$s, 'UTF8'), '%2$s', (%3$s + n)::text),"
                                + " 'UTF8')";
                        default -> "t.%1$s";
                    });
                }, table);
        columns.replaceAll((column, copied) -> others.getOrDefault(column, copied.formatted(column, life, FIRST_COPY)));
        return "INSERT INTO %1$s (%2$s) SELECT %3$s FROM life.%1$s t, generate_series(%4$d, %5$d) AS n".formatted(table,
                String.join(", ", columns.keySet()), String.join(", ", columns.values()), from, to);
    }

    /** The application reads a copy as it reads the life. */
    private static void checkCopy() {
        CanonicalRecords records = shopbridge.bean(CanonicalRecords.class);
        String copied = Long.toString(FIRST_COPY + copies - 1);
        for (String record : List.of("customer ", "order 0", "order 1")) {
            String entity = record.substring(0, record.indexOf(' '));
            String suffix = record.substring(entity.length() + 1);
            RecordKey original = new RecordKey(Workload.STORE, entity, life + suffix);
            RecordKey copy = new RecordKey(Workload.STORE, entity, copied + suffix);
            assertThat(records.load(List.of(copy)).get(copy).json().toString().replace(copied, life))
                    .isEqualTo(records.load(List.of(original)).get(original).json().toString());
        }
    }

    private static void backlog(int size) {
        database.execute("TRUNCATE work");
        database.update("INSERT INTO work (crm, store, entity, record_id, marked_at, due_at) SELECT ?, ?, 'order',"
                + " ((? + n / 2) * 10 + n % 2)::text, at, at FROM generate_series(0, ? - 1) AS n,"
                + " LATERAL (SELECT clock_timestamp() - (? - n) * interval '1 millisecond') AS time (at)",
                CRM, Workload.STORE, FIRST_COPY, size, size);
    }

    private static <T> double median(List<T> rounds, ToDoubleFunction<T> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static int[] numbers(String property, String otherwise) {
        return Arrays.stream(System.getProperty(property, otherwise).split(",")).mapToInt(Integer::parseInt).toArray();
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
