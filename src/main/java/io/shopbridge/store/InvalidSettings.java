package io.shopbridge.store;

import io.shopbridge.start.StartRefused;

/** A missing or wrong setting: the start is refused. The message says which, and what is right. */
public class InvalidSettings extends StartRefused {

    public InvalidSettings(String message) {
        super(message, "Correct the setting and start again.");
    }
}
