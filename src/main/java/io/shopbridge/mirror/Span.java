package io.shopbridge.mirror;

/**
 * A range of records in the order in which they are counted.
 *
 * @param low  the first second of a last change since 1970, or the first id
 * @param high the first that is not within it any more
 */
public record Span(long low, long high) {
}
