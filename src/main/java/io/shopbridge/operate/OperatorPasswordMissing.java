package io.shopbridge.operate;

/** Nothing may be open to everybody, and a default password is as good as none. */
class OperatorPasswordMissing extends RuntimeException {

    static final String REMEDY = "Set the environment variable SHOPBRIDGE_OPERATOR_PASSWORD (plain, or {bcrypt}…).";

    OperatorPasswordMissing() {
        super("No operator password is set: without one, the console, the API and the metrics would be public.");
    }
}
