package io.shopbridge.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.shopbridge.start.StartRefusedAnalyzer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.boot.autoconfigure.jdbc.JdbcTemplateAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcClientAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.env.MockEnvironment;

class DatabaseConfigurationIT {

    @TempDir
    Path folder;

    private ApplicationContextRunner context() {
        return new ApplicationContextRunner()
                .withUserConfiguration(DatabaseConfiguration.class, Settings.class, SupportedVersion.class)
                .withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class,
                        FlywayAutoConfiguration.class))
                .withPropertyValues("shopbridge.embedded-postgres.data-dir=" + folder.resolve("data"));
    }

    @Test
    void bringsADatabaseAlongForBootsOwnPoolAndMigrations() {
        context().withPropertyValues("spring.datasource.url= ").run(app -> {
            assertThat(app.getBean(DataSource.class)).isInstanceOf(HikariDataSource.class);
            assertThat(app.getBean(JdbcClient.class).sql("SELECT count(*) FROM inbox").query(Integer.class).single())
                    .isZero();
        });
        assertThat(Postmaster.of(folder.resolve("data"))).isEmpty();
    }

    @Test
    void aMigrationTakesAsLongAsItTakesAndOtherStatementsDoNot() {
        context().withUserConfiguration(PatientMigrations.class, LongMigration.class).withPropertyValues(
                "spring.datasource.url= ", "spring.datasource.hikari.data-source-properties.socketTimeout=30").run(app -> {
                    assertThat(app.getBean(LongMigration.class).mayTake).isZero();
                    List<Connection> all = new ArrayList<>();
                    for (int i = 0; i < app.getBean(HikariDataSource.class).getMaximumPoolSize(); i++) {
                        all.add(app.getBean(DataSource.class).getConnection());
                    }
                    for (Connection one : all) {
                        assertThat(one.getNetworkTimeout()).isEqualTo(30_000);
                        one.close();
                    }
                });
    }

    @Test
    void stopsTheServerWhenTheRestDoesNotStart() {
        context().withUserConfiguration(Broken.class)
                .run(app -> assertThat(app).getFailure().rootCause().hasMessage("broken"));
        assertThat(folder.resolve("data")).exists();
        assertThat(Postmaster.of(folder.resolve("data"))).isEmpty();
    }

    /** A start may be refused for another reason before any bean has asked for the server. */
    @Test
    void startsTheServerBeforeAnyBeanAndStopsItWhenTheStartIsRefused() {
        Path data = folder.resolve("data");
        AtomicBoolean ran = new AtomicBoolean();
        context().withInitializer(app -> app.getBeanFactory().registerSingleton("refusal", (BeanFactoryPostProcessor)
                beans -> {
                    await().atMost(Duration.ofMinutes(2)).until(() -> Postmaster.of(data).isPresent());
                    ran.set(true);
                    throw new IllegalStateException("refused");
                })).run(app -> assertThat(app).getFailure().hasMessage("refused"));
        assertThat(ran).isTrue();
        assertThat(Postmaster.of(data)).isEmpty();
    }

    @Test
    void leavesAConfiguredDatabaseToBoot() {
        context().withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/none",
                "spring.flyway.enabled=false").run(app -> {
            assertThat(app).hasNotFailed().doesNotHaveBean(EmbeddedServer.class);
            assertThat(app.getBean(JdbcConnectionDetails.class).getJdbcUrl()).contains("localhost:1");
        });
    }

    @Test
    void saysWhatToSetWhereThereAreNoBinaries() {
        context().withClassLoader(new FilteredClassLoader("io.zonky")).run(app -> {
            Throwable failure = app.getStartupFailure();
            assertThat(failure).rootCause().isInstanceOf(DatabaseUnusable.class);
            assertThat(new StartRefusedAnalyzer().analyze(failure).getAction()).contains("SPRING_DATASOURCE_URL");
        });
    }

    /** One server, and every way to miss it. Whoever asks the doctor is told the same. */
    @Test
    void saysInASentenceWhyAConfiguredDatabaseCannotBeUsed() {
        try (EmbeddedServer server = EmbeddedServer.start(new EmbeddedPostgresSettings(folder.resolve("data"), 0, null))) {
            String url = server.getJdbcUrl();
            String at = url.replaceAll(".*//|/.*", "");
            refused(url.replaceFirst("/[^/]+$", "/nope"), server.getUsername(), server.getPassword(),
                    "PostgreSQL at " + at + " has no database \"nope\".");
            refused(url, "nobody", "wrong", "PostgreSQL at " + at + " refuses the login of user \"nobody\".");
            refused("jdbc:postgresql://localhost:1/none", "me", "s3cret",
                    "PostgreSQL at localhost:1 does not answer: Connection to localhost:1 refused.");
            refused("jdbc:postgresql://nowhere.invalid/none", "me", "s3cret",
                    "PostgreSQL at nowhere.invalid does not answer: its host name is not known.");
            for (String wrong : List.of("postgres://me:s3cret@localhost/db", "localhost:5432/db",
                    "jdbc:mysql://localhost/db", "jdbc:postgresql://localhost:port/db")) {
                refused(wrong, "me", "s3cret", "spring.datasource.url is not the address of a PostgreSQL.");
            }
            assertThat(DatabaseUrl.examine(settings(url, server.getUsername(), server.getPassword())))
                    .startsWith("PostgreSQL 18").endsWith(" accepts the login");
        }
    }

    private void refused(String url, String username, String password, String sentence) {
        assertThatThrownBy(() -> DatabaseUrl.examine(settings(url, username, password)))
                .isInstanceOf(DatabaseUnusable.class).hasMessageStartingWith(sentence);
        context().withUserConfiguration(DatabaseUrl.class).withPropertyValues("spring.datasource.url=" + url,
                "spring.datasource.username=" + username, "spring.datasource.password=" + password,
                "spring.datasource.hikari.connection-timeout=2000").run(app -> {
                    Throwable failure = app.getStartupFailure();
                    FailureAnalysis analysis = new StartRefusedAnalyzer().analyze(failure);
                    if (analysis == null) {
                        analysis = new ConnectionFaultsAnalyzer(settings(url, username, password)).analyze(failure);
                    }
                    assertThat(analysis.getDescription()).startsWith(sentence).doesNotContain("s3cret");
                    assertThat(analysis.getAction()).isNotBlank().doesNotContain("s3cret");
                });
    }

    private static MockEnvironment settings(String url, String username, String password) {
        MockEnvironment environment = new MockEnvironment().withProperty("spring.datasource.url", url)
                .withProperty("spring.datasource.username", username);
        return password == null ? environment : environment.withProperty("spring.datasource.password", password);
    }

    @Test
    void refusesAnOldOrForeignServer() throws SQLException {
        assertThatThrownBy(() -> SupportedVersion.check(server("PostgreSQL", 13)))
                .hasMessageContaining("Shopbridge needs 14 or newer");
        assertThatThrownBy(() -> SupportedVersion.check(server("H2", 2))).hasMessageContaining("not PostgreSQL");
        SupportedVersion.check(server("PostgreSQL", 14));
    }

    private static DatabaseMetaData server(String product, int major) throws SQLException {
        DatabaseMetaData server = mock(DatabaseMetaData.class);
        when(server.getDatabaseProductName()).thenReturn(product);
        when(server.getDatabaseMajorVersion()).thenReturn(major);
        when(server.getDatabaseProductVersion()).thenReturn(major + ".1");
        return server;
    }

    @EnableConfigurationProperties(EmbeddedPostgresSettings.class)
    static class Settings {
    }

    static class LongMigration implements JavaMigration {

        private int mayTake = -1;       // ms; 0: there is no limit

        @Override
        public MigrationVersion getVersion() {
            return MigrationVersion.fromVersion("9999");
        }

        @Override
        public String getDescription() {
            return "long";
        }

        @Override
        public Integer getChecksum() {
            return null;
        }

        @Override
        public boolean canExecuteInTransaction() {
            return true;
        }

        @Override
        public void migrate(Context context) throws SQLException {
            mayTake = context.getConnection().getNetworkTimeout();
        }
    }

    static class Broken {

        @Bean
        @DependsOn("flyway")
        Object broken() {
            throw new IllegalStateException("broken");
        }
    }
}
