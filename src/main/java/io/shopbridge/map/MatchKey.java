package io.shopbridge.map;

import java.util.List;

/**
 * A value by which a CRM may already know the record.
 *
 * @param field the CRM field to search
 * @param value the normalised value, never blank
 * @param phone whether it is a phone number as {@link PhoneNumbers} writes it; a CRM may hold it in another
 *     notation
 */
public record MatchKey(String field, String value, boolean phone) {

    /** The value, and what else means the same number or address and a CRM may have instead: all of them are searched. */
    public List<String> spellings() {
        return phone ? PhoneNumbers.spellings(value) : EmailAddresses.spellings(value);
    }
}
