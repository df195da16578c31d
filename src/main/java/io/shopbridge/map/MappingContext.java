package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * What a mapping knows besides the record.
 *
 * @param store the store's name; expressions see it as {@code .store}
 * @param region ISO 3166-1 alpha-2 code by which phone numbers without a country code are read; may be null
 * @param domain the shop's domain at Shopify, such as {@code example.myshopify.com}; expressions see it as
 *     {@code .store_domain}; null where it isn't known
 * @param settings of the CRM account, those that its crm.yaml lists under {@code mapping-settings}; expressions see
 *     them as {@code .settings}
 */
public record MappingContext(String store, String region, String domain, Map<String, String> settings) {

    public MappingContext {
        settings = Map.copyOf(settings);
    }

    /** A context of which only the store is known. */
    public MappingContext(String store, String region) {
        this(store, region, null, Map.of());
    }

    /** The record as expressions see it. */
    public ObjectNode seen(JsonNode record) {
        ObjectNode seen = Values.with(record, "store", Values.NODES.textNode(store));
        seen.put("store_domain", domain);
        ObjectNode values = seen.putObject("settings");
        settings.forEach(values::put);
        return seen;
    }
}
