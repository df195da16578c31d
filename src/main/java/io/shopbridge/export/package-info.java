/**
 * Export: writes what Shopbridge knows to a stream, as CSV for spreadsheets or as JSON Lines: a manual backup, and all
 * that is needed for a report a month. What of a record is a column stands in {@code mappings/exports}.
 */
package io.shopbridge.export;
