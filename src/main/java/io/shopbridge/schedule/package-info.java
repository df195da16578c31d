/**
 * Scheduled jobs on Quartz with its clustered JDBC store: each run takes place in only one container, however many
 * share the database. The routes of {@code 5-watch} say what the jobs do, {@code shopbridge.schedules} when they run.
 */
package io.shopbridge.schedule;
