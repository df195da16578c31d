package io.shopbridge.map;

/** An expression gave no value, several values, or an error for one record; the message names the expression. */
public final class ExpressionFailed extends RuntimeException {

    private final boolean endless;

    ExpressionFailed(String message) {
        this(message, false);
    }

    ExpressionFailed(String message, boolean endless) {
        super(message);
        this.endless = endless;
    }

    /** Whether it was stopped because it took too long. */
    boolean endless() {
        return endless;
    }

    /** What to do about it, where nothing better is known than that this is so. */
    public String advice(String otherwise) {
        return endless ? "make it shorter: let it go through fewer values or repeat less" : otherwise;
    }
}
