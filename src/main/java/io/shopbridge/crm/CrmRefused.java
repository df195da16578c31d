package io.shopbridge.crm;

/** The CRM refuses what we sent; repeating it would change nothing. */
public final class CrmRefused extends CrmFailure {

    private final String existingId;

    public CrmRefused(String because, String existingId) {
        super(because, null);
        this.existingId = existingId;
    }

    /** The CRM's id of the record that is there already; null where the refusal is about something else. */
    public String getExistingId() {
        return existingId;
    }
}
