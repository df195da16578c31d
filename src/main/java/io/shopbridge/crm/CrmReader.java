package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.store.SecureAddress;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.convert.DurationStyle;

/** Reads a crm.yaml. Every fault goes to the list with its line; what is read after one is only good for more. */
public final class CrmReader {

    private static final List<String> METHODS = List.of("get", "post", "put", "patch", "delete");
    private static final List<String> CLIENT_IN = List.of("header", "body");
    private static final List<String> PAGED_BY = List.of("cursor", "page", "offset");
    private static final List<String> ORDERS = List.of("object", "deal", "activity", "task", "custom", "figures");
    private static final Pattern SETTING = Pattern.compile("\\$\\{([^}]*)}");
    private static final String SETTING_NAME = "[a-z][a-z0-9]*(-[a-z0-9]+)*";
    private static final Pattern SECRET_NAME = Pattern.compile("token|secret|password|key");
    private static final Pattern PLACEHOLDER = Pattern.compile("(?<!\\$)\\{([^}]*)}");

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    /** Stands for what is not jq: it is there, so that nothing more is wrong. */
    private static final Expression BROKEN = Expression.compile(".");

    private CrmReader() {
    }

    /** The definition, empty where the file is no YAML mapping. */
    static Optional<CrmDefinition> read(Path mappingsDir, String folder, List<Fault> faults) {
        return yaml(mappingsDir, folder, faults).map(CrmReader::definition);
    }

    /**
     * Reads and checks a folder's crm.yaml; the faults get whatever is wrong in it.
     *
     * @return the file for checks of one's own, empty where it is no YAML mapping
     */
    public static Optional<Yaml> check(Path mappingsDir, String folder, List<Fault> faults) {
        Optional<Yaml> yaml = yaml(mappingsDir, folder, faults);
        yaml.ifPresent(CrmReader::definition);
        return yaml;
    }

    private static Optional<Yaml> yaml(Path mappingsDir, String folder, List<Fault> faults) {
        Path file = mappingsDir.resolve(folder).resolve("crm.yaml");
        if (!Files.exists(file)) {
            faults.add(new Fault(folder + "/crm.yaml", 0, "", "is missing",
                    "every folder of mappings/ but samples, tables, rules, exports and shopify is a CRM and needs one; the"
                            + " README says how to add one"));
            return Optional.empty();
        }
        Optional<Yaml> yaml = Yaml.read(mappingsDir, file, faults);
        if (yaml.isPresent() && !yaml.get().isMap()) {
            yaml.get().fault("is not a mapping", "begin with `name:` and `transport:`; the README says how to add one");
            return Optional.empty();
        }
        return yaml;
    }

    private static CrmDefinition definition(Yaml yaml) {
        Map<String, Yaml> entries = yaml.entries("name", "transport", "base-url", "auth", "limits",
                "bulk", "idempotency-header", "unique", "lists", "listed", "api-versions", "supported-until", "types",
                "reserved", "own-keys", "advice", "orders", "mapping-settings", "settings", "case-safe-ids",
                "answers", "operations", "objects", "description", "texts");
        String name = yaml.requiredText("name", "write what people call the CRM, as in `name: Acme`").orElse(null);
        String transport = yaml.requiredText("transport",
                "write `transport: rest`, or `own` with a route of its own").orElse(null);
        if (transport != null && !List.of("rest", "own").contains(transport)) {
            entries.get("transport").fault("\"" + transport + "\" is not a transport",
                    Nearest.advice(transport, List.of("rest", "own")));
        }
        boolean rest = "rest".equals(transport);
        for (String key : List.of("auth", "limits", "answers", "operations")) {
            boolean needed = rest || key.equals("limits");
            if (needed && !entries.containsKey(key)) {
                yaml.fault("the key " + key + " is missing", (key.equals("limits") ? "every" : "a REST")
                        + " CRM needs it; the README says how to add one");
            }
        }
        Set<String> groups = groupNames(entries.get("limits"), rest);
        CrmDefinition definition = new CrmDefinition(name, transport, address(entries.get("base-url"), ""),
                auth(entries.get("auth")),
                limits(entries.get("limits")), bulk(entries.get("bulk"), rest), text(entries.get("idempotency-header")),
                byObject(entries.get("unique")), byObject(entries.get("lists")),
                listed(entries.get("listed"), entries.get("operations")),
                apiVersions(entries.get("api-versions")),
                supportedUntil(entries.get("supported-until"), versions(entries.get("api-versions"))),
                types(entries.get("types")), texts(entries.get("reserved")), entries.containsKey("own-keys") && entries.get("own-keys").flag(false),
                advice(entries.get("advice")), orders(entries.get("orders")),
                mappingSettings(entries.get("mapping-settings")), ownSettings(entries.get("settings"), rest),
                texts(entries.get("case-safe-ids")),
                answers(entries.get("answers")), new CrmOperations(yaml.file(),
                        operations(entries.get("operations"), names(entries.get("api-versions")), groups),
                        objects(entries.get("objects"), names(entries.get("api-versions")), groups)));
        unusedGroups(entries.get("limits"), definition);
        return definition;
    }

