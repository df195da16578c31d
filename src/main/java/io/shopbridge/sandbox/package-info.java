/**
 * Doubles of the outside systems, strict enough that what they accept the real ones would accept: CRMs and a shop that
 * sends signed webhooks. The doubles themselves know nothing of Spring, so that tests and benchmarks start them in
 * milliseconds; the profile {@code sandbox} wires them into the application.
 */
package io.shopbridge.sandbox;
