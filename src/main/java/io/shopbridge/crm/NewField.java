package io.shopbridge.crm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A field that is to be created in an account.
 *
 * @param type    the CRM's word for its kind; null where crm.yaml says none
 * @param length  the longest text that is written; 0 for no limit of our own
 * @param choices the values that are written; empty for any
 */
public record NewField(String name, FieldKind kind, String type, int length, boolean unique, List<String> choices) {

    /** As body and query of crm.yaml see it; without a limit, length is null. */
    void into(ObjectNode definition) {
        definition.put("name", name).put("label", label()).put("kind", kind.toString()).put("type", type)
                .put("length", length == 0 ? null : length).put("unique", unique);
        choices.forEach(definition.putArray("choices")::add);
    }

    /** For people, shopify_last_order_at is Shopify last order at. */
    private String label() {
        String words = name.replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
