package io.shopbridge.map;

/**
 * A value that could not be delivered as Shopify has it, in a record that is delivered.
 *
 * @param field the CRM's name of the field; of a list inside the record's body as {@code lines[0].name}
 * @param leftOut whether the field is left as the CRM has it; else a mended value is sent
 * @param because why; it may quote the value, so it belongs in the ledger and never in a log
 */
public record Mended(String field, boolean leftOut, String because) {

    Mended inside(String list, int element) {
        return new Mended(list + "[" + element + "]." + field, leftOut, because);
    }

    /** The sentence that the outcome says. */
    @Override
    public String toString() {
        return (leftOut ? "without " : "") + field + ": " + because;
    }
}