    private static CrmDefinition.Auth auth(Yaml at) {
        if (at == null || !isMap(at)) {
            return null;
        }
        Map<String, Yaml> entries = at.entries("bearer", "basic", "header", "oauth2");
        if (entries.size() != 1) {
            at.fault("it isn't clear how a call proves who we are",
                    "write exactly one of bearer, basic, header and oauth2");
        }
        String bearer = secret(entries.get("bearer"));
        CrmDefinition.Auth.Basic basic = null;
        if (entries.containsKey("basic") && isMap(entries.get("basic"))) {
            Map<String, Yaml> parts = entries.get("basic").entries("username", "password");
            entries.get("basic").required("username", "write `username: ${username}`");
            entries.get("basic").required("password", "write `password: ${password}`");
            basic = new CrmDefinition.Auth.Basic(settings(parts.get("username")), secret(parts.get("password")));
        }
        CrmDefinition.Auth.Header header = null;
        if (entries.containsKey("header") && isMap(entries.get("header"))) {
            Map<String, Yaml> parts = entries.get("header").entries("name", "value");
            entries.get("header").required("value", "write `value: ${api-key}`");
            header = new CrmDefinition.Auth.Header(
                    entries.get("header").requiredText("name", "name the header, as in `name: X-Api-Key`").orElse(null),
                    secret(parts.get("value")));
        }
        return new CrmDefinition.Auth(bearer, basic, header, oauth2(entries.get("oauth2")));
    }

    private static CrmDefinition.OAuth2 oauth2(Yaml at) {
        if (at == null || !isMap(at)) {
            return null;
        }
        Map<String, Yaml> parts = at.entries("token-url", "client-id", "client-secret", "scope", "client-in");
        at.required("token-url", "write where tokens are fetched, as in `token-url: /oauth/token`");
        at.required("client-id", "write `client-id: ${client-id}`");
        at.required("client-secret", "write `client-secret: ${client-secret}`");
        String url = settings(parts.get("token-url"));
        if (url != null && !url.startsWith("/")) {
            address(parts.get("token-url"), "begin with a slash for a path below base-url, or ");
        }
        String clientIn = text(parts.get("client-in"));
        if (clientIn != null && !CLIENT_IN.contains(clientIn)) {
            parts.get("client-in").fault("\"" + clientIn + "\" is not a place for id and secret",
                    Nearest.advice(clientIn, CLIENT_IN));
        }
        return new CrmDefinition.OAuth2(url, settings(parts.get("client-id")), secret(parts.get("client-secret")),
                settings(parts.get("scope")), clientIn);
    }

    /** An address that secrets are sent to; where a setting begins it, it is checked once that is known. */
    private static String address(Yaml at, String or) {
        String url = text(at);
        if (url != null && !url.startsWith("${")) {
            SecureAddress.fault(SETTING.matcher(url).replaceAll("setting"))
                    .ifPresent(fault -> at.fault(fault, or + SecureAddress.ADVICE));
        }
        return url;
    }

    private static String secret(Yaml at) {
        String text = settings(at);
        if (text != null && !SETTING.matcher(text).find()) {
            at.fault("is a literal secret", "write ${token} and set shopbridge.crms.<crm>.token in the environment");
        }
        return text;
    }

    private static String settings(Yaml at) {
        String text = text(at);
        if (text != null) {
            Matcher matcher = SETTING.matcher(text);
            while (matcher.find()) {
                if (!matcher.group(1).matches("[a-z0-9-]+")) {
                    at.fault("${" + matcher.group(1) + "} names no setting",
                            "a setting's name has lower-case letters, digits and dashes, as in ${api-key}");
                }
            }
        }
        return text;
    }

