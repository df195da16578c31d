package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.CountryNames;
import io.shopbridge.shopify.Json;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The country of a record's addresses by name and by code. Some CRMs take one, some the other, and apps that bring orders
 * into Shopify may give one alone.
 */
final class Addresses {

    private static final List<String> FIELDS = List.of("default_address", "billing_address", "shipping_address");
    private static final List<String> LISTS = List.of("addresses", "locations");
    private static final String NAME = "country";
    private static final String CODE = "country_code";

    private Addresses() {
    }

    static void complete(ObjectNode record) {
        FIELDS.forEach(field -> country(record.path(field)));
        for (String list : LISTS) {
            for (JsonNode element : record.path(list)) {
                country(element);
                FIELDS.forEach(field -> country(element.path(field)));
            }
        }
    }

    private static void country(JsonNode place) {
        if (!(place instanceof ObjectNode address)) {
            return;
        }
        String code = Json.text(address, CODE);
        String name = Stream.of(NAME, "country_name").map(field -> Json.text(address, field)).filter(Objects::nonNull)
                .findFirst().orElse(null);
        if (name == null && code != null) {
            name = CountryNames.name(code.strip().toUpperCase(Locale.ROOT)).orElse(null);
        }
        if (name != null && Json.text(address, NAME) == null) {
            address.put(NAME, name);
        }
        if (name != null && code == null) {
            CountryNames.code(name).ifPresent(found -> address.put(CODE, found));
        }
    }
}
