package io.shopbridge.doctor;

import io.shopbridge.crm.FieldKind;
import java.util.List;

/**
 * A field that a mapping reads or writes.
 *
 * @param kind    what it must hold; null where it is only read, or is the CRM's own: whatever the CRM has is right
 * @param length  longest text that is written; 0 for no limit of our own
 * @param unique  whether it carries our key, so that no two records may have the same value
 * @param choices values that a table gives; empty for any
 * @param to      the CRM's object that a reference leads to; null of any other field
 * @param part    whether the record is a part of the one that the reference leads to: a line item
 */
public record NeededField(String object, String name, FieldKind kind, int length, boolean unique, List<String> choices, String to,
        boolean part) {

    NeededField(String object, String name, FieldKind kind, int length, boolean unique, List<String> choices) {
        this(object, name, kind, length, unique, choices, null, false);
    }

    /** Whether we write a value of our own into it: not the id of another record. */
    public boolean hasValue() {
        return kind != null && kind != FieldKind.REFERENCE;
    }

    /** For people: what to create by hand. */
    public String description() {
        String type = kind == null ? "any type" : switch (kind) {
            case TEXT -> length == 0 || length > 255 ? "long text" : "text";
            case NUMBER -> "number";
            case BOOLEAN -> "yes/no";
            case TIME -> "date and time";
            case DAY -> "date";
            case CHOICE -> "choice of " + String.join(", ", choices);
            case REFERENCE -> "reference to another record";
        };
        return object + "." + name + " (" + type + (unique ? ", unique" : "") + ")";
    }
}
