package io.shopbridge.map;

/**
 * What a mapping knows besides the record.
 *
 * @param store the store's name; expressions see it as {@code .store}
 * @param region ISO 3166-1 alpha-2 code by which phone numbers without a country code are read; may be null
 */
public record MappingContext(String store, String region) {
}
