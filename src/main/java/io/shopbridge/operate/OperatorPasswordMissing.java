package io.shopbridge.operate;

/** The API must not be public, and a default password would be no protection. */
class OperatorPasswordMissing extends RuntimeException {

    static final String REMEDY = "Set the environment variable SHOPBRIDGE_OPERATOR_PASSWORD (plain, or {bcrypt}…).";

    OperatorPasswordMissing() {
        super("No operator password is set: without one, the console, the API and the metrics would be public.");
    }
}
