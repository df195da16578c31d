package io.shopbridge.store;

/** A setting that is missing or wrong: the start is refused. The message says which, and what is right. */
public class InvalidSettings extends RuntimeException {

    public InvalidSettings(String message) {
        super(message);
    }
}
