package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Optional;

/**
 * A relation to another mapped record.
 *
 * @param name its name in the mapping file
 * @param to the canonical entity it points to, or {@code parent} for a child's own parent
 * @param record gives the other record's id; null where {@code to} is {@code parent}
 * @param field the CRM field that takes the other record's CRM id; null where it is an association
 * @param associate the CRM object to associate after the write; null where it is a field
 * @param label the CRM's name for the kind of association, such as Primary; null for its usual one
 * @param required whether the record waits until the other one has a CRM id
 * @param absent what becomes of a record that names no other one
 * @param deleted what becomes of a record whose other one was deleted in Shopify before the CRM had it
 */
public record RecordLink(String name, String to, Expression record, String field, String associate, String label,
        boolean required, Absent absent, Deleted deleted) {

    /** What happens to a record without a related one, such as an order at a till without a customer. */
    public enum Absent {
        /** It goes without. */
        DELIVER,
        /** Skipped: the CRM does not accept it without, or it would be of no use there. */
        SKIP;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What happens to a record that the CRM does not have, if its related one was deleted before the CRM had that. */
    public enum Deleted {
        /** A person decides. */
        HOLD,
        /** It goes without. */
        DELIVER,
        SKIP;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether it points to a child's own parent. */
    public boolean toParent() {
        return to.equals("parent");
    }

    /** Whether the other record is named by this field of the canonical record. */
    public boolean mentions(String canonicalField) {
        return record != null && record.mentions(canonicalField);
    }

    /**
     * The id of the linked record, empty where the record has none (an order without a customer).
     *
     * @throws ExpressionFailed if the expression doesn't give exactly one value
     */
    public Optional<String> recordId(JsonNode of) {
        return record == null ? Optional.empty() : Values.text(record.one(of));
    }
}
