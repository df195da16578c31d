package io.shopbridge.identify;

import io.shopbridge.merge.CrmValues;
import java.time.Instant;
import java.util.List;

/** The result for a record without a stored link. */
public sealed interface Identification {

    /** It is this CRM record. */
    record Found(String crmId, CrmValues present) implements Identification {
    }

    /** The CRM does not have it, and no other record is creating it. */
    record New() implements Identification {
    }

    /**
     * A person must decide.
     *
     * @param candidates the CRM's ids of the records that it may be
     */
    record Held(List<String> because, List<String> candidates) implements Identification {
    }

    /**
     * Unknown yet; to be tried again.
     *
     * @param until    when to look again at the latest
     * @param waitsFor the record of the same person that is being created, as {@code customer/123}; may be null
     */
    record Wait(Instant until, String waitsFor, String because) implements Identification {
    }
}
