package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.Store;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/**
 * What a mapping knows besides the record.
 *
 * @param store the store's name; expressions see it as {@code .store}
 * @param region ISO 3166-1 alpha-2 code of the store's country, by which phone numbers are read where neither they nor
 *     their record names another; may be null
 * @param timeZone of the shop, in which a moment in UTC has its day
 * @param domain the shop's domain at Shopify, such as {@code example.myshopify.com}; expressions see it as
 *     {@code .store_domain}; null where it isn't known
 * @param settings of the CRM account, those that its crm.yaml lists under {@code mapping-settings}; expressions see
 *     them as {@code .settings}
 * @param countries those that the record names
 */
public record MappingContext(String store, String region, ZoneId timeZone, String domain,
        Map<String, String> settings, PhoneCountries countries) {

    public MappingContext {
        settings = Map.copyOf(settings);
    }

    /** For records that are read one by one with {@link #of}. */
    public MappingContext(String store, String region, ZoneId timeZone, String domain, Map<String, String> settings) {
        this(store, region, timeZone, domain, settings, PhoneCountries.UNKNOWN);
    }

    /**
     * For the records of a store.
     *
     * @param name  of the store
     * @param store empty: it is not configured any more
     */
    public static MappingContext of(String name, Optional<Store> store, Map<String, String> settings) {
        return new MappingContext(name, store.map(Store::region).orElse(null),
                store.map(Store::timeZone).orElse(ZoneOffset.UTC), store.map(Store::domain).orElse(null), settings);
    }

    /** A context of which only the store is known. */
    public MappingContext(String store, String region) {
        this(store, region, ZoneOffset.UTC, null, Map.of());
    }

    /** For the values of this canonical record. */
    public MappingContext of(JsonNode record) {
        return new MappingContext(store, region, timeZone, domain, settings, new PhoneCountries(record));
    }

    /** The record as expressions see it. */
    public ObjectNode seen(JsonNode record) {
        ObjectNode seen = Values.with(record, "store", Values.NODES.textNode(store));
        seen.put("store_domain", domain);
        ObjectNode values = seen.putObject("settings");
        settings.forEach(values::put);
        return seen;
    }

    /** The country whose notation this phone number is written in; null if unknown. */
    public String regionOf(String phone) {
        return countries.of(phone).orElse(region == null || region.isBlank() ? null : region);
    }
}
