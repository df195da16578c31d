/**
 * The profile {@code sandbox}: doubles of the outside systems, a package each, strict enough that what they accept the
 * real ones would accept. The doubles themselves know nothing of Spring, so that tests and benchmarks start them in
 * milliseconds; this package wires them into the application and lets everybody in. A container image has none of it.
 */
package io.shopbridge.sandbox;
