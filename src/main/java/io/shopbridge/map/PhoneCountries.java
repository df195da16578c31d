package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The country for phone numbers of a canonical record without a country code: that of the address that they belong to,
 * else that of the record's own address. The address of a parcel to another person does not count for the buyer.
 */
final class PhoneCountries {

    /** Of no record. */
    static final PhoneCountries UNKNOWN = new PhoneCountries(MissingNode.getInstance());

    private static final String PHONE = "phone";
    private static final String BILLING = "/billing_address";
    private static final String SHIPPING = "/shipping_address";
    private static final List<String> NAMES = List.of("first_name", "last_name");
    /** The record's own address: the first of these that says its country. */
    private static final List<String> ADDRESSES = List.of("/default_address", BILLING, SHIPPING,
            "/location/billing_address", "/location/shipping_address", "/addresses/0", "/customer/default_address");

    private final JsonNode record;

    PhoneCountries(JsonNode record) {
        this.record = record;
    }

    /** ISO 3166-1 alpha-2 code; empty where the record names no country. */
    Optional<String> of(String phone) {
        return ofItsAddress(phone).or(() -> ADDRESSES.stream()
                .filter(address -> !address.equals(SHIPPING) || !isShippedToAnotherPerson())
                .map(record::at).flatMap(PhoneCountries::country).findFirst());
    }

    private Optional<String> ofItsAddress(String phone) {
        String wanted = phone.strip();
        // In width, so that the default address counts before others with the same number
        Deque<JsonNode> open = new ArrayDeque<>(List.of(record));
        while (!open.isEmpty()) {
            JsonNode node = open.remove();
            if (node.path(PHONE).isTextual() && node.path(PHONE).textValue().strip().equals(wanted)) {
                Optional<String> country = country(node).findFirst();
                if (country.isPresent()) {
                    return country;
                }
            }
            node.forEach(part -> {
                if (part.isContainerNode()) {
                    open.add(part);
                }
            });
        }
        return Optional.empty();
    }

    private boolean isShippedToAnotherPerson() {
        return NAMES.stream().anyMatch(part -> {
            String ours = Names.compared(record.at(BILLING).path(part).asText(""));
            String theirs = Names.compared(record.at(SHIPPING).path(part).asText(""));
            return !ours.isEmpty() && !theirs.isEmpty() && !ours.equals(theirs);
        });
    }

    /** By its code, else by its name: some apps and older orders have no code. */
    private static Stream<String> country(JsonNode address) {
        return Stream.of(address.path("country_code").asText(""), address.path("country").asText(""))
                .map(country -> country.strip().toUpperCase(Locale.ROOT))
                .map(country -> PhoneNumbers.isRegion(country) ? country : CountryNames.code(country).orElse(""))
                .filter(PhoneNumbers::isRegion);
    }
}
