package io.shopbridge.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.FieldKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A field that an account has.
 *
 * @param kinds    what it can hold
 * @param type     the CRM's own word for that
 * @param unique   whether no two records can have the same value; null where the CRM keeps no field unique
 * @param choices  the values it takes; empty for any
 * @param readOnly whether the CRM refuses to have it written
 */
public record PresentField(Set<FieldKind> kinds, String type, Boolean unique, List<String> choices, boolean readOnly) {

    /** As operation {@code fields} of crm.yaml gives it. */
    public static PresentField of(Crm crm, JsonNode given) {
        String type = given.path("type").asText();
        List<String> choices = new ArrayList<>();
        given.path("choices").forEach(choice -> choices.add(choice.asText()));
        return new PresentField(crm.kinds(type), type, given.has("unique") ? given.get("unique").asBoolean() : null,
                choices, given.path("read_only").asBoolean());
    }
}
