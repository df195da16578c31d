package io.shopbridge.crm;

import io.shopbridge.start.StartRefused;

/** A crm.yaml, or the settings of a CRM, that can't be used: the start is refused. */
public class InvalidCrm extends StartRefused {

    public InvalidCrm(String message) {
        super(message, "Correct the file or the setting and start again.");
    }
}
