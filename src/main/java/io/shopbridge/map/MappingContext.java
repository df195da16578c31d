package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a mapping knows besides the record.
 *
 * @param store the store's name; expressions see it as {@code .store}
 * @param region ISO 3166-1 alpha-2 code of the store's country, by which phone numbers are read where neither they nor
 *     their record names another; may be null
 * @param countries those that the record names
 */
public record MappingContext(String store, String region, PhoneCountries countries) {

    /** For records that are read one by one with {@link #of}. */
    public MappingContext(String store, String region) {
        this(store, region, PhoneCountries.UNKNOWN);
    }

    /** For the values of this canonical record. */
    public MappingContext of(JsonNode record) {
        return new MappingContext(store, region, new PhoneCountries(record));
    }

    /** The country whose notation this phone number is written in; null where nobody knows. */
    public String regionOf(String phone) {
        return countries.of(phone).orElse(region == null || region.isBlank() ? null : region);
    }
}
