package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Translates the display names of fields to the account's own names. Some CRMs give every account another key for the
 * same custom field; mappings use the display name, in lower case with underscores, and if crm.yaml has
 * {@code own-keys}, the operation {@code fields} reads the keys. Cached for some minutes, so that an added field is found.
 */
@Component
class FieldNames {

    private static final Duration FRESH = Duration.ofMinutes(5);

    /** Both ways: what the mapping says to what the CRM says, and back. */
    private record Names(Map<String, String> toCrm, Map<String, String> fromCrm, Instant asked) {
    }

    private final CrmClient client;
    private final Map<String, Names> known = new ConcurrentHashMap<>();

    FieldNames(CrmClient client) {
        this.client = client;
    }

    /** The call with the CRM's keys in place of the mapping's names. */
    CrmCall toCrm(Crm crm, CrmCall call) {
        Map<String, String> names = hasOwn(crm, call) ? names(crm, call.object()).toCrm() : Map.of();
        if (names.isEmpty()) {
            return call;
        }
        return call.renamed(name -> names.getOrDefault(name, name));
    }

    /** What an operation gave, with the mapping's names in place of the CRM's keys. */
    List<JsonNode> fromCrm(Crm crm, CrmCall call, List<JsonNode> given) {
        Map<String, String> names = hasOwn(crm, call) ? names(crm, call.object()).fromCrm() : Map.of();
        if (!names.isEmpty()) {
            for (JsonNode element : given) {
                if (element.path("fields").isObject()) {
                    ((ObjectNode) element).set("fields", CrmCall.renamed(element.get("fields"),
                            name -> names.getOrDefault(name, name)));
                } else if (element.path("fields").isArray()) {
                    ArrayNode renamed = JsonNodeFactory.instance.arrayNode();
                    element.get("fields").forEach(field ->
                            renamed.add(names.getOrDefault(field.asText(), field.asText())));
                    ((ObjectNode) element).set("fields", renamed);
                }
            }
        }
        return given;
    }

    /** The mapping's names of these fields. */
    List<String> fromCrm(Crm crm, CrmCall call, Collection<String> fields) {
        if (fields.isEmpty() || !hasOwn(crm, call)) {
            return List.copyOf(fields);
        }
        Map<String, String> names = names(crm, call.object()).fromCrm();
        return fields.stream().map(field -> names.getOrDefault(field, field)).toList();
    }

    private static boolean hasOwn(Crm crm, CrmCall call) {
        return crm.hasOwnKeys() && call.operation() != Operation.FIELDS && crm.can(Operation.FIELDS, call.object());
    }

    private Names names(Crm crm, String object) {
        String key = crm.name() + " " + object;
        Names names = known.get(key);
        if (names == null || names.asked().plus(FRESH).isBefore(Instant.now())) {
            names = ask(crm, object);
            known.put(key, names);
        }
        return names;
    }

    private Names ask(Crm crm, String object) {
        Map<String, String> toCrm = new HashMap<>();
        Map<String, String> fromCrm = new HashMap<>();
        for (JsonNode field : client.call(CrmCall.fields(crm, object))) {
            if (!field.hasNonNull("key")) {
                continue;
            }
            String name = Crm.fieldName(field.path("name").asText());
            // Two fields of one name: the older one, which the CRM lists first.
            if (toCrm.putIfAbsent(name, field.path("key").asText()) == null) {
                fromCrm.put(field.path("key").asText(), name);
            }
        }
        return new Names(toCrm, fromCrm, Instant.now());
    }
}
