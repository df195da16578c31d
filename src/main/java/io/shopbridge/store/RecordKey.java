package io.shopbridge.store;

/**
 * Names one Shopify record.
 *
 * @param store    name of the store
 * @param entity   customer or order
 * @param recordId Shopify's numeric id as text, or {@code guest:<hash>} of a buyer without an account
 */
public record RecordKey(String store, String entity, String recordId) implements Comparable<RecordKey> {

    public static final String CUSTOMER = "customer";
    public static final String ORDER = "order";

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
