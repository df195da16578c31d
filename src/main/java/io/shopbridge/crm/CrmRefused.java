package io.shopbridge.crm;

import java.util.List;

/** The CRM refuses what was sent; a retry would not help. */
public final class CrmRefused extends CrmFailure {

    private final String existingId;
    private final boolean done;
    private final boolean tooLarge;
    private final List<String> fields;

    public CrmRefused(String because, String existingId) {
        this(because, existingId, List.of());
    }

    /** @param fields those whose values are the reason, as the mapping calls them; none where the CRM names none */
    public CrmRefused(String because, String existingId, List<String> fields) {
        this(because, existingId, false, false, fields);
    }

    private CrmRefused(String because, String existingId, boolean done, boolean tooLarge, List<String> fields) {
        super(because, null);
        this.existingId = existingId;
        this.done = done;
        this.tooLarge = tooLarge;
        this.fields = List.copyOf(fields);
    }

    /** The CRM said that it has done it, but what it says of the records can't be read. */
    public static CrmRefused unreadable(String because) {
        return new CrmRefused(because, null, true, false, List.of());
    }

    /** The call is larger than the CRM, or the way to it, takes. */
    public static CrmRefused tooLarge(String because) {
        return new CrmRefused(because, null, false, true, List.of());
    }

    /** The CRM's id of the record that is there already; null where the refusal is about something else. */
    public String getExistingId() {
        return existingId;
    }

    /** The fields whose values are the reason; none where the CRM names none. */
    public List<String> getFields() {
        return fields;
    }

    /** Whether the CRM has done it all the same: to create once more would make a second record. */
    public boolean isDone() {
        return done;
    }

    /** Whether the call's size alone is the reason: whatever the fields are, the record that made it so is to blame. */
    public boolean isTooLarge() {
        return tooLarge;
    }
}
