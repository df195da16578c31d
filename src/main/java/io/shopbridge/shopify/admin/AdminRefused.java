package io.shopbridge.shopify.admin;

/** Shopify refuses what was asked, or its answer can't be read: asking the same again does not help. */
public final class AdminRefused extends AdminFailure {

    private final boolean tooCostly;

    AdminRefused(String message, Throwable cause) {
        this(message, false, cause);
    }

    private AdminRefused(String message, boolean tooCostly, Throwable cause) {
        super(message, cause);
        this.tooCostly = tooCostly;
    }

    /** The query costs more points than one may. */
    static AdminRefused tooCostly(String message) {
        return new AdminRefused(message, true, null);
    }

    /** Whether it costs more points than one query may, so that asking for less helps. */
    public boolean isTooCostly() {
        return tooCostly;
    }
}
