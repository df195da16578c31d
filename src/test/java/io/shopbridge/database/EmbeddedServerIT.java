package io.shopbridge.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

class EmbeddedServerIT {

    @TempDir
    Path folder;

    private EmbeddedPostgresSettings settings;
    private Process child;

    @BeforeEach
    void settings() {
        settings = new EmbeddedPostgresSettings(folder.resolve("data"), 0, null);
    }

    @AfterEach
    void leaveNothingRunning() throws Exception {
        if (child != null) {
            child.destroyForcibly().waitFor();
        }
        var orphan = Postmaster.of(settings.dataDir());
        if (orphan.isPresent()) {
            orphan.get().stop();
        }
    }

    @Test
    void isAsDurableAsAnyOther() {
        try (EmbeddedServer server = EmbeddedServer.start(settings)) {
            JdbcClient sql = sql(server);
            assertThat(show(sql, "fsync")).isEqualTo("on");
            assertThat(show(sql, "synchronous_commit")).isEqualTo("on");
            assertThat(show(sql, "full_page_writes")).isEqualTo("on");
            assertThat(show(sql, "server_encoding")).isEqualTo("UTF8");
            assertThat(show(sql, "log_timezone")).isEqualTo("UTC");
            assertThat(show(sql, "max_connections")).isEqualTo("60");
            assertThat(show(sql, "server_version_num")).startsWith(EmbeddedServer.MAJOR + "");
            assertThat(sql.sql("SELECT upper('é')").query(String.class).single()).isEqualTo("É");
        }
    }

    @Test
    void keepsItsDataAndStopsWhenClosed() {
        try (EmbeddedServer server = EmbeddedServer.start(settings)) {
            sql(server).sql("CREATE TABLE kept AS SELECT 42 AS answer").update();
        }
        assertThat(Postmaster.of(settings.dataDir())).isEmpty();
        try (EmbeddedServer server = EmbeddedServer.start(settings)) {
            assertThat(answer(server)).isEqualTo(42);
        }
    }

    @Test
    void stopsTheServerOfAKilledProcessAndKeepsItsData() throws Exception {
        child = Bystander.start(settings.dataDir());
        ProcessHandle orphan = Postmaster.of(settings.dataDir()).orElseThrow().process();
        child.destroyForcibly().waitFor();
        assertThat(orphan.info().command()).isPresent();

        try (EmbeddedServer server = EmbeddedServer.start(settings)) {
            // Not isAlive(): where nobody reaps orphans, as in some containers, its bare entry stays in the table.
            assertThat(orphan.info().command()).isEmpty();
            assertThat(answer(server)).isEqualTo(42);
        }
    }

    @Test
    void leavesTheServerOfALiveProcessAlone() throws Exception {
        child = Bystander.start(settings.dataDir());
        assertThatThrownBy(() -> EmbeddedServer.start(settings))
                .isInstanceOf(DatabaseUnusable.class)
                .hasMessageContaining("Another running Shopbridge uses the embedded database in " + settings.dataDir());
        assertThat(Postmaster.of(settings.dataDir())).isPresent();
    }

    @Test
    void refusesASecondOneInTheSameProcess() {
        try (EmbeddedServer first = EmbeddedServer.start(settings)) {
            assertThatThrownBy(() -> EmbeddedServer.start(settings)).hasMessageContaining("Another running Shopbridge");
            assertThat(sql(first).sql("SELECT 1").query(Integer.class).single()).isOne();
        }
    }

    @Test
    void doesNotEndAnotherProgramThatGotThePid() throws Exception {
        EmbeddedServer.start(settings).close();
        child = new ProcessBuilder("sleep", "600").start();
        Files.writeString(Postmaster.pidFile(settings.dataDir()), child.pid() + "\n" + settings.dataDir() + "\n");
        EmbeddedServer.start(settings).close();
        assertThat(child.isAlive()).isTrue();
    }

    @Test
    void startsOverAStalePidFile() throws Exception {
        EmbeddedServer.start(settings).close();
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Files.writeString(Postmaster.pidFile(settings.dataDir()), ended.pid() + "\n" + settings.dataDir() + "\n");
        EmbeddedServer.start(settings).close();
    }

    @Test
    void startsOverAnInterruptedInitdb() throws Exception {
        Files.createDirectories(settings.dataDir());
        Files.writeString(settings.dataDir().resolve("PG_VERSION"), "18\n");
        Files.writeString(settings.dataDir().resolve("postgresql.conf"), "");
        Files.writeString(folder.resolve("data.unfinished"), "");
        EmbeddedServer.start(settings).close();
    }

