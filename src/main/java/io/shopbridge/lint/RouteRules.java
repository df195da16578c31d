package io.shopbridge.lint;

import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Routes must be readable: canonical form, an id, a description and an error policy each. */
final class RouteRules {

    private static final Set<String> LANGUAGES = Set.of("simple", "constant", "jq", "jsonpath", "xpath", "header",
            "variable", "method", "groovy", "ref", "exchangeProperty");
    /** Steps that take an expression, which the canonical form writes under {@code expression:}. */
    private static final Set<String> EXPRESSION_STEPS = Set.of("setBody", "setHeader", "setVariable", "setProperty",
            "transform", "filter", "split", "loop", "delay", "validate", "when", "recipientList", "idempotentConsumer");
    private static final List<String> KINDS = List.of("route", "routeTemplate", "templatedRoute", "routeConfiguration",
            "beans", "rest");

    private final Map<String, Yaml> ids = new HashMap<>();
    private final Map<String, Yaml> policies = new TreeMap<>();

    private RouteRules() {
    }

    static List<Fault> check(Path root) {
        List<Fault> faults = new ArrayList<>();
        RouteRules rules = new RouteRules();
        List<Yaml> roots = new ArrayList<>();
        List<Path> readable = new ArrayList<>();
        for (Path file : Lint.files(root, ".camel.yaml")) {
            Yaml.read(root, file, faults).ifPresent(yaml -> {
                if (yaml.isList()) {
                    yaml.items().stream().filter(Yaml::isMap).forEach(roots::add);
                    readable.add(file);
                } else {
                    yaml.fault("is not a list of routes", "begin with `- route:`");
                }
            });
        }
        RouteLoading.check(root, readable, faults);
        roots.forEach(item -> one(item, "routeConfiguration").ifPresent(policy -> {
            Yaml id = policy.entries().get("id");
            if (id == null) {
                policy.fault("the key id is missing", "name the policy, so that routes can name it");
            } else {
                rules.policies.put(id.json().asText(), id);
            }
        }));
        roots.forEach(rules::item);
        return faults;
    }

    private void item(Yaml item) {
        item.entries().forEach((kind, at) -> {
            if (!KINDS.contains(kind)) {
                at.fault("is not in the canonical form", Nearest.advice(kind, KINDS));
            } else if (at.isMap() && kind.startsWith("route") && !kind.equals("routeConfiguration")) {
                named(at);
                fails(kind.equals("route") ? at : at.entries().getOrDefault("route", at));
            }
            walk(kind, at);
        });
    }

    private void named(Yaml at) {
        Yaml id = at.entries().get("id");
        if (id == null) {
            at.fault("the key id is missing", "name the route: logs and metrics use its id");
        } else {
            Yaml first = ids.putIfAbsent(id.json().asText(), id);
            if (first != null) {
                id.fault("\"" + id.json().asText() + "\" is the id of a route in " + first.file() + " too",
                        "give each its own");
            }
        }
        if (!at.entries().containsKey("description")) {
            at.fault("the key description is missing", "say in a sentence what the route does and when it fails");
        }
    }

    private void fails(Yaml route) {
        if (!route.isMap()) {
            return;
        }
        Yaml policy = route.entries().get("routeConfigurationId");
        Yaml handler = route.entries().get("errorHandler");
        boolean none = handler != null && handler.isMap() && handler.entries().containsKey("noErrorHandler");
        if (policy != null && !policies.containsKey(policy.json().asText())) {
            policy.fault("there is no routeConfiguration \"" + policy.json().asText() + "\"",
                    Nearest.advice(policy.json().asText(), policies.keySet()));
        } else if (policy == null && !none) {
            route.fault("it has no error policy", "write `routeConfigurationId: <policy>` ("
                    + String.join(", ", policies.keySet()) + "), or `errorHandler: { noErrorHandler: {} }`");
        }
    }

    private void walk(String name, Yaml at) {
        if (at.isList()) {
            at.items().forEach(item -> walk(name, item));
            return;
        }
        if (!at.isMap()) {
            return;
        }
        Map<String, Yaml> entries = at.entries();
        if (name.equals("bean") || name.equals("method")) {
            for (String key : List.of("ref", "method")) {
                if (!entries.containsKey(key)) {
                    at.fault("the key " + key + " is missing", "name the bean and its method: `ref:` and `method:`");
                }
            }
        }
        entries.forEach((key, value) -> {
            if (key.equals("steps") && value.isList()) {
                value.items().stream().filter(Yaml::isMap).forEach(step -> step.entries().forEach((word, body) -> {
                    if (!body.isMap()) {
                        body.fault("is in the compact form", "write its parts on lines of their own, as in"
                                + " `to:` and below it `uri: direct:…`");
                    }
                }));
            }
            if (LANGUAGES.contains(key) && EXPRESSION_STEPS.contains(name)) {
                value.fault("is in the compact form", "write `expression:` and below it `" + key + ":`");
            } else if (LANGUAGES.contains(key) && name.equals("expression") && !value.isMap()) {
                value.fault("is in the compact form", "write `" + key + ":` and below it `expression:`");
            }
            walk(key, value);
        });
    }

    private static Optional<Yaml> one(Yaml item, String kind) {
        return Optional.ofNullable(item.entries().get(kind)).filter(Yaml::isMap);
    }
}
