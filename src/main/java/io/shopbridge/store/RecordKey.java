package io.shopbridge.store;

/**
 * The key of one Shopify record.
 *
 * @param store    name of the store
 * @param entity   customer, company, company_location, order, draft_order or checkout
 * @param recordId Shopify's numeric id as text; {@code guest:<hash>} of a buyer without an account; a checkout's cart
 *                 token
 */
public record RecordKey(String store, String entity, String recordId) implements Comparable<RecordKey> {

    public static final String CUSTOMER = "customer";
    public static final String ORDER = "order";
    public static final String DRAFT_ORDER = "draft_order";
    public static final String COMPANY = "company";
    public static final String COMPANY_LOCATION = "company_location";
    public static final String CHECKOUT = "checkout";

    /** With what the ids of buyers without an account begin. */
    public static final String GUEST = "guest:";

    /** Whether it is a buyer without an account, who is known by orders only. */
    public boolean isGuest() {
        return entity.equals(CUSTOMER) && recordId.startsWith(GUEST);
    }

    @Override
    public int compareTo(RecordKey other) {
        int byStore = store.compareTo(other.store);
        int byEntity = byStore != 0 ? byStore : entity.compareTo(other.entity);
        return byEntity != 0 ? byEntity : recordId.compareTo(other.recordId);
    }

    @Override
    public String toString() {
        return entity + "/" + recordId;
    }
}
