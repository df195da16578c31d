package io.shopbridge.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.nio.file.Path;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.boot.autoconfigure.jdbc.JdbcTemplateAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcClientAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.simple.JdbcClient;

class DatabaseConfigurationTest {

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
    void stopsTheServerWhenTheRestDoesNotStart() {
        context().withUserConfiguration(Broken.class)
                .run(app -> assertThat(app).getFailure().rootCause().hasMessage("broken"));
        assertThat(folder.resolve("data")).exists();
        assertThat(Postmaster.of(folder.resolve("data"))).isEmpty();
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
            assertThat(new DatabaseUnusableAnalyzer().analyze(failure).getAction()).contains("SPRING_DATASOURCE_URL");
        });
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

    static class Broken {

        @Bean
        @DependsOn("flyway")
        Object broken() {
            throw new IllegalStateException("broken");
        }
    }
}
