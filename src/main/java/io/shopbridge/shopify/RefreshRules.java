package io.shopbridge.shopify;

import io.shopbridge.map.Expression;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.boot.convert.DurationStyle;

/** Reads {@code refresh} of a type's file. */
final class RefreshRules {

    private static final String ADVICE = "write 30s, 10m, 1h or 30d";

    private RefreshRules() {
    }

    /** @param entity whose records the type's objects are; null where there is none, of which nothing can be asked */
    static List<RefreshRule> read(Yaml at, Entity entity, Collection<Entity> entities) {
        List<RefreshRule> rules = new ArrayList<>();
        if (at == null) {
            return rules;
        }
        if (entity == null) {
            at.fault("there are no records of this type to be asked for", "name the type in entities.yaml, or remove"
                    + " refresh");
        }
        at.entries().forEach((name, rule) -> rule(name, rule, entity, entities).ifPresent(rules::add));
        return List.copyOf(rules);
    }

    private static Optional<RefreshRule> rule(String name, Yaml at, Entity own, Collection<Entity> entities) {
        Map<String, Yaml> words = at.entries("description", "of", "ids", "missing", "says", "within", "after",
                "last");
        Optional<String> missing = at.requiredText("missing", "name the part of the record, as in `missing: tags`");
        List<Duration> after = at.required("after", "say when the record is asked for, as in `after: [10m, 1h]`")
                .map(RefreshRules::durations).orElse(List.of());
        Map<String, Set<String>> says = new LinkedHashMap<>();
        if (words.containsKey("says")) {
            words.get("says").entries().forEach((field, values) ->
                    says.put(field, Set.copyOf(EntitiesReader.texts(values))));
        }
        Duration within = words.containsKey("within") ? duration(words.get("within")).orElse(null) : null;
        Expression last = expression(words.get("last"));
        Entity entity = words.containsKey("of") ? other(words.get("of"), entities) : own;
        Expression ids = expression(words.get("ids"));
        if (words.containsKey("of") != words.containsKey("ids")) {
            at.fault("of and ids belong together", "write both, as in `of: company` and `ids: .company.id`, or none");
        }
        if (missing.isEmpty() || after.isEmpty() || entity == null) {
            return Optional.empty();
        }
        if (!parts(entity).contains(missing.get())) {
            words.get("missing").fault("\"" + missing.get() + "\" is not a facet of the record or one of its lists",
                    Nearest.advice(missing.get(), parts(entity)));
        }
        return Optional.of(new RefreshRule(name, ids == null ? null : new RefreshRule.Other(entity.name(), ids),
                facet(entity, missing.get()), says, within, after, last));
    }

    private static Entity other(Yaml at, Collection<Entity> entities) {
        String name = at.text().orElse("");
        Optional<Entity> entity = entities.stream().filter(one -> one.name().equals(name)).findFirst();
        if (entity.isEmpty()) {
            at.fault("there are no records called so", Nearest.advice(name, entities.stream().map(Entity::name).toList()));
        }
        return entity.orElse(null);
    }

    private static Set<String> parts(Entity entity) {
        Set<String> parts = new TreeSet<>(entity.lists().keySet());
        parts.addAll(entity.apart());
        parts.addAll(entity.together().keySet());
        parts.add(entity.facet());
        return parts;
    }

    private static String facet(Entity entity, String part) {
        return entity.lists().containsKey(part) ? entity.lists().get(part).facetOf("") : part;
    }

    private static List<Duration> durations(Yaml at) {
        return at.items().stream().flatMap(item -> duration(item).stream()).toList();
    }

    private static Optional<Duration> duration(Yaml at) {
        return at.text().flatMap(text -> {
            try {
                Duration duration = DurationStyle.SIMPLE.parse(text);
                if (!text.matches("[0-9]+") && !duration.isNegative()) {
                    return Optional.of(duration);
                }
            } catch (IllegalArgumentException e) {
                // As one without a unit.
            }
            at.fault("\"" + text + "\" is not a duration with a unit", ADVICE);
            return Optional.empty();
        });
    }

    private static Expression expression(Yaml at) {
        return at == null ? null : at.text().map(text -> {
            try {
                return Expression.compile(text);
            } catch (IllegalArgumentException e) {
                at.fault(e.getMessage(), "write jq 1.7 (https://jqlang.org/manual/v1.7/)");
                return null;
            }
        }).orElse(null);
    }
}
