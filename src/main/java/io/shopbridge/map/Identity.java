package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
            return isOf("phone");
        }

        boolean isOf(String kind) {
            return clean.has(Set.of(kind));
        }

        /** What a CRM's value holds, cleaned as ours; some CRMs have a list of values or of {value: …}. */
        Set<String> values(JsonNode crmValue, MappingContext context) {
            Set<String> values = new LinkedHashSet<>();
            if (Values.isEmpty(crmValue)) {
                return values;
            }
            if (crmValue.isArray()) {
                crmValue.forEach(element -> values.addAll(
                        values(element.isObject() ? element.get("value") : element, context)));
            } else {
                key(crmValue, context).ifPresent(values::add);
            }
            return values;
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

    /** The keys of this kind that a CRM's value holds. */
    Set<String> valuesOf(MatchKey key, JsonNode crmValue, MappingContext context) {
        return matches.stream().filter(match -> match.field().equals(key.field()) && match.isPhone() == key.phone())
                .flatMap(match -> match.values(crmValue, context).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The CRM fields that are searched for values of this kind. */
    List<String> fields(String kind) {
        return matches.stream().filter(match -> match.isOf(kind)).map(Match::field).distinct().toList();
    }

    /** What a CRM's record has of this kind, in any of these fields. */
    Set<String> valuesOf(String kind, Map<String, JsonNode> crmFields, MappingContext context) {
        return matches.stream().filter(match -> match.isOf(kind))
                .flatMap(match -> match.values(crmFields.get(match.field()), context).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
