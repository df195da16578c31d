package io.shopbridge.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.crypto.keygen.KeyGenerators;

/**
 * The roles of the embedded server: a superuser that only starts it, and the role that Shopbridge uses, which owns its
 * schema and nothing else. Every local user can reach the loopback address, so both need a password. The passwords are
 * random and are in a file of the data directory that only its owner can read; it is a <a
 * href="https://www.postgresql.org/docs/18/libpq-pgpass.html">password file</a> for {@code psql} with {@code
 * PGPASSFILE}.
 */
final class Roles {

    static final String SUPERUSER = "postgres";     // the name that the library gives to initdb
    static final String WORKER = "shopbridge";

    private static final Logger log = LoggerFactory.getLogger(Roles.class);

    private static final Pattern LINE = Pattern.compile("localhost:\\*:postgres:(\\w+):([0-9a-f]{64})");
    private static final int PASSWORD_BYTES = 32;

    /** Gives the worker what an earlier version made as superuser. What belongs to an extension stays as it is. */
    private static final String HAND_OVER = """
            DO $$
            DECLARE thing record;
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shopbridge') THEN
                    CREATE ROLE shopbridge;
                END IF;
                ALTER ROLE shopbridge LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
                ALTER SCHEMA public OWNER TO shopbridge;
                FOR thing IN
                    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                               ELSE 'TABLE' END AS kind, oid::regclass::text AS name
                    FROM pg_class c
                    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S', 'v', 'm')
                        -- Sequences of identity columns follow their table.
                        AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid
                            AND deptype IN ('a', 'e', 'i'))
                    UNION ALL
                    SELECT 'ROUTINE', oid::regprocedure::text FROM pg_proc p
                    WHERE pronamespace = 'public'::regnamespace
                        AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid
                            AND deptype = 'e')
                LOOP
                    EXECUTE format('ALTER %s %s OWNER TO shopbridge', thing.kind, thing.name);
                END LOOP;
            END $$""";

    private final Path dataDir;
    private final boolean established;
    private final String superuserPassword;
    private final String workerPassword;

    private Roles(Path dataDir, boolean established, String superuserPassword, String workerPassword) {
        this.dataDir = dataDir;
        this.established = established;
        this.superuserPassword = superuserPassword;
        this.workerPassword = workerPassword;
    }

    /** Those of this data directory; with new passwords where it has none, or no file of them any more. */
    static Roles of(Path dataDir) throws IOException {
        List<String> lines = Files.exists(file(dataDir)) ? Files.readAllLines(file(dataDir)) : List.of();
        Optional<String> superuser = password(lines, SUPERUSER);
        Optional<String> worker = password(lines, WORKER);
        return superuser.isPresent() && worker.isPresent()
                ? new Roles(dataDir, true, superuser.get(), worker.get())
                : new Roles(dataDir, false, random(), random());
    }

    static Path file(Path dataDir) {
        return dataDir.resolve("shopbridge.pgpass");
    }

    private static Optional<String> password(List<String> lines, String role) {
        return lines.stream().map(LINE::matcher).filter(Matcher::matches)
                .filter(line -> line.group(1).equals(role)).map(line -> line.group(2)).findFirst();
    }

    private static String random() {
        return HexFormat.of().formatHex(KeyGenerators.secureRandom(PASSWORD_BYTES).generateKey());
    }

    String superuserPassword() {
        return superuserPassword;
    }

    String workerPassword() {
        return workerPassword;
    }

    /**
     * Before the server starts: it asks for passwords, if they are known. Data of an earlier version, and data whose
     * password file is lost, are opened to the superuser for the second that {@link #establish} takes.
     */
    void prepare() throws IOException {
        if (Files.exists(dataDir.resolve("PG_VERSION"))) {
            allow(established ? "scram-sha-256" : "trust");
        }
    }

    /** Once the server runs: sets the passwords, hands the data to the worker, and asks for passwords from then on. */
    void establish(DataSource asSuperuser) throws IOException, SQLException {
        if (established) {
            return;
        }
        try (Connection connection = asSuperuser.getConnection(); Statement statement = connection.createStatement()) {
            statement.execute(HAND_OVER);
            // The driver hashes them, so that the server never sees, and never logs, the passwords themselves.
            PGConnection postgres = connection.unwrap(PGConnection.class);
            postgres.alterUserPassword(SUPERUSER, superuserPassword.toCharArray(), "scram-sha-256");
            postgres.alterUserPassword(WORKER, workerPassword.toCharArray(), "scram-sha-256");
            write(file(dataDir), line(SUPERUSER, superuserPassword) + line(WORKER, workerPassword));
            allow("scram-sha-256");
            statement.execute("SELECT pg_reload_conf()");
        }
        log.info("The embedded PostgreSQL requires a password; the passwords of its two roles are in"
                + " {}", file(dataDir));
    }

    private static String line(String role, String password) {
        return "localhost:*:postgres:" + role + ":" + password + "\n";
    }

    private void allow(String method) throws IOException {
        write(dataDir.resolve("pg_hba.conf"), """
                # Written by Shopbridge at every start. Only this machine, only by password.
                # TYPE  DATABASE  USER                  ADDRESS       METHOD
                host    all       postgres,shopbridge   127.0.0.1/32  %1$s
                host    all       postgres,shopbridge   ::1/128       %1$s
                """.formatted(method));
    }

    /** At once or not at all, and never readable by others, not even for a moment. */
    private static void write(Path file, String text) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        // Elsewhere the data directory's own rights count.
        FileAttribute<?>[] ownersOnly = !posix ? new FileAttribute<?>[0] : new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))};
        Path unfinished = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".new", ownersOnly);
        Files.write(unfinished, text.getBytes(StandardCharsets.UTF_8));
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
