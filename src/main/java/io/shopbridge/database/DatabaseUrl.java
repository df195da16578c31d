package io.shopbridge.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/**
 * The address of the configured database. Refuses an address that is not a PostgreSQL's before a connection is made.
 */
@Component
public class DatabaseUrl implements BeanFactoryPostProcessor, EnvironmentAware {

    private static final String PREFIX = "jdbc:postgresql:";

    private Environment environment;

    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        String url = environment.getProperty("spring.datasource.url");
        if (StringUtils.hasText(url)) {
            check(url);
        }
    }

    /**
     * Looks whether Shopbridge could start with the configured database; changes nothing.
     *
     * @return what was found
     * @throws DatabaseUnusable if it could not; says why and what to do
     */
    public static String examine(Environment environment) {
        String url = environment.getProperty("spring.datasource.url");
        if (!StringUtils.hasText(url)) {
            return "none is configured: Shopbridge starts an embedded one, with its data in "
                    + environment.getProperty("shopbridge.embedded-postgres.data-dir", ".shopbridge/postgres");
        }
        check(url);
        String username = environment.getProperty("spring.datasource.username");
        try (Connection connection = connect(environment)) {
            SupportedVersion.check(connection.getMetaData());
            mayCreate(connection, username);
            return "PostgreSQL " + connection.getMetaData().getDatabaseProductVersion() + " accepts the login";
        } catch (SQLException e) {
            throw ConnectionFaults.explain(e, url, username).orElseGet(() -> new DatabaseUnusable(
                    "The database can't be used: " + e.getMessage(), "Check the settings spring.datasource.*.", e));
        }
    }

    /**
     * Opens a connection to the configured database, for a look of seconds.
     *
     * @return null where none is configured
     */
    public static Connection connect(Environment environment) throws SQLException {
        String url = environment.getProperty("spring.datasource.url");
        if (!StringUtils.hasText(url)) {
            return null;
        }
        String username = environment.getProperty("spring.datasource.username");
        Properties properties = new Properties();
        if (username != null) {
            properties.put("user", username);
            properties.put("password", environment.getProperty("spring.datasource.password", ""));
        }
        properties.put("connectTimeout", "5");
        properties.put("socketTimeout", "10");
        return DriverManager.getConnection(url, properties);
    }

    private static void mayCreate(Connection connection, String username) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery(
                "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)")) {
            row.next();
            if (!row.getBoolean(1)) {
                throw new DatabaseUnusable("User \"" + username + "\" may not create tables in the database's schema.",
                        "Make this user the owner of the database or of its schema.");
            }
        }
    }

    private static void check(String url) {
        if (!url.startsWith(PREFIX) || DriverManager.drivers().noneMatch(driver -> {
            try {
                return driver.acceptsURL(url);
            } catch (SQLException e) {
                return false;
            }
        })) {
            // What was written may hold a password.
            throw new DatabaseUnusable("spring.datasource.url is not the address of a PostgreSQL.",
                    "Write SPRING_DATASOURCE_URL as jdbc:postgresql://host:5432/database, with user and password in"
                            + " SPRING_DATASOURCE_USERNAME and SPRING_DATASOURCE_PASSWORD.");
        }
    }
}
