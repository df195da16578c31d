package io.shopbridge.crm;

/** A crm.yaml, or the settings of a CRM, that can't be used: the start is refused. */
public class InvalidCrm extends RuntimeException {

    public InvalidCrm(String message) {
        super(message);
    }
}