    private static CrmLimits limits(Yaml at) {
        if (at == null || !isMap(at)) {
            return null;
        }
        Map<String, Yaml> entries =
                at.entries("requests", "period", "at-once", "gather", "claim", "timeout",
                        "allowed-header", "left-header", "groups");
        at.required("requests", "say how many calls the CRM allows in a period, as in `requests: 50`");
        at.required("period", "say how long that period is, as in `period: 10s`");
        at.required("at-once", "say how many calls may be under way together, as in `at-once: 4`");
        return new CrmLimits(count(entries.get("requests")), duration(entries.get("period"), null),
                count(entries.get("at-once")), duration(entries.get("gather"), Duration.ZERO),
                count(entries.get("claim")), duration(entries.get("timeout"), TIMEOUT),
                text(entries.get("allowed-header")), texts(entries.get("left-header")), groups(entries.get("groups")));
    }

    private static Map<String, CrmLimits.Group> groups(Yaml at) {
        Map<String, CrmLimits.Group> groups = new LinkedHashMap<>();
        if (at != null && isMap(at)) {
            at.entries().forEach((name, group) -> {
                if (!name.matches("[a-z][a-z0-9-]*")) {
                    group.fault("\"" + name + "\" is not a name of a group",
                            "use lower-case letters, digits and dashes");
                }
                if (isMap(group)) {
                    Map<String, Yaml> parts = group.entries("requests", "period");
                    group.required("requests", "say how many calls of the group the CRM allows in a period");
                    group.required("period", "say how long that period is, as in `period: 2s`");
                    groups.put(name, new CrmLimits.Group(count(parts.get("requests")),
                            duration(parts.get("period"), null)));
                }
            });
        }
        return groups;
    }

    private static Set<String> groupNames(Yaml limits, boolean rest) {
        Yaml groups = limits == null || !limits.isMap() ? null : limits.entries().get("groups");
        if (groups != null && !rest) {
            groups.fault("the route of a transport of its own keeps no such limits",
                    "leave it out, or write `transport: rest`");
        }
        return groups == null || !groups.isMap() ? Set.of() : groups.entries().keySet();
    }

    /** A limit that is written down and kept by no call would be believed. */
    private static void unusedGroups(Yaml limits, CrmDefinition definition) {
        if (definition.limits() == null || definition.limits().groups().isEmpty()) {
            return;
        }
        Set<String> used = definition.operations().all().map(Endpoint::limit).filter(Objects::nonNull)
                .collect(Collectors.toSet());
        limits.entries().get("groups").entries().forEach((name, group) -> {
            if (!used.contains(name)) {
                group.fault("no operation is counted by it", "write `limit: " + name
                        + "` at the operations that are, or leave it out");
            }
        });
    }

    private static CrmDefinition.Bulk bulk(Yaml at, boolean rest) {
        if (at == null || !isMap(at)) {
            return null;
        }
        if (rest) {
            at.fault("a CRM of this file alone has no other way for much", "leave it out, or write `transport: own`");
        }
        Map<String, Yaml> entries = at.entries("above", "batch");
        at.required("above", "say from how many due records on, as in `above: 2000`");
        at.required("batch", "say how many are taken on at once, as in `batch: 2000`");
        return new CrmDefinition.Bulk(count(entries.get("above")), count(entries.get("batch")));
    }

    private static Map<String, List<String>> byObject(Yaml at) {
        Map<String, List<String>> byObject = new LinkedHashMap<>();
        if (at != null && isMap(at)) {
            at.entries().forEach((object, fields) -> byObject.put(object, texts(fields)));
        }
        return byObject;
    }

    private static Map<String, Integer> listed(Yaml at, Yaml operations) {
        Map<String, Integer> listed = new LinkedHashMap<>();
        if (at != null && isMap(at)) {
            if (operations == null || !operations.isMap() || !operations.entries().containsKey("changed")) {
                at.fault("nothing lists records", "define the operation changed, or leave it out");
            }
            at.entries().forEach((object, most) -> listed.put(object, count(most)));
        }
        return listed;
    }

    private static List<String> texts(Yaml at) {
        return at == null ? List.of() : at.items().stream().map(Yaml::text).flatMap(Optional::stream).toList();
    }

    private static Map<String, Map<Operation, Endpoint>> objects(Yaml at, Set<String> prefixes,
            Set<String> groups) {
        Map<String, Map<Operation, Endpoint>> objects = new LinkedHashMap<>();
        if (at != null && isMap(at)) {
            at.entries().forEach((object, own) -> objects.put(object, operations(own, prefixes, groups)));
        }
        return objects;
    }

