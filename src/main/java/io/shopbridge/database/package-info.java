/**
 * The PostgreSQL that holds all state: an external one if {@code spring.datasource.url} is set, otherwise an embedded
 * one that Shopbridge starts and stops. All other packages see only Boot's {@link javax.sql.DataSource}.
 */
package io.shopbridge.database;
