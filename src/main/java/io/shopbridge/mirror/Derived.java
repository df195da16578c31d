package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Entity;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.Json;
import io.shopbridge.store.RecordKey;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Fields of canonical records that Shopify does not send: computed from the record itself, whenever it is read. */
final class Derived {

    private static final String ATTRIBUTES = "attributes";
    private static final String METAFIELDS = "metafields";
    private static final String TITLE = "title";
    private static final Map<String, String> TRACKING =
            Map.of("tracking_numbers", "tracking_number", "tracking_urls", "tracking_url");
    /** What a line is called that has no title, the best first. */
    private static final List<String> NAMES = List.of("name", "sku", "variant_title", "variant_id", "id", "key");

    private Derived() {
    }

    /** @param bareIsShops as {@link MoneyView#nameCurrencies} says, of a record with a buyer */
    static void add(Entity entity, ObjectNode record, boolean complete, boolean bareIsShops) {
        record.set(METAFIELDS, NamedValues.metafields(record.path(METAFIELDS)));
        entity.lists().values().stream().filter(list -> !list.hidden()).forEach(list -> present(record, list));
        Addresses.complete(record);
        if (entity.name().equals(RecordKey.CUSTOMER)) {
            record.putObject("signals");
        }
        boolean isOrder = entity.name().equals(RecordKey.ORDER);
        if (isOrder) {
            OrderProgress.addTo(record);
            record.path("fulfillments").forEach(Derived::tracking);
        }
        if (entity.buyer()) {
            bought(record, isOrder, complete, bareIsShops);
        }
    }

    private static void bought(ObjectNode record, boolean isOrder, boolean complete, boolean bareIsShops) {
        ObjectNode attributes = NamedValues.attributes(record);
        record.set(ATTRIBUTES, attributes);
        visit(record);
        record.set("attribution", Attribution.of(record, attributes));
        for (JsonNode line : record.path("line_items")) {
            if (line instanceof ObjectNode object) {
                object.set(ATTRIBUTES, NamedValues.attributes(line));
                title(object);
            }
        }
        if (complete) {
            OrderTotals.addTo(record, isOrder, bareIsShops);
        }
    }

    /** A subscription may have chosen the first number and address alone. */
    private static void tracking(JsonNode parcel) {
        TRACKING.forEach((all, first) -> {
            if (parcel instanceof ObjectNode object && !parcel.has(all) && Json.text(parcel, first) != null) {
                object.putArray(all).add(parcel.get(first));
            }
        });
    }

    /** An app may sell a line whose title is blank, and no CRM takes one without a name. */
    private static void title(ObjectNode line) {
        if (Json.text(line, TITLE) == null) {
            NAMES.stream().map(field -> Json.text(line, field)).filter(Objects::nonNull).findFirst()
                    .ifPresent(name -> line.put(TITLE, name));
        }
    }

    /** What is known of the visit that led to it, also where the newest state of the record doesn't say. */
    private static void visit(ObjectNode record) {
        if (record.remove(Facets.VISIT) instanceof ObjectNode visit) {
            record.setAll(visit);
        }
    }

    /** What is there still, with the first also alone: most people buy for one company, most companies have one place. */
    private static void present(ObjectNode record, Entity.Part list) {
        JsonNode found = null;
        var all = record.withArrayProperty(list.list()).elements();
        while (all.hasNext()) {
            JsonNode element = all.next();
            if (element.path(Facets.REMOVED).asBoolean(false)) {
                all.remove();
            } else if (found == null) {
                found = element;
            }
        }
        if (list.first() != null) {
            record.set(list.first(), found);
        }
    }
}
