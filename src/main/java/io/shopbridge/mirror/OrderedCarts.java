package io.shopbridge.mirror;

import static io.shopbridge.store.Columns.longs;
import static io.shopbridge.store.Columns.texts;
import static io.shopbridge.store.Columns.times;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Ids;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Version;
import io.shopbridge.store.Columns;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.ShopbridgeSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Carts of which an order tells that they have become one. A cart's own last webhook may be lost, and Shopify's API lists
 * abandoned carts only: it would stay open, and its buyer be reminded of what is bought and paid. Which of the two comes
 * first makes no difference: the names that orders give their carts are kept as long as carts are.
 */
@Component
class OrderedCarts {

    private static final List<String> NAMES = List.of("cart_token", "checkout_token");
    private static final String CREATED_AT = "created_at";
    private static final String COMPLETED_AT = "completed_at";
    /** More than that of what a cart's topic says of the same second. */
    private static final String OF_ORDER = "1";

    /** An order of a cart: when it was made, and the event that told of it. */
    private record Order(Instant at, long inboxId) {
        static Order later(Order one, Order other) {
            return one.at().isBefore(other.at()) ? other : one;
        }
    }

    private final JdbcTemplate jdbc;
    private final Shopify shopify;
    private final Aliases aliases;
    private final Duration kept;

    OrderedCarts(JdbcTemplate jdbc, Shopify shopify, Aliases aliases, ShopbridgeSettings settings) {
        this.jdbc = jdbc;
        this.shopify = shopify;
        this.aliases = aliases;
        this.kept = settings.retention().checkouts();
    }

    /**
     * Has these events speak of each cart by its one id, and adds that it is completed where an order says so, or said so
     * before it; within the caller's transaction.
     */
    void join(Map<Long, List<FacetChange>> byEvent) {
        Map<FacetChange, List<RecordKey>> orders = new LinkedHashMap<>();
        Map<RecordKey, Order> named = new TreeMap<>();
        byEvent.values().stream().flatMap(List::stream).filter(change -> isMain(change, RecordKey.ORDER)).forEach(change -> {
            Map<String, String> said = said(change.value());
            Instant at = Json.instant(said.get(CREATED_AT));
            if (at != null) {
                orders.put(change, NAMES.stream().map(said::get).filter(name -> name != null && Ids.isId(name))
                        .map(name -> new RecordKey(change.key().store(), RecordKey.CHECKOUT, name)).toList());
                orders.get(change).forEach(name -> named.merge(name, new Order(at, change.inboxId()), Order::later));
            }
        });
        known(named.keySet()).forEach((name, order) -> named.computeIfPresent(name, (same, now) ->
                now.at().isAfter(order.at()) ? now : null));
        aliases.join(byEvent, named.keySet());
        keep(named);
        Map<RecordKey, RecordKey> carts = new HashMap<>(aliases.known(named.keySet()));
        Map<RecordKey, Set<RecordKey>> told = new HashMap<>();
        byEvent.values().forEach(changes -> told(changes).forEach((cart, names) -> {
            told.computeIfAbsent(cart, key -> new TreeSet<>()).addAll(names);
            names.forEach(name -> carts.put(name, cart));
        }));
        Map<RecordKey, Order> completed = new HashMap<>();
        known(told.values().stream().flatMap(Set::stream).collect(Collectors.toSet())).forEach((name, order) ->
                completed.merge(carts.get(name), order, Order::later));
        named.forEach((name, order) -> {
            if (carts.containsKey(name)) {
                completed.merge(carts.get(name), order, Order::later);
            }
        });
        if (!completed.isEmpty()) {
            byEvent.replaceAll((event, changes) -> Stream.concat(changes.stream(), Stream.concat(
                    told(changes).keySet().stream(), changes.stream().flatMap(change ->
                            orders.getOrDefault(change, List.of()).stream().filter(named::containsKey).map(carts::get)))
                    .filter(completed::containsKey).distinct().map(cart -> completed(cart, completed.get(cart)))).toList());
        }
    }

    private boolean isMain(FacetChange change, String entity) {
        return change.key().entity().equals(entity) && change.facet().equals(shopify.entity(entity).facet());
    }

    /** The carts that are told of, with their names; of one that is only said to be deleted there is nothing to complete. */
    private Map<RecordKey, Set<RecordKey>> told(List<FacetChange> changes) {
        return aliases.names(changes.stream().filter(change -> isMain(change, RecordKey.CHECKOUT)).toList());
    }

    /** The same whichever of the order's events tells it. */
    private FacetChange completed(RecordKey cart, Order by) {
        ObjectNode value = JsonNodeFactory.instance.objectNode().put(COMPLETED_AT, by.at().toString());
        return new FacetChange(cart, shopify.entity(cart.entity()).facet(), true, new Version(by.at(), OF_ORDER),
                Json.write(value), by.inboxId());
    }

    /** The newest orders that have named carts so. */
    private Map<RecordKey, Order> known(Set<RecordKey> names) {
        Map<RecordKey, Order> orders = new HashMap<>();
        if (!names.isEmpty()) {
            jdbc.query("""
                    SELECT o.store, o.cart, o.ordered_at, o.inbox_id
                    FROM unnest(?::text[], ?::text[]) AS n (store, cart) JOIN ordered_cart o USING (store, cart)""",
                    row -> {
                        orders.put(new RecordKey(row.getString(1), RecordKey.CHECKOUT, row.getString(2)),
                                new Order(Columns.instant(row, "ordered_at"), row.getLong("inbox_id")));
                    },
                    texts(names, RecordKey::store), texts(names, RecordKey::recordId));
        }
        return orders;
    }

    /** A cart that comes after its order comes while carts are kept: an order of the shop's history leaves nothing. */
    private void keep(Map<RecordKey, Order> named) {
        Instant since = Instant.now().minus(kept);
        List<RecordKey> names = named.keySet().stream().filter(name -> named.get(name).at().isAfter(since)).toList();
        if (!names.isEmpty()) {
            jdbc.update("""
                    INSERT INTO ordered_cart (store, cart, ordered_at, inbox_id)
                    SELECT * FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::bigint[])
                    ON CONFLICT (store, cart) DO UPDATE
                        SET ordered_at = EXCLUDED.ordered_at, inbox_id = EXCLUDED.inbox_id
                        WHERE ordered_cart.ordered_at < EXCLUDED.ordered_at""",
                    texts(names, RecordKey::store), texts(names, RecordKey::recordId),
                    times(names, name -> named.get(name).at()), longs(names, name -> named.get(name).inboxId()));
        }
    }

    /** An order's fields are sorted, and these are among the first. */
    private static Map<String, String> said(byte[] order) {
        Map<String, String> said = new HashMap<>();
        try (JsonParser json = Json.ownParser(order)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME && json.currentName().compareTo(CREATED_AT) <= 0) {
                String name = json.currentName();
                if (json.nextToken() == JsonToken.VALUE_STRING && (NAMES.contains(name) || name.equals(CREATED_AT))) {
                    said.put(name, json.getText());
                }
                json.skipChildren();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return said;
    }
}
