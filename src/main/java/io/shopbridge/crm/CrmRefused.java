package io.shopbridge.crm;

/** The CRM refuses what we sent; repeating it would change nothing. */
public final class CrmRefused extends CrmFailure {

    private final String existingId;
    private final boolean done;
    private final boolean tooLarge;

    public CrmRefused(String because, String existingId) {
        this(because, existingId, false, false);
    }

    private CrmRefused(String because, String existingId, boolean done, boolean tooLarge) {
        super(because, null);
        this.existingId = existingId;
        this.done = done;
        this.tooLarge = tooLarge;
    }

    /** The CRM said that it has done it, but what it says of the records can't be read. */
    public static CrmRefused unreadable(String because) {
        return new CrmRefused(because, null, true, false);
    }

    /** The call is larger than the CRM, or the way to it, takes. */
    public static CrmRefused tooLarge(String because) {
        return new CrmRefused(because, null, false, true);
    }

    /** The CRM's id of the record that is there already; null where the refusal is about something else. */
    public String getExistingId() {
        return existingId;
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
