/**
 * The dry run of a backfill: judges its records as the mirror and a delivery would, and writes nothing but the forecast.
 * Called by the route backfill of {@code 1-receive}.
 */
package io.shopbridge.forecast;