    private static Map<String, Map<String, String>> apiVersions(Yaml at) {
        Map<String, Map<String, String>> versions = new LinkedHashMap<>();
        if (at != null && isMap(at)) {
            at.entries().forEach((version, paths) -> {
                Map<String, String> parts = new LinkedHashMap<>();
                if (isMap(paths)) {
                    paths.entries().forEach((name, path) -> parts.put(name, startsWithSlash(path)));
                    if (!parts.keySet().equals(names(at))) {
                        paths.fault("names other paths than the first version",
                                "every version must say where these begin: " + names(at));
                    }
                }
                versions.put(version, parts);
            });
        }
        return versions;
    }

    private static Map<String, LocalDate> supportedUntil(Yaml at, Set<String> versions) {
        Map<String, LocalDate> ends = new LinkedHashMap<>();
        if (at != null && isMap(at)) {
            at.entries().forEach((version, end) -> {
                if (!versions.contains(version)) {
                    end.fault("\"" + version + "\" is not under api-versions", Nearest.advice(version, versions));
                }
                try {
                    ends.put(version, LocalDate.parse(end.text().orElse("")));
                } catch (DateTimeParseException e) {
                    end.fault("is not a date", "write the first day without support, as in 2028-03-01");
                }
            });
        }
        return ends;
    }

    private static Set<String> versions(Yaml at) {
        return at == null || !at.isMap() ? Set.of() : at.entries().keySet();
    }

    private static Map<FieldKind, List<String>> types(Yaml at) {
        Map<FieldKind, List<String>> types = new EnumMap<>(FieldKind.class);
        if (at != null && isMap(at)) {
            at.entries(FieldKind.names().toArray(String[]::new)).forEach((kind, named) ->
                    FieldKind.named(kind).ifPresent(known -> types.put(known, texts(named))));
        }
        return types;
    }

    private static CrmDefinition.Advice advice(Yaml at) {
        if (at == null || !isMap(at)) {
            return null;
        }
        Map<String, Yaml> entries = at.entries("access", "rights", "duplicates");
        return new CrmDefinition.Advice(text(entries.get("access")), text(entries.get("rights")),
                text(entries.get("duplicates")));
    }

    /** The names that paths may begin with, as the first version gives them. */
    private static Set<String> names(Yaml at) {
        return at == null || !at.isMap() ? Set.of() : at.entries().values().stream().findFirst()
                .filter(Yaml::isMap).map(first -> first.entries().keySet()).orElse(Set.of());
    }

    private static String startsWithSlash(Yaml at) {
        String path = text(at);
        if (path != null && !path.startsWith("/")) {
            at.fault("a path begins with a slash", "write what follows the base URL, as in /v1/{object}");
        }
        return path;
    }

    private static List<String> ownSettings(Yaml at, boolean rest) {
        if (at != null && rest) {
            at.fault("nothing reads them", "take it out: a REST CRM's settings are those that auth asks for, and"
                    + " mapping-settings");
        }
        return settingNames(at, true);
    }

    private static List<String> mappingSettings(Yaml at) {
        return settingNames(at, false);
    }

    private static List<String> settingNames(Yaml at, boolean secret) {
        List<String> names = new ArrayList<>();
        for (Yaml item : at == null ? List.<Yaml>of() : at.items()) {
            item.text().ifPresent(name -> {
                if (!name.matches(SETTING_NAME)) {
                    item.fault("\"" + name + "\" is not a name of a setting",
                            "write it as in shopbridge.crms.<crm>, in lower case with dashes");
                } else if (!secret && SECRET_NAME.matcher(name).find()) {
                    item.fault("a secret must not reach a mapping", "take it out: what is mapped ends in the CRM");
                }
                names.add(name);
            });
        }
        return List.copyOf(names);
    }

    private static String orders(Yaml at) {
        String word = text(at);
        if (word != null && !ORDERS.contains(word)) {
            at.fault("\"" + word + "\" is not a form of orders", Nearest.advice(word, ORDERS));
        }
        return word;
    }

