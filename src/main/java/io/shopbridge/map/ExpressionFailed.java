package io.shopbridge.map;

/** An expression gave no value, several values, or an error for one record; the message names the expression. */
public final class ExpressionFailed extends RuntimeException {

    ExpressionFailed(String message) {
        super(message);
    }
}
