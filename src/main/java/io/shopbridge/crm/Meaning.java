package io.shopbridge.crm;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a CRM's failed answer means. */
public enum Meaning {

    /** Later, by itself. */
    BUSY,
    /** The credentials are refused; a person must act. For a whole answer only. */
    LOCKED_OUT,
    /** The record is there no longer. */
    GONE,
    /** Not as it is. */
    REFUSED;

    /** The meaning that crm.yaml calls so. */
    static Optional<Meaning> named(String name) {
        return Stream.of(values()).filter(meaning -> meaning.toString().equals(name)).findFirst();
    }

    /** As crm.yaml calls them. */
    static List<String> names() {
        return Stream.of(values()).map(Meaning::toString).toList();
    }

    /** As crm.yaml calls it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
