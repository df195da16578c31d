package io.shopbridge.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.ShopbridgeProcess;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A shop's history, from the file of a bulk operation into the mirror: {@code mvn test -Dtest=History}, with
 * {@code -Dhistory.orders=200000}, half as many customers, and {@code -Dhistory.kills=2}: that often the process and its
 * PostgreSQL are killed at a random moment, and started again. The store feeds no CRM.
 */
class History {

    private static final int ORDERS = Integer.getInteger("history.orders", 200_000);
    private static final int KILLS = Integer.getInteger("history.kills", 2);
    /** As the container image has them: with all compilers, which tests do without. */
    private static final List<String> OPTIONS = List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4");
    private static final String PASSWORD = "bench-password";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Random RANDOM = new Random(1);

    @TempDir
    private Path directory;
    private final HttpClient http = HttpClient.newHttpClient();
    private HistoryShop shop;
    private ShopbridgeProcess process;
    private int port;

    @BeforeEach
    void start() throws IOException {
        shop = new HistoryShop(directory, ORDERS);
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        process = process();
    }

    @AfterEach
    void stop() {
        process.close();
        shop.close();
    }

    @Test
    void theWholeHistoryIsInTheMirror() throws Exception {
        for (String entity : List.of("customer", "order")) {
            backfill(entity);
        }
        assertThat(mirrored("customer")).isEqualTo(ORDERS / 2);
        assertThat(mirrored("order")).isEqualTo(ORDERS);
    }

    private void backfill(String entity) throws Exception {
        JsonNode started = ask("POST", "/api/v1/backfills",
                "{\"store\": \"main\", \"entities\": [\"" + entity + "\"]}");
        long id = started.get(0).path("id").asLong();
        long records = entity.equals("order") ? ORDERS : ORDERS / 2;
        List<Long> killAt = RANDOM.longs(entity.equals("order") ? KILLS : 0, records / 10, records).sorted().boxed().toList();
        Instant began = Instant.now();
        Instant imports = null;
        ThreadTimes threads = ThreadTimes.of(process.pid());
        PostgresProcesses postgres = new PostgresProcesses(directory.resolve("postgres"));
        Duration postgresBefore = postgres.cpu();
        long most = 0;
        for (JsonNode now = started.get(0); !now.has("ended_at"); now = progress(id)) {
            if (imports == null && now.path("state").asText().equals("importing")) {
                imports = Instant.now();
                say("%s: %d lines in %d s", entity, now.path("lines").asLong(), seconds(began));
            }
            most = Math.max(most, residentMegabytes());
            if (!killAt.isEmpty() && now.path("records").asLong() > killAt.get(0)) {
                killAt = killAt.subList(1, killAt.size());
                say("killed at %d records", now.path("records").asLong());
                kill();
            }
            Thread.sleep(250);
        }
        JsonNode end = ask("GET", "/api/v1/backfills/" + id, "");
        assertThat(end.path("state").asText()).as(end.toString()).isEqualTo("ended");
        while (waiting() > 0) {
            Thread.sleep(100);
        }
        say("%s: %d records in the mirror in %d s after its file, %.0f a second; resident %d MB at most", entity, records,
                seconds(imports), records * 1000.0 / Duration.between(imports, Instant.now()).toMillis(), most);
        if (KILLS == 0) {
            // With the file, whose lines are stored before.
            ThreadTimes since = ThreadTimes.of(process.pid()).since(threads);
            say("%s: processor time of a record, in ms: JVM %.2f (%s), PostgreSQL %.2f", entity, since.all() / records,
                    since.perWebhook((int) records), postgres.cpu().minus(postgresBefore).toMillis() / (double) records);
        }
    }

    /** Without the report, which reads all that came in. */
    private JsonNode progress(long id) throws InterruptedException {
        for (JsonNode one : ask("GET", "/api/v1/backfills", "")) {
            if (one.path("id").asLong() == id) {
                return one;
            }
        }
        throw new AssertionError("There is no backfill " + id);
    }

    private void kill() throws Exception {
        long postgres = Long.parseLong(Files.readAllLines(directory.resolve("postgres/postmaster.pid")).get(0).strip());
        process.kill();
        ProcessHandle.of(postgres).ifPresent(ProcessHandle::destroyForcibly);
        process = process();
    }

    private ShopbridgeProcess process() {
        return ShopbridgeProcess.start(directory.resolve("log"), options(), List.of(
                "--server.port=" + port, "--shopbridge.embedded-postgres.data-dir=" + directory.resolve("postgres"),
                "--shopbridge.stores.main.domain=" + Workload.DOMAIN,
                "--shopbridge.stores.main.webhook-secrets=" + Workload.SECRET,
                "--shopbridge.stores.main.admin.url=" + shop.url(),
                "--shopbridge.stores.main.admin.access-token=bench",
                "--shopbridge.stores.main.polls.order=off", "--shopbridge.stores.main.polls.customer=off",
                "--shopbridge.operator.password=" + PASSWORD));
    }

    private static List<String> options() {
        List<String> options = new ArrayList<>(OPTIONS);
        Stream.of(System.getProperty("history.java-options", "").split(" ")).filter(option -> !option.isEmpty())
                .forEach(options::add);
        return options;
    }

    private JsonNode ask(String method, String path, String body) throws InterruptedException {
        String login = Base64.getEncoder().encodeToString(("operator:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Basic " + login).header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build();
        while (true) {
            try {
                var answer = http.send(request, BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    return JSON.readTree(answer.body());
                }
            } catch (IOException e) {
                // It starts.
            }
            Thread.sleep(200);
        }
    }

    private long mirrored(String entity) throws Exception {
        return database("SELECT count(DISTINCT record_id) FROM mirror_facet WHERE entity = '" + entity + "'"
                + " AND record_id NOT LIKE 'guest:%'");
    }

    private long waiting() throws Exception {
        return database("SELECT count(*) FROM inbox_waiting");
    }

    private long database(String query) throws Exception {
        List<String> lines = Files.readAllLines(directory.resolve("postgres/postmaster.pid"));
        System.setProperty("org.postgresql.pgpassfile", directory.resolve("postgres/shopbridge.pgpass").toString());
        try (var connection = DriverManager.getConnection("jdbc:postgresql://localhost:" + lines.get(3).strip()
                + "/postgres?user=shopbridge"); ResultSet row = connection.createStatement().executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private long residentMegabytes() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        return !Files.exists(status) ? 0 : Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst().orElse(0);
    }

    private static long seconds(Instant since) {
        return Duration.between(since, Instant.now()).toSeconds();
    }

    private static void say(String text, Object... what) {
        System.out.println(String.format(Locale.ROOT, text, what));
    }
}
