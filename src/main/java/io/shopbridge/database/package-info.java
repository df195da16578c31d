/**
 * The PostgreSQL that holds all state: an external one where {@code spring.datasource.url} is set, otherwise one that
 * Shopbridge brings along, starts and stops. Everything else sees only Boot's {@link javax.sql.DataSource}.
 */
package io.shopbridge.database;
