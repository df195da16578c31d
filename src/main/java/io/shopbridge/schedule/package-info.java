/**
 * Jobs that run by the clock, each once at a time however many containers share the database: Quartz keeps in tables
 * what is due and who is at it. What the jobs do stands in the routes of {@code 5-watch}, when they run in
 * {@code shopbridge.schedules}.
 */
package io.shopbridge.schedule;
