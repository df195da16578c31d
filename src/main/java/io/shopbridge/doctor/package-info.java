/**
 * Set-up check: examines the configured stores and CRMs and reports what is missing before the first delivery. It
 * compares the fields that the mappings need with those of each account; every finding says what to do.
 */
package io.shopbridge.doctor;