    private static List<CrmDefinition.Answer> answers(Yaml at) {
        List<CrmDefinition.Answer> answers = new ArrayList<>();
        for (Yaml item : at == null ? List.<Yaml>of() : at.items()) {
            if (isMap(item)) {
                Map<String, Yaml> entries = item.entries("status", "when", "means", "wait-for", "wait-until",
                        "wait-header", "wait-seconds", "because", "existing", "fields");
                String status = item.requiredText("status", "write `status: 429`, or 4xx for all of a hundred")
                        .orElse(null);
                if (status != null && !status.matches("[1-5]([0-9][0-9]|xx)")) {
                    entries.get("status").fault("\"" + status + "\" is not an HTTP status",
                            "write three digits, or 4xx for all of a hundred");
                } else if (status != null && answers.stream()
                        .anyMatch(earlier -> earlier.when() == null && covers(earlier.status(), status))) {
                    entries.get("status").fault("is never reached", "the first answer that fits counts:"
                            + " put " + status + " before the one that covers it");
                }
                String means = item.requiredText("means",
                        "say what the status means: " + String.join(", ", Meaning.names())).orElse(null);
                Meaning meaning = means == null ? null : Meaning.named(means).orElse(null);
                if (means != null && meaning == null) {
                    entries.get("means").fault("\"" + means + "\" is not a meaning",
                            Nearest.advice(means, Meaning.names()));
                }
                if (means != null && meaning != Meaning.BUSY) {
                    for (String key : List.of("wait-for", "wait-until", "wait-header", "wait-seconds")) {
                        if (entries.containsKey(key)) {
                            entries.get(key).fault("only a busy CRM is waited for",
                                    "leave it out, or write `means: busy`");
                        }
                    }
                }
                String until = text(entries.get("wait-until"));
                if (until != null && !until.equals("midnight")) {
                    entries.get("wait-until").fault("\"" + until + "\" is not a known time",
                            "write midnight, or use wait-for");
                }
                answers.add(new CrmDefinition.Answer(status, jq(entries.get("when"), null), meaning,
                        duration(entries.get("wait-for"), null), until, texts(entries.get("wait-header")),
                        jq(entries.get("wait-seconds"), null), jq(entries.get("because"), null),
                        jq(entries.get("existing"), null), jq(entries.get("fields"), null)));
            }
        }
        return answers;
    }

    private static boolean covers(String earlier, String later) {
        return earlier != null && (earlier.equals(later)
                || earlier.endsWith("xx") && earlier.charAt(0) == later.charAt(0));
    }

    private static Map<Operation, Endpoint> operations(Yaml at, Set<String> prefixes,
            Set<String> groups) {
        Map<Operation, Endpoint> operations = new EnumMap<>(Operation.class);
        if (at == null || !isMap(at)) {
            return operations;
        }
        at.entries().forEach((name, operation) -> {
            Optional<Operation> named = Operation.named(name);
            if (named.isEmpty()) {
                operation.fault("unknown operation", Nearest.advice(name, Operation.names()));
            } else if (isMap(operation)) {
                operations.put(named.get(), endpoint(named.get(), operation, prefixes, groups));
            }
        });
        return operations;
    }

    private static Endpoint endpoint(Operation operation, Yaml at, Set<String> prefixes,
            Set<String> groups) {
        Map<String, Yaml> entries = at.entries("get", "post", "put", "patch", "delete", "batch", "query", "body",
                "gives", "pages", "limit");
        List<String> methods = METHODS.stream().filter(entries::containsKey).toList();
        if (methods.size() != 1) {
            at.fault(methods.isEmpty() ? "there is no path" : "there are " + methods.size() + " paths",
                    "write exactly one of get, post, put, patch and delete, as in `post: /v1/{object}/lookup`");
        }
        int batch = Objects.requireNonNullElse(count(entries.get("batch")), 1);
        methods.forEach(method -> checkPath(operation, entries.get(method), batch, prefixes));
        Expression body = jq(entries.get("body"), operation);
        Expression query = jq(entries.get("query"), operation);
        operation.gives().ifPresent(gives ->
                at.required("gives", "write the jq that takes " + gives + " out of the answer"));
        String limit = text(entries.get("limit"));
        if (limit != null && !groups.contains(limit)) {
            entries.get("limit").fault("\"" + limit + "\" is not under limits.groups", Nearest.advice(limit, groups));
        }
        if (operation == Operation.ALL) {
            checkEveryPage(at, entries.get("pages"));
        }
        String method = methods.isEmpty() ? METHODS.get(0) : methods.get(0);
        return new Endpoint(method.toUpperCase(Locale.ROOT), text(entries.get(method)), batch, query, body,
                jq(entries.get("gives"), null), pages(entries.get("pages")), limit);
    }

