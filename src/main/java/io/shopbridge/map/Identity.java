package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a record is found in the CRM.
 *
 * @param externalIdField the CRM field that carries our key; null where there is none
 * @param externalId gives the key; null where there is none
 * @param name the CRM fields that make up a person's name: a hit by phone alone must agree in them
 */
record Identity(String externalIdField, Expression externalId, List<Match> matches, List<String> name) {

    static final Identity NONE = new Identity(null, null, List.of(), List.of());

    record Match(String field, Expression from, CleanerChain clean) {

        Optional<String> key(JsonNode value, MappingContext context) {
            try {
                JsonNode cleaned = clean.clean(value, context);
                return cleaned.isContainerNode() ? Optional.empty() : Values.text(cleaned);
            } catch (Refused e) {
                return Optional.empty();
            }
        }

        boolean isPhone() {
            return clean.has(Set.of("phone"));
        }
    }

    Optional<String> externalId(JsonNode record) {
        return externalId == null ? Optional.empty() : Values.text(externalId.one(record));
    }

    boolean mentions(String canonicalField) {
        return externalId != null && externalId.mentions(canonicalField)
                || matches.stream().anyMatch(match -> match.from().mentions(canonicalField));
    }

    List<MatchKey> keys(JsonNode record, MappingContext context) {
        List<MatchKey> keys = new ArrayList<>(matches.size());
        for (Match match : matches) {
            match.key(match.from().one(record), context)
                    .map(value -> new MatchKey(match.field(), value, match.isPhone()))
                    .filter(key -> !keys.contains(key)).ifPresent(keys::add);
        }
        return keys;
    }

    /** Compares a CRM's value after the same cleaning; some CRMs answer a list of values or of {value: …}. */
    boolean matches(MatchKey key, JsonNode crmValue, MappingContext context) {
        if (Values.isEmpty(crmValue)) {
            return false;
        }
        if (crmValue.isArray()) {
            for (JsonNode element : crmValue) {
                if (matches(key, element.isObject() ? element.get("value") : element, context)) {
                    return true;
                }
            }
            return false;
        }
        return matches.stream().filter(match -> match.field().equals(key.field()) && match.isPhone() == key.phone())
                .anyMatch(match -> match.key(crmValue, context).filter(key.value()::equals).isPresent());
    }
}
