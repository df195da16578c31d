package io.shopbridge.map;

import io.shopbridge.yaml.Yaml;
import java.util.Map;
import java.util.Optional;

/**
 * A file of {@code mappings/rules}, which gives a value by the first rule that fits:
 *
 * <pre>
 * - when: .location.billing_address.country_code == "CA"
 *   give: '"50123"'
 * </pre>
 */
final class RulesFile {

    private RulesFile() {
    }

    /** The rules as one jq expression, which gives null where none fits; empty where the file is broken. */
    static Optional<String> read(Yaml yaml) {
        StringBuilder jq = new StringBuilder();
        boolean broken = false;
        for (Yaml rule : yaml.items()) {
            Map<String, Yaml> parts = rule.entries("description", "when", "give");
            Optional<String> when = jq(rule, parts, "when");
            Optional<String> give = jq(rule, parts, "give");
            broken |= when.isEmpty() || give.isEmpty();
            jq.append(jq.isEmpty() ? "if " : " elif ").append('(').append(when.orElse("")).append(") then (")
                    .append(give.orElse("")).append(')');
        }
        return broken ? Optional.empty() : Optional.of(jq.isEmpty() ? "null" : jq + " else null end");
    }

    private static Optional<String> jq(Yaml rule, Map<String, Yaml> parts, String key) {
        if (!parts.containsKey(key)) {
            rule.fault("the key " + key + " is missing", "write `when:` with a condition and `give:` with the value, both"
                    + " in jq");
            return Optional.empty();
        }
        Optional<String> text = parts.get(key).text();
        try {
            text.ifPresent(Expression::compile);
            return text;
        } catch (IllegalArgumentException e) {
            parts.get(key).fault(e.getMessage(), "see the jq 1.7 manual, https://jqlang.org/manual/v1.7/");
            return Optional.empty();
        }
    }
}
