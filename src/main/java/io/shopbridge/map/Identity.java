package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
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

    /** The keys that a CRM's value holds, cleaned as ours; some CRMs have a list of values or of {value: …}. */
    Set<String> valuesOf(MatchKey key, JsonNode crmValue, MappingContext context) {
        Set<String> values = new LinkedHashSet<>();
        if (Values.isEmpty(crmValue)) {
            return values;
        }
        if (crmValue.isArray()) {
            crmValue.forEach(element -> values.addAll(
                    valuesOf(key, element.isObject() ? element.get("value") : element, context)));
            return values;
        }
        matches.stream().filter(match -> match.field().equals(key.field()) && match.isPhone() == key.phone())
                .forEach(match -> match.key(crmValue, context).ifPresent(values::add));
        return values;
    }
}
