package io.shopbridge.crm;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a field holds, whatever the CRM calls it; {@code types} of crm.yaml says what it does. */
public enum FieldKind {

    TEXT, NUMBER, BOOLEAN, TIME, DAY, CHOICE,
    /** The id of another record. */
    REFERENCE;

    static Optional<FieldKind> named(String name) {
        return Stream.of(values()).filter(kind -> kind.toString().equals(name)).findFirst();
    }

    static List<String> names() {
        return Stream.of(values()).map(FieldKind::toString).toList();
    }

    /** As crm.yaml calls it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
