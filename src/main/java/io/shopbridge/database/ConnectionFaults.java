package io.shopbridge.database;

import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.commons.lang3.exception.ExceptionUtils;

/**
 * Explains a failed connection to a configured PostgreSQL, in a sentence.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL's SQLSTATEs</a>
 */
final class ConnectionFaults {

    private ConnectionFaults() {
    }

    /** Empty where the failure is about something else. */
    static Optional<DatabaseUnusable> explain(Throwable failure, String url, String username) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException fault && fault.getSQLState() != null) {
                Optional<DatabaseUnusable> explained = explain(fault, url, username);
                if (explained.isPresent()) {
                    return explained;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<DatabaseUnusable> explain(SQLException fault, String url, String username) {
        String server = "PostgreSQL at " + server(url);
        String state = fault.getSQLState();
        if (state.startsWith("08")) {
            return unusable(server + " does not answer: " + reason(fault), "Check that it runs and that host and port in"
                    + " spring.datasource.url (SPRING_DATASOURCE_URL) are right and reachable from here.", fault);
        }
        if (state.startsWith("28")) {
            return unusable(server + " refuses the login of user \"" + username + "\".", "Check"
                    + " spring.datasource.username"
                    + " and spring.datasource.password (SPRING_DATASOURCE_USERNAME, SPRING_DATASOURCE_PASSWORD), and that"
                    + " pg_hba.conf allows this user and host.", fault);
        }
        return switch (state) {
            case "3D000" -> unusable(server + " has no database \"" + database(url) + "\".", "Create it (CREATE DATABASE"
                    + " …), or correct its name in spring.datasource.url (SPRING_DATASOURCE_URL).", fault);
            case "42501" -> unusable(server + " does not let user \"" + username + "\" create tables: "
                    + firstLine(fault), "Make this user the owner of the database or of its schema.", fault);
            case "53300" -> unusable(server + " has no free connection.", "Raise its max_connections, or lower"
                    + " spring.datasource.hikari.maximum-pool-size.", fault);
            case "57P03" -> unusable(server + " is starting or stopping.", "Start Shopbridge again when it is up.",
                    fault);
            default -> Optional.empty();
        };
    }

    private static Optional<DatabaseUnusable> unusable(String problem, String remedy, Throwable cause) {
        return Optional.of(new DatabaseUnusable(problem, remedy, cause));
    }

    private static String reason(SQLException fault) {
        return ExceptionUtils.indexOfType(fault, UnknownHostException.class) >= 0 ? "its host name is not known."
                : firstLine(fault);
    }

    private static String firstLine(SQLException fault) {
        return fault.getMessage() == null ? "it gives no reason." : fault.getMessage().lines().findFirst().orElse("");
    }

    /** Host and port; what follows may hold a password. */
    private static String server(String url) {
        return url.replaceFirst("[?].*", "").replaceFirst("^jdbc:postgresql:(//)?", "").replaceFirst("/.*", "");
    }

    private static String database(String url) {
        return url.replaceFirst("[?].*", "").replaceFirst(".*/", "");
    }
}
