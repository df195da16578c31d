package io.shopbridge.identify;

import io.shopbridge.merge.CrmValues;
import java.util.List;

/** What was found out about a record without a stored link. */
public sealed interface Identification {

    /** It is this CRM record. */
    record Found(String crmId, CrmValues present) implements Identification {
    }

    /** The CRM does not have it, and nobody else is creating it. */
    record New() implements Identification {
    }

    /** A person must decide. */
    record Held(List<String> because) implements Identification {
    }

    /** Another record of the same person is being created: this one waits for it. */
    record Wait(String waitsFor, String because) implements Identification {
    }
}
