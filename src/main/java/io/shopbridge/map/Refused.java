package io.shopbridge.map;

/** A value that can't be brought into the wanted form; the message says why, without the field's name. */
final class Refused extends Exception {

    Refused(String message) {
        super(message, null, false, false);
    }
}
