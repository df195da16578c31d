package io.shopbridge.doctor;

import io.shopbridge.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.springframework.core.env.Environment;

/** Counts customers in the mirror, by store, whose newest event has no name, e-mail, phone and address. */
final class WithheldCustomers {

    /** Of the answer that the mirror keeps with each customer. */
    private static final String COUNT = """
            SELECT store, count(*) FROM mirror_facet WHERE entity = 'customer' AND facet = 'profile'
                AND position('"withheld":true'::bytea IN value) > 0 GROUP BY store ORDER BY store""";

    private WithheldCustomers() {
    }

    /** Looks into the configured database, if there is one and it has a mirror already. */
    static void look(Environment environment, Findings findings) {
        try (Connection connection = DatabaseUrl.connect(environment)) {
            if (connection != null) {
                look(connection, findings);
            }
        } catch (SQLException e) {
            findings.note("the customers in the mirror could not be checked: " + e.getMessage(), "see the metric"
                    + " shopbridge.customers.withheld for customers without any e-mail, name, phone or"
                    + " address");
        }
    }

    private static void look(Connection connection, Findings findings) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("SELECT to_regclass('mirror_facet') IS NOT NULL")) {
                row.next();
                if (!row.getBoolean(1)) {
                    return;
                }
            }
            try (ResultSet row = statement.executeQuery(COUNT)) {
                while (row.next()) {
                    findings.note("Shopify sent " + row.getLong(2) + " customer(s) of store " + row.getString(1)
                            + " without any e-mail, name, phone or address; the CRMs keep their earlier values",
                            "check that the app has access to protected customer data (name, address, phone, e-mail)"
                            + " and that no subscription's includeFields leaves them out; redacted customers"
                            + " must be erased in the CRMs");
                }
            }
        }
    }
}
