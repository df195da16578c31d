package io.shopbridge.preview;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.deliver.CrmState;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mended;
import io.shopbridge.map.Owner;
import io.shopbridge.map.Values;
import io.shopbridge.merge.Conflict;
import io.shopbridge.merge.Decision;
import java.util.Map;

/** Explains why a field is or is not sent. */
public final class Why {

    private Why() {
    }

    /** A sentence about this field of a record that is mapped and merged so. */
    public static String of(Field field, MappedRecord mapped, CrmState state, Decision decision) {
        String name = field.name();
        Map<String, JsonNode> present = state.holds();
        if (field.owner() == Owner.CRM) {
            return "it is the CRM's own";
        } else if (!field.goesToCrm()) {
            return "it is written to Shopify only";
        }
        for (String refusal : mapped.refusals()) {
            if (refusal.startsWith(name + ": ") || refusal.startsWith(name + "[")) {
                return "refused: " + refusal;
            }
        }
        for (Mended mended : mapped.mended()) {
            if (mended.leftOut() && mended.field().equals(name)) {
                return "left out: " + mended.because();
            }
        }
        if (!mapped.refusals().isEmpty()) {
            return "the record is rejected because of another field";
        }
        JsonNode value = mapped.fields().get(name);
        if (value == null) {
            return "the value table leaves it as it is";
        }
        boolean conflict = decision.conflicts().stream().map(Conflict::field).anyMatch(name::equals);
        if (decision.write().containsKey(name)) {
            return !state.isThere() ? "the record is new"
                    : conflict ? "both sides have a value, and Shopify's edit is the later one"
                    : Values.isEmpty(present.get(name)) ? "the CRM has no value"
                    : "Shopify decides it, and the CRM has another value";
        } else if (Values.isEmpty(value)) {
            return !state.isThere() ? "Shopify has no value"
                    : "Shopify has no value, and what the CRM has is not ours to clear";
        } else if (field.sameValue(value, present.get(name))) {
            return "the CRM has it already";
        } else if (conflict) {
            return "both sides have a value, and the CRM's edit is the later one";
        } else if (field.isKey()) {
            return "the CRM has another record's key there";
        }
        if (field.owner() == Owner.SHOPIFY_ON_CREATE) {
            return "the CRM has a value of its own";
        } else if (field.owner() == Owner.SHOPIFY_ONCE) {
            return "it is written once only, if the CRM has no value";
        } else if (field.saysNo(present.get(name))) {
            return "the CRM says unsubscribed, and an unsubscribe wins";
        }
        return state.person().size() > 1 ? "another record of the same person decides it"
                : "Shopify's value has not changed since it was last compared, so the CRM's edit stays";
    }
}
