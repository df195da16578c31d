/**
 * Looks at the configured stores and CRMs from outside and says what is missing before anything is delivered.
 * What the mappings need is compared with what each account has; every finding says what to do.
 */
package io.shopbridge.doctor;
