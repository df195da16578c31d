package io.shopbridge.recount;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.mirror.Interests;
import io.shopbridge.mirror.MirrorCounts.By;
import io.shopbridge.mirror.Span;
import io.shopbridge.shopify.Ids;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.Store;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * What is counted: of stores whose Admin API is configured, the entities that a CRM of the store uses, that the shop
 * counts, and of which {@code mappings/shopify/queries} can ask for the ids, as in {@code order-ids}.
 */
@Component
public class CountedEntities {

    /** Beyond all ids of Shopify's. */
    private static final long ALL_IDS = 1_000_000_000_000_000_000L;

    private final Shopify shopify;
    private final Interests interests;

    CountedEntities(Shopify shopify, Interests interests) {
        this.shopify = shopify;
        this.interests = interests;
    }

    /** The name of the query that lists the ids of a window. */
    static String query(String entity) {
        return Shopify.query(entity, Shopify.IDS);
    }

    /** Those of a store. */
    public List<String> of(Store store) {
        return store.admin() == null ? List.of() : shopify.asked(Shopify.IDS).stream()
                .filter(entity -> interests.uses(store, entity)).toList();
    }

    /** The id of a record that the shop gave, without its type. */
    static String id(JsonNode record) {
        return Ids.plain(record.path("id").asText());
    }

    /** When a record that the shop gave was changed; null where it does not say. */
    static Instant changedAt(JsonNode record) {
        return Json.instant(record.path("updatedAt").asText(""));
    }

    By by(String entity) {
        return shopify.queries().get(query(entity)).text().contains("sortKey: UPDATED_AT") ? By.TIME : By.ID;
    }

    /** All records that are counted. */
    Span all(String entity, Instant from, Instant until) {
        return by(entity) == By.TIME ? new Span(from.getEpochSecond(), until.getEpochSecond()) : new Span(0, ALL_IDS);
    }

    /** One record, in the words of Shopify's search. */
    static String search(String id) {
        return "id:" + id;
    }

    /** A window in the words of Shopify's search. */
    String search(Window window) {
        Span span = window.span();
        return by(window.entity()) == By.TIME
                ? "updated_at:>='" + Instant.ofEpochSecond(span.low()) + "' updated_at:<'" + Instant.ofEpochSecond(span.high())
                        + "'"
                : "id:>=" + span.low() + " id:<" + span.high();
    }
}
