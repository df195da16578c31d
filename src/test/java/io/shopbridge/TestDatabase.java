package io.shopbridge;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * An empty database, as an operator gives one to Shopbridge, on the one server of this JVM. Making it costs a fraction of
 * a server, and what is in it need not survive a power cut.
 */
public final class TestDatabase implements AutoCloseable {

    private static final String OWNER = "shopbridge";

    private static EmbeddedPostgres server;
    private static int made;

    private final String name;

    private TestDatabase(String name) {
        this.name = name;
    }

    public static synchronized TestDatabase create() {
        if (server == null) {
            server = start();
            superuser().execute("CREATE ROLE " + OWNER + " LOGIN");
        }
        made++;
        TestDatabase database = new TestDatabase("test" + made);
        superuser().execute("CREATE DATABASE " + database.name + " OWNER " + OWNER);
        return database;
    }

    /** One with all tables, for what is tested without an application. */
    public static TestDatabase migrated() {
        TestDatabase database = create();
        Flyway.configure().dataSource(database.dataSource()).load().migrate();
        return database;
    }

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder()
                    // As the server that Shopbridge brings along.
                    .setServerConfig("autovacuum_naptime", "10s")
                    .setServerConfig("random_page_cost", "1.1")
                    .setServerConfig("jit", "off")
                    .setServerConfig("timezone", "UTC")
                    .setServerConfig("unix_socket_directories", "")
                    .setLocaleConfig("locale-provider", "builtin")
                    .setLocaleConfig("builtin-locale", "C.UTF-8")
                    .setLocaleConfig("locale", "C")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JdbcTemplate superuser() {
        return new JdbcTemplate(server.getPostgresDatabase());
    }

    public DataSource dataSource() {
        return server.getDatabase(OWNER, name);
    }

    public String url() {
        return "jdbc:postgresql://localhost:" + server.getPort() + "/" + name + "?user=" + OWNER;
    }

    /** What Shopbridge is told of it. */
    public String setting() {
        return "--spring.datasource.url=" + url();
    }

    @Override
    public void close() {
        superuser().execute("DROP DATABASE " + name + " WITH (FORCE)");
    }
}
