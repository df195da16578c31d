package io.shopbridge.poll;

import java.time.Instant;

/**
 * The changes of one entity in one shop that a poll reads, from a moment on, page by page. It has no end: the last page
 * is the one that has no other after it.
 *
 * @param from      the shop's time from which it reads
 * @param pageAfter Shopify's cursor at the end of the last page that is in the inbox; null: none is
 * @param pages     how many pages are in the inbox
 * @param began     when its reading began, by which its row is told from that of a later window
 */
record Window(String store, String entity, Instant from, String pageAfter, int pages, Instant began) {
}
