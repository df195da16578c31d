package io.shopbridge.mirror;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Ids;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Version;
import io.shopbridge.store.RecordKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Carts of which an order tells that they have become one. A cart's own last webhook may be lost, and Shopify's API lists
 * abandoned carts only: it would stay open, and its buyer be reminded of what is bought and paid.
 */
@Component
class OrderedCarts {

    private static final List<String> NAMES = List.of("cart_token", "checkout_token");
    private static final String CREATED_AT = "created_at";
    private static final String COMPLETED_AT = "completed_at";
    /** More than that of what a cart's topic says of the same second. */
    private static final String OF_ORDER = "1";

    private final Shopify shopify;
    private final Aliases aliases;

    OrderedCarts(Shopify shopify, Aliases aliases) {
        this.shopify = shopify;
        this.aliases = aliases;
    }

    /** Adds to what these events say of orders that their carts are completed, of those that are known or told of. */
    void complete(Map<Long, List<FacetChange>> byEvent) {
        Map<FacetChange, List<RecordKey>> orders = new HashMap<>();
        Set<RecordKey> carts = new HashSet<>();
        byEvent.values().stream().flatMap(List::stream).forEach(change -> {
            if (isMain(change, RecordKey.CHECKOUT)) {
                carts.add(change.key());
            } else if (isMain(change, RecordKey.ORDER)) {
                orders.put(change, names(change));
            }
        });
        Set<RecordKey> names = orders.values().stream().flatMap(List::stream).collect(Collectors.toSet());
        if (names.isEmpty()) {
            return;
        }
        Map<RecordKey, RecordKey> known = aliases.known(names);
        carts.addAll(known.values());
        byEvent.replaceAll((event, changes) -> Stream.concat(changes.stream(),
                changes.stream().filter(orders::containsKey).flatMap(order -> orders.get(order).stream()
                        .map(name -> known.getOrDefault(name, name)).filter(carts::contains).limit(1)
                        .map(cart -> completed(cart, order)))).toList());
    }

    private boolean isMain(FacetChange change, String entity) {
        return change.key().entity().equals(entity) && change.facet().equals(shopify.entity(entity).facet());
    }

    /** The same whichever of the order's events tells it. */
    private FacetChange completed(RecordKey cart, FacetChange order) {
        String at = said(order.value()).get(CREATED_AT);
        ObjectNode value = JsonNodeFactory.instance.objectNode().put(COMPLETED_AT, at);
        return new FacetChange(cart, shopify.entity(cart.entity()).facet(), true, new Version(Instant.parse(at), OF_ORDER),
                Json.write(value), order.inboxId());
    }

    /** Of an order whose time is known. */
    private static List<RecordKey> names(FacetChange order) {
        Map<String, String> said = said(order.value());
        return Json.instant(said.get(CREATED_AT)) == null ? List.of() : NAMES.stream().map(said::get)
                .filter(name -> name != null && Ids.isId(name))
                .map(name -> new RecordKey(order.key().store(), RecordKey.CHECKOUT, name)).toList();
    }

    /** An order's fields are sorted, and these are among the first. */
    private static Map<String, String> said(byte[] order) {
        Map<String, String> said = new HashMap<>();
        try (JsonParser json = Json.parser(new String(order, StandardCharsets.UTF_8))) {
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
