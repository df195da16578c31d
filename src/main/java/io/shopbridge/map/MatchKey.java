package io.shopbridge.map;

/**
 * A value by which a CRM may already know the record.
 *
 * @param field the CRM field to search
 * @param value the normalised value, never blank
 * @param phone whether it is an E.164 phone number, which a CRM may hold in another notation
 */
public record MatchKey(String field, String value, boolean phone) {
}
