package io.shopbridge.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.fuzz.Samples.Sample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Broken bodies with a right signature, broken requests, and good records in between. {@code mvn verify} sends a minute's
 * part; all of it: {@code mvn test -Dtest=FuzzIT -Dfuzz.bodies=20000 -Dfuzz.requests=500}. Another
 * {@code -Dfuzz.seed=…} sends others. A failure names bodies and requests by number; {@code -Dfuzz.only=137} with the same
 * seed sends that mutation alone with the good records. {@code -Dfuzz.per-second=1000} sends as fast as they are answered.
 */
class FuzzIT {

    private static final long SEED = Long.getLong("fuzz.seed", 20_261_126);
    private static final int BODIES = Integer.getInteger("fuzz.bodies", 500);
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 100);
    /** What a shop sends at its busiest; HubSpot allows nine calls a second, and each refusal costs some. */
    private static final int PER_SECOND = Integer.getInteger("fuzz.per-second", 60);
    private static final int GOOD = Integer.getInteger("fuzz.good", 200);
    private static final int ONLY = Integer.getInteger("fuzz.only", -1);
    /** Pipedrive's limits allow few. */
    private static final int GOOD_OF_SLOW = 10;
    private static final Duration INTO_THE_MIRROR = Duration.ofSeconds(15);
    private static final Duration DELIVERED = Duration.ofSeconds(Integer.getInteger("fuzz.delivered-seconds", 45));
    private static final long FIRST_GOOD = 9_000_000_000_000L;
    /** HTTP's own answers to a transfer coding or a version that no server knows. */
    private static final List<Integer> NOT_HTTP = List.of(501, 505);
    private static final int SENDERS = 8;
    private static final int NAMED = 20;

    @TempDir
    private Path directory;
    private final Map<Integer, Integer> answers = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();

    @Test
    void theWorstThatABodyOrARequestCanDoIsFailByItself() throws Exception {
        List<Sample> samples = Samples.all();
        try (FuzzedProcess shopbridge = new FuzzedProcess(directory)) {
            long began = System.nanoTime();
            send(shopbridge, samples);
            Duration sent = since(began);
            boolean taken = within(INTO_THE_MIRROR, () -> count(shopbridge, "SELECT count(*) FROM inbox_waiting") == 0);
            boolean delivered = within(DELIVERED, () -> undelivered(shopbridge).isEmpty());

            SoftAssertions holds = new SoftAssertions();
            holds.assertThat(shopbridge.isAlive()).as("the process lives").isTrue();
            holds.assertThat(wrong).as("answers that are 5xx but not 503, or none to a signed body").isEmpty();
            holds.assertThat(taken ? List.of() : stuck(shopbridge)).as("acknowledged, and not in the mirror after "
                    + INTO_THE_MIRROR.toSeconds() + " s").isEmpty();
            holds.assertThat(lost(shopbridge)).as("acknowledged, and neither outcome nor facet").isEmpty();
            holds.assertThat(delivered ? List.of() : undelivered(shopbridge)).as("good records that are not in their CRM "
                    + DELIVERED.toSeconds() + " s after the last").isEmpty();
            holds.assertThat(failures(shopbridge)).as("failures that no sentence explains").isEmpty();
            log(shopbridge.log(), samples, holds);
            System.out.printf("Fuzz, seed %d: %d bodies and %d requests in %d s, answers %s; after %d s: %s%n", SEED,
                    accepted.size(), REQUESTS, sent.toSeconds(), new TreeMap<>(answers), since(began).toSeconds(),
                    shopbridge.isAlive() ? shopbridge.texts("SELECT coalesce(crm, 'event') || ' ' || outcome || ' '"
                            + " || count(*) FROM outcome GROUP BY crm, outcome ORDER BY 1") : "the process is gone");
            holds.assertAll();
        }
    }

    private void send(FuzzedProcess shopbridge, List<Sample> samples) throws InterruptedException {
        List<Runnable> all = new ArrayList<>();
        if (ONLY < 0) {
            HandMade.all().forEach(body -> {
                all.add(() -> post(shopbridge, FuzzedProcess.MAIN, body));
                all.add(() -> post(shopbridge, FuzzedProcess.SLOW, body));
            });
            for (int i = 0; i < BODIES; i++) {
                int number = i;
                all.add(() -> post(shopbridge, FuzzedProcess.MAIN, Mutation.of(samples, SEED, number)));
            }
            for (int i = 0; i < REQUESTS; i++) {
                BrokenRequest request = new BrokenRequest(SEED, i);
                all.add(() -> send(shopbridge, request));
            }
        } else {
            all.add(() -> post(shopbridge, FuzzedProcess.MAIN, Mutation.of(samples, SEED, ONLY)));
            all.add(() -> post(shopbridge, FuzzedProcess.SLOW, Mutation.of(samples, SEED, ONLY)));
        }
        for (int i = 0; i < GOOD; i++) {
            String store = i < GOOD_OF_SLOW ? FuzzedProcess.SLOW : FuzzedProcess.MAIN;
            Body body = good(i);
            all.add(() -> post(shopbridge, store, body));
        }
        Collections.shuffle(all, new Random(SEED));
        ScheduledExecutorService senders = Executors.newScheduledThreadPool(SENDERS);
        for (int i = 0; i < all.size(); i++) {
            senders.schedule(all.get(i), i * 1_000_000L / PER_SECOND, TimeUnit.MICROSECONDS);
        }
        senders.shutdown();
        assertThat(senders.awaitTermination(30, TimeUnit.MINUTES)).as("sent").isTrue();
    }

    private void post(FuzzedProcess shopbridge, String store, Body body) {
        int status = shopbridge.post(store, body);
        answers.merge(status, 1, Integer::sum);
        if (status == 0 || status >= 500 && status != 503) {
            wrong.add(status + " to " + body);
        } else if (status == 200) {
            accepted.add(store + " " + body.name());
        }
    }

    private void send(FuzzedProcess shopbridge, BrokenRequest request) {
        try {
            int status = request.send(shopbridge.port());
            answers.merge(status, 1, Integer::sum);
            if (status >= 500 && status != 503 && !NOT_HTTP.contains(status)) {
                wrong.add(status + " to " + request);
            }
        } catch (IOException e) {
            wrong.add("no connection for " + request);
        }
    }

    /** A customer, or a guest's order, whom nothing joins to anybody else. */
    private static Body good(int number) {
        String time = Instant.now().toString();
        String body = number % 2 == 0 ? """
                {"id": %1$d, "email": "good%1$d@good.example", "first_name": "Ada", "last_name": "Number%1$d",
                 "created_at": "2026-11-01T10:00:00Z", "updated_at": "%2$s"}""" : """
                {"id": %1$d, "name": "#%1$d", "email": "good%1$d@good.example", "currency": "EUR",
                 "created_at": "2026-11-01T10:00:00Z", "updated_at": "%2$s", "financial_status": "paid",
                 "total_price": "20.00", "current_total_price": "20.00", "billing_address": {"first_name": "Bo",
                 "last_name": "Number%1$d"}, "line_items": [{"id": 7%1$d, "name": "Lamp", "quantity": 1,
                 "current_quantity": 1, "price": "20.00"}]}""";
        return new Body("good " + number, number % 2 == 0 ? "customers/create" : "orders/create",
                body.formatted(FIRST_GOOD + number, time).getBytes(StandardCharsets.UTF_8));
    }

    /** Good records without a delivered outcome, by CRM. */
    private List<String> undelivered(FuzzedProcess shopbridge) {
        Set<String> delivered = Set.copyOf(shopbridge.texts("SELECT DISTINCT crm || ' ' || record_id FROM outcome"
                + " WHERE outcome = 'delivered' AND record_id LIKE '9000000%'"));
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < GOOD; i++) {
            boolean slow = i < GOOD_OF_SLOW;
            long id = FIRST_GOOD + i;
            for (String crm : slow ? List.of("pipedrive") : List.of("hubspot", "crm-one", "salesforce")) {
                if (accepted.contains((slow ? FuzzedProcess.SLOW : FuzzedProcess.MAIN) + " good " + i)
                        && !delivered.contains(crm + " " + id)) {
                    missing.add(crm + " good " + i + latest(shopbridge, crm, id));
                }
            }
        }
        return missing;
    }

    private static String latest(FuzzedProcess shopbridge, String crm, long id) {
        return shopbridge.texts("SELECT ' attempts ' || attempts || coalesce(', ' || because, '') FROM work WHERE crm = ?"
                + " AND record_id = ?", crm, Long.toString(id)).toString();
    }

    private static List<String> stuck(FuzzedProcess shopbridge) {
        return shopbridge.texts("SELECT webhook_id || ' ' || topic || ' ' || left(encode(sha256(body), 'hex'), 12)"
                + " FROM inbox JOIN inbox_waiting USING (id) ORDER BY id LIMIT " + NAMED);
    }

    /** What a later event said otherwise of the same record before anybody was to be told is not lost. */
    private static List<String> lost(FuzzedProcess shopbridge) {
        return shopbridge.texts("""
                SELECT webhook_id || ' ' || topic || ' ' || left(encode(sha256(body), 'hex'), 12) FROM inbox i
                WHERE NOT EXISTS (SELECT 1 FROM inbox_waiting w WHERE w.id = i.id)
                    AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.inbox_id = i.id)
                    AND NOT EXISTS (SELECT 1 FROM rejected r WHERE r.inbox_id = i.id)
                    AND NOT EXISTS (SELECT 1 FROM mirror_facet f WHERE f.inbox_id = i.id OR f.inbox_id > i.id
                        AND position(f.record_id IN convert_from(i.body, 'LATIN1')) > 0) LIMIT\s""" + NAMED);
    }

    private static List<String> failures(FuzzedProcess shopbridge) {
        return shopbridge.texts("""
                SELECT coalesce(crm, 'event') || ' ' || coalesce(entity, topic) || ': ' || left(because, 200) || ', '
                    || count(*) || ' times, as of ' || coalesce(min((SELECT webhook_id FROM inbox i WHERE i.id = inbox_id)),
                    'no event') FROM outcome WHERE because ~ 'Exception|Shopbridge failed'
                GROUP BY crm, entity, topic, because LIMIT\s""" + NAMED);
    }

    private static void log(String log, List<Sample> samples, SoftAssertions holds) {
        List<String> lines = log.lines().toList();
        holds.assertThat(lines.stream().filter(line -> line.startsWith("\tat ")).count()).as("lines of stack traces, after "
                + lines.stream().filter(line -> line.contains("Exception")).distinct().limit(NAMED).map(line ->
                        line.substring(0, Math.min(line.length(), 300))).toList()).isZero();
        holds.assertThat(lines.stream().filter(line -> line.contains(Mutation.PERSON)
                || line.contains(Mutation.MAIL_DOMAIN)).count()).as("lines of the log with personal data").isZero();
        // By number: the text itself must not be in a report either.
        List<String> personal = new ArrayList<>(Samples.personal(samples));
        holds.assertThat(personal.stream().filter(log::contains).map(personal::indexOf).toList())
                .as("personal texts of the samples in the log").isEmpty();
        holds.assertThat(lines.stream().filter(line -> line.startsWith("ERROR forged")).count()).as("forged lines").isZero();
    }

    private static long count(FuzzedProcess shopbridge, String sql, Object... parameters) {
        return shopbridge.count(sql, parameters);
    }

    private static boolean within(Duration time, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(250);
        }
        return true;
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