    /** What is not told would count as not there. */
    private static void checkEveryPage(Yaml at, Yaml pages) {
        at.required("pages", "say how the list goes on after its first page");
        if (pages != null && pages.isMap() && pages.entries().containsKey("most")) {
            pages.entries().get("most").fault("a list that ends early is not a list of all records",
                    "take it out, and list by ids if the CRM tells only so many");
        }
    }

    private static Paging pages(Yaml at) {
        if (at == null || !isMap(at)) {
            return null;
        }
        Map<String, Yaml> entries = at.entries("by", "size", "next", "most");
        String by = at.requiredText("by", "say how pages are named: " + String.join(", ", PAGED_BY)).orElse(null);
        if (by != null && !PAGED_BY.contains(by)) {
            entries.get("by").fault("\"" + by + "\" is not a way to name pages", Nearest.advice(by, PAGED_BY));
        }
        if ("cursor".equals(by)) {
            at.required("next", "write the jq that takes the next cursor out of the answer");
        } else if (by != null && !entries.containsKey("next")) {
            at.required("size", "say how many elements a full page has, or how the answer tells by `next`");
        }
        return new Paging(by, count(entries.get("size")), jq(entries.get("next"), null),
                count(entries.get("most")));
    }

    private static String dryRun(Expression expression, Operation operation) {
        try {
            expression.one(operation.example());
            return null;
        } catch (ExpressionFailed e) {
            return e.getMessage();
        }
    }

    private static void checkPath(Operation operation, Yaml at, int batch, Set<String> prefixes) {
        String path = text(at);
        if (path == null) {
            return;
        }
        Matcher prefix = SETTING.matcher(path);
        if (!prefix.lookingAt()) {
            startsWithSlash(at);
        } else if (!prefixes.contains(prefix.group(1))) {
            at.fault("${" + prefix.group(1) + "} is not under api-versions",
                    Nearest.advice(prefix.group(1), prefixes));
        }
        List<String> legal = operation.placeholders();
        Matcher matcher = PLACEHOLDER.matcher(path);
        while (matcher.find()) {
            String name = matcher.group(1);
            if (!legal.contains(name)) {
                at.fault("nothing fills {" + name + "} in the path of " + operation, Nearest.advice(name, legal));
            } else if (List.of("id", "key").contains(name) && batch > 1) {
                at.fault("a path with {" + name + "} is about one record", "write `batch: 1`, or give .ids in the body");
            }
        }
    }

    /** @param operation for whose calls it is tried; null where it is about an answer */
    private static Expression jq(Yaml at, Operation operation) {
        String text = text(at);
        if (text == null) {
            return null;
        }
        try {
            Expression expression = Expression.compile(text);
            Optional<ExpressionFailed> endless = expression.faultOnNull();
            String wrong = operation == null || endless.isPresent() ? null : dryRun(expression, operation);
            endless.ifPresent(fault -> at.fault(fault.getMessage(), fault.advice("use a function of jq 1.7")));
            if (wrong != null) {
                at.fault(wrong, "it sees " + operation.sees() + ", and must give one object");
            }
            return expression;
        } catch (IllegalArgumentException e) {
            at.fault(e.getMessage(), "see the jq 1.7 manual, https://jqlang.org/manual/v1.7/");
            return BROKEN;
        }
    }

    private static Integer count(Yaml at) {
        if (at == null) {
            return null;
        }
        JsonNode value = at.json();
        if (value.canConvertToInt() && value.isIntegralNumber() && value.intValue() > 0) {
            return value.intValue();
        }
        at.fault("is not a whole number above 0", "write digits only, as in 50");
        return null;
    }

    private static Duration duration(Yaml at, Duration otherwise) {
        String text = text(at);
        if (text == null) {
            return otherwise;
        }
        try {
            Duration duration = DurationStyle.detectAndParse(text);
            if (text.matches("[0-9]+")) {
                at.fault("\"" + text + "\" has no unit", "write 500ms, 10s, 2m or 1h");
            } else if (duration.isNegative()) {
                at.fault("\"" + text + "\" is negative", "write 500ms, 10s, 2m or 1h");
            }
            return duration;
        } catch (IllegalArgumentException e) {
            at.fault("\"" + text + "\" is not a duration", "write 500ms, 10s, 2m or 1h");
            return otherwise;
        }
    }

    private static String text(Yaml at) {
        return at == null ? null : at.text().orElse(null);
    }

    private static boolean isMap(Yaml at) {
        if (!at.isMap()) {
            at.fault("is not a mapping", "write `key: value` lines");
        }
        return at.isMap();
    }
}
