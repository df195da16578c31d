package io.shopbridge.map;

/** A value that can't be converted to the required form; the message gives the reason, without the field's name. */
final class Refused extends Exception {

    Refused(String message) {
        super(message, null, false, false);
    }
}