    @Test
    void refusesTheDataOfAnotherMajorVersion() throws IOException {
        Files.createDirectories(settings.dataDir());
        Files.writeString(settings.dataDir().resolve("PG_VERSION"), "16\n");
        assertThatThrownBy(() -> EmbeddedServer.start(settings))
                .isInstanceOfSatisfying(DatabaseUnusable.class, e -> assertThat(e.remedy()).contains("pg_dump"))
                .hasMessageContaining("was written by PostgreSQL 16");
    }

    @Test
    void refusesADirectoryOfSomethingElse() throws IOException {
        Files.createDirectories(settings.dataDir());
        Files.writeString(settings.dataDir().resolve("thesis.txt"), "irreplaceable");
        assertThatThrownBy(() -> EmbeddedServer.start(settings)).hasMessageContaining("contains files");
        assertThat(settings.dataDir().resolve("thesis.txt")).exists();
    }

    @Test
    void refusesATakenPort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            settings = new EmbeddedPostgresSettings(folder.resolve("data"), taken.getLocalPort(), null);
            assertThatThrownBy(() -> EmbeddedServer.start(settings))
                    .hasMessage("Another program listens on port " + taken.getLocalPort() + ".");
        }
    }

    @Test
    void saysInTheServersOwnWordsWhyItDoesNotStart() throws IOException {
        EmbeddedServer.start(settings).close();
        Files.delete(settings.dataDir().resolve("global/pg_control"));
        assertThatThrownBy(() -> EmbeddedServer.start(settings))
                .isInstanceOf(DatabaseUnusable.class).hasMessageContaining("pg_control");
    }

    @Test
    void noAccessWithoutAPassword() throws IOException {
        try (EmbeddedServer server = EmbeddedServer.start(settings)) {
            for (String role : List.of("postgres", "shopbridge", System.getProperty("user.name"))) {
                for (String password : new String[] {null, "", role, "postgres"}) {
                    assertThatThrownBy(() -> sql(server, role, password).sql("SELECT 1").query().singleValue())
                            .as("%s with %s", role, password).isInstanceOf(DataAccessException.class);
                }
            }
            assertThat(Files.getPosixFilePermissions(Roles.file(settings.dataDir())))
                    .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
            assertThat(Files.readString(Roles.file(settings.dataDir()))).contains(server.getPassword());
        }
        assertThat(folder.resolve("data.log")).content().doesNotContain(
                Files.readAllLines(Roles.file(settings.dataDir())).stream().map(line -> line.split(":")[4]).toList());
    }

    @Test
    void theApplicationsRoleOwnsItsSchemaAndNothingElse() {
        try (EmbeddedServer server = EmbeddedServer.start(settings)) {
            JdbcClient sql = sql(server);
            sql.sql("CREATE TABLE mine (id bigint GENERATED ALWAYS AS IDENTITY, text text)").update();
            sql.sql("INSERT INTO mine (text) VALUES ('kept')").update();
            for (String forbidden : List.of("COPY mine (text) FROM PROGRAM 'id'", "COPY mine TO '/tmp/mine'",
                    "CREATE ROLE friend SUPERUSER", "ALTER ROLE shopbridge SUPERUSER", "CREATE DATABASE more",
                    "ALTER SYSTEM SET fsync = off", "SELECT pg_read_file('pg_hba.conf')",
                    "SELECT rolpassword FROM pg_authid", "SET ROLE postgres")) {
                assertThatThrownBy(() -> sql.sql(forbidden).query().listOfRows()).as(forbidden)
                        .rootCause().hasMessageContaining("permission denied");
            }
        }
    }

    /** As a version before the passwords left it: everybody is let in, and everything is the superuser's. */
    @Test
    void dataOfAnEarlierVersionIsKeptAndLocked() throws Exception {
        asAnEarlierVersion();

        for (int start = 0; start < 2; start++) {
            try (EmbeddedServer server = EmbeddedServer.start(settings)) {
                JdbcClient sql = sql(server);
                assertThat(answer(server)).isEqualTo(42);
                sql.sql("INSERT INTO numbered (text) VALUES ('more')").update();
                sql.sql("ALTER TABLE numbered ADD COLUMN start" + start + " text").update();
                sql.sql("DROP VIEW IF EXISTS seen").update();
                assertThat(sql.sql("SELECT doubled(21)").query(Integer.class).single()).isEqualTo(42);
                assertThatThrownBy(() -> sql(server, "postgres", null).sql("SELECT 1").query().singleValue())
                        .isInstanceOf(DataAccessException.class);
                assertThat(sql.sql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                        + " AND pg_get_userbyid(relowner) <> 'shopbridge'").query(Integer.class).single()).isZero();
            }
        }
    }

    @Test
    void aLostPasswordFileIsMadeAnew() throws IOException {
        EmbeddedServer.start(settings).close();
        String before = Files.readString(Roles.file(settings.dataDir()));
        for (String left : new String[] {null, "", "nonsense\n"}) {
            Files.delete(Roles.file(settings.dataDir()));
            if (left != null) {
                Files.writeString(Roles.file(settings.dataDir()), left);
            }
            try (EmbeddedServer server = EmbeddedServer.start(settings)) {
                assertThat(sql(server).sql("SELECT 1").query(Integer.class).single()).isOne();
                assertThat(before).doesNotContain(server.getPassword());
                assertThatThrownBy(() -> sql(server, "postgres", null).sql("SELECT 1").query().singleValue())
                        .isInstanceOf(DataAccessException.class);
            }
        }
    }

    /** Killed after the passwords were written, before the server asked for them. */
    @Test
    void anInterruptedLockIsFinished() throws IOException {
        EmbeddedServer.start(settings).close();
        Files.writeString(settings.dataDir().resolve("pg_hba.conf"), "host all all 127.0.0.1/32 trust\n");
        try (EmbeddedServer server = EmbeddedServer.start(settings)) {
            assertThat(sql(server).sql("SELECT 1").query(Integer.class).single()).isOne();
            assertThatThrownBy(() -> sql(server, "postgres", null).sql("SELECT 1").query().singleValue())
                    .isInstanceOf(DataAccessException.class);
        }
    }

    private void asAnEarlierVersion() throws Exception {
        EmbeddedServer.start(settings).close();
        Files.delete(Roles.file(settings.dataDir()));
        Files.writeString(settings.dataDir().resolve("pg_hba.conf"), "host all all 127.0.0.1/32 trust\n");
        try (EmbeddedPostgres server = EmbeddedPostgres.builder().setDataDirectory(settings.dataDir())
                .setOverrideWorkingDirectory(settings.binariesDir().toFile()).setCleanDataDirectory(false)
                .setServerConfig("unix_socket_directories", "").start()) {
            JdbcClient superuser = JdbcClient.create(server.getPostgresDatabase());
            superuser.sql("ALTER SCHEMA public OWNER TO pg_database_owner").update();
            superuser.sql("DROP ROLE shopbridge").update();
            superuser.sql("CREATE TABLE kept AS SELECT 42 AS answer").update();
            superuser.sql("CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY, text text)").update();
            superuser.sql("CREATE SEQUENCE apart").update();
            superuser.sql("CREATE VIEW seen AS SELECT text FROM numbered").update();
            superuser.sql("CREATE FUNCTION doubled(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'").update();
        }
    }

    private static JdbcClient sql(EmbeddedServer server) {
        return sql(server, server.getUsername(), server.getPassword());
    }

    private static JdbcClient sql(EmbeddedServer server, String role, String password) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(server.getJdbcUrl());
        database.setUser(role);
        database.setPassword(password);
        return JdbcClient.create(database);
    }

    private static String show(JdbcClient sql, String setting) {
        return sql.sql("SHOW " + setting).query(String.class).single();
    }

    private static int answer(EmbeddedServer server) {
        return sql(server).sql("SELECT answer FROM kept").query(Integer.class).single();
    }

    /** Another Shopbridge, as far as the database can tell: commits a row and then lives until it is killed. */
    static class Bystander {

        static Process start(Path dataDir) throws Exception {
            Process process = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp", System.getProperty("java.class.path"), Bystander.class.getName(), dataDir.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            var lines = process.inputReader();
            String line = lines.readLine();
            while (line != null && !line.equals("committed")) {
                line = lines.readLine();
            }
            assertThat(line).as("the other process committed").isNotNull();
            return process;
        }

        public static void main(String[] args) throws Exception {
            EmbeddedServer server = EmbeddedServer.start(new EmbeddedPostgresSettings(Path.of(args[0]), 0, null));
            sql(server).sql("CREATE TABLE kept AS SELECT 42 AS answer").update();
            System.out.println("committed");
            TimeUnit.SECONDS.sleep(Duration.ofMinutes(10).toSeconds());
        }
    }
}
