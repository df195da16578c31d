package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Expression;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The other files of {@code mappings/shopify}, one a type of Shopify's GraphQL API:
 *
 * <pre>
 * graphql: Customer
 * bulk: { connection: customers, since: updated_at }   # how a backfill exports them; absent: it doesn't
 * partial: true      # an object with some of these fields is no fault; absent: it would empty the others
 * refresh:           # which records are asked for because something of them is missing; absent: none
 *   tags: { missing: tags, after: [30s] }
 * fragment: |        # what to ask for
 *   fragment Fields on Customer { __typename id … }
 * bodies:            # what webhooks would have brought of it
 *   - topic: customers/update
 *     from: …        # jq; what functions.jq defines may be called
 *     made-of: …     # what is left out where the app may not read a part of the answer; see {@link MadeOf}
 * </pre>
 */
public final class GraphqlTypes {

    /** The folder of {@code mappings} that they are in. */
    public static final String FOLDER = "shopify";
    private static final Set<String> OTHERS = Set.of("topics.yaml", "entities.yaml");
    private static final String FUNCTIONS = "functions.jq";
    private static final Pattern GID = Pattern.compile("gid://shopify/(\\w+)/.+");
    private static final Pattern FRAGMENT = Pattern.compile("\\bfragment\\s+(\\w+)\\s+on\\s+(\\w+)");
    private static final Pattern NAME = Pattern.compile("\\w+");
    private static final Pattern SPREAD = Pattern.compile("\\.\\.\\.\\s*(\\w+)");

    private final Map<String, GraphqlType> types;

    private GraphqlTypes(Map<String, GraphqlType> types) {
        this.types = types;
    }

    /**
     * Reads the files. What is wrong is added to the faults, and the types that are right are given.
     *
     * @param entities whose records the objects are
     * @param topics   those that bodies may be of
     */
    static GraphqlTypes read(Path mappingsDir, Collection<Entity> entities, Set<String> topics, List<Fault> faults) {
        Map<String, GraphqlType> types = new TreeMap<>();
        Path folder = mappingsDir.resolve(FOLDER);
        Optional<String> functions = functions(folder, faults);
        for (Path file : files(folder)) {
            Yaml.read(mappingsDir, file, faults).ifPresent(yaml -> {
                if (!Files.exists(testsOf(file))) {
                    yaml.untested("has no tests", "write " + testsOf(file).getFileName() + " beside it");
                }
                type(yaml, entities, functions, topics).ifPresent(type -> {
                    if (types.putIfAbsent(type.name(), type) != null) {
                        yaml.fault("\"" + type.name() + "\" is described twice", "keep one file for each type");
                    }
                });
            });
        }
        return new GraphqlTypes(types);
    }

    /** Where the cases of a type are, which its own file lies beside. */
    public static Path testsOf(Path file) {
        return file.resolveSibling(file.getFileName().toString().replace(".yaml", ".test.yaml"));
    }

    /** The type of an object, by its {@code __typename} or else its global id; empty where it isn't one of these. */
    public Optional<GraphqlType> of(JsonNode object) {
        return typeName(object).map(types::get);
    }

    /** What an object says of its own type, known or not. */
    static Optional<String> typeName(JsonNode object) {
        String name = object.path("__typename").asText("");
        if (!name.isEmpty()) {
            return Optional.of(name);
        }
        Matcher gid = GID.matcher(object.path("id").asText(""));
        return gid.matches() ? Optional.of(gid.group(1)) : Optional.empty();
    }

    /** All of them, by name. */
    public Collection<GraphqlType> all() {
        return types.values();
    }

    /** The files of the types, in the order of their names. */
    public static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> path.toString().endsWith(".yaml") && !path.toString().endsWith(".test.yaml"))
                    .filter(path -> !OTHERS.contains(path.getFileName().toString())).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty where they are broken: nothing can be said of jq that calls them then. */
    private static Optional<String> functions(Path folder, List<Fault> faults) {
        Path file = folder.resolve(FUNCTIONS);
        if (!Files.exists(file)) {
            return Optional.of("");
        }
        String name = FOLDER + "/" + FUNCTIONS;
        try {
            String text = Files.readString(file);
            Expression.compile(text + "\n.");
            return Optional.of(text + "\n");
        } catch (IOException e) {
            faults.add(new Fault(name, 0, "", "can't be read", "make it a readable UTF-8 file"));
        } catch (IllegalArgumentException e) {
            faults.add(new Fault(name, 0, "", e.getMessage(), "write `def <name>: <jq>;` for each function"));
        }
        return Optional.empty();
    }

    private static Optional<GraphqlType> type(Yaml yaml, Collection<Entity> entities, Optional<String> functions,
            Set<String> topics) {
        Map<String, Yaml> entries = yaml.entries("description", "graphql", "partial", "bulk", "refresh", "fragment",
                "bodies");
        String name = yaml.requiredText("graphql", "name the type, as in `graphql: Customer`").orElse("");
        String fragment = yaml.requiredText("fragment", "write the fields to query, as in `fragment ShopbridgeCustomer"
                + " on Customer { __typename id }`").orElse("");
        Optional<FragmentText> text = fragment.isEmpty() ? Optional.empty()
                : fragment(entries.get("fragment"), name, fragment);
        List<RefreshRule> refresh = RefreshRules.read(entries.get("refresh"),
                entities.stream().filter(entity -> name.equals(entity.type())).findFirst().orElse(null),
                entities);
        List<GraphqlType.Body> bodies = new ArrayList<>();
        yaml.required("bodies", "write the webhook bodies that they replace: `- topic: customers/update` and `from:`"
                + " with jq").ifPresent(all -> all.items().forEach(item ->
                        body(item, functions, topics, text).ifPresent(bodies::add)));
        return name.isEmpty() || fragment.isEmpty() || bodies.isEmpty() ? Optional.empty()
                : Optional.of(new GraphqlType(name, fragment, fields(fragment), bulk(entries.get("bulk")),
                        EntitiesReader.flag(entries, "partial"), refresh, List.copyOf(bodies), yaml.file()));
    }

    private static GraphqlType.Bulk bulk(Yaml at) {
        if (at == null) {
            return null;
        }
        at.entries("connection", "since");
        String connection = at.requiredText("connection", "name the query that has them all, as in `connection: orders`")
                .orElse("");
        String since = at.requiredText("since", "name the time in a search, as in `since: created_at`").orElse("");
        return new GraphqlType.Bulk(connection, since);
    }

    private static Optional<GraphqlType.Body> body(Yaml item, Optional<String> functions,
            Set<String> topics, Optional<FragmentText> text) {
        Map<String, Yaml> entries = item.entries("topic", "from", "made-of");
        String topic = item.requiredText("topic", "name the topic whose body this is, as in `topic: orders/updated`")
                .orElse("");
        String from = item.requiredText("from", "write jq that gives the topic's body").orElse("");
        if (!topic.isEmpty() && !topics.contains(topic)) {
            entries.get("topic").fault("\"" + topic + "\" is not a handled topic",
                    Nearest.advice(topic, topics));
        }
        if (from.isEmpty() || functions.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new GraphqlType.Body(topic, Expression.compile(functions.get() + "(" + from + "\n)"),
                    entries.containsKey("made-of") ? MadeOf.read(entries.get("made-of"), text.orElse(null),
                    text.map(FragmentText::first).orElse(null)) : null));
        } catch (IllegalArgumentException e) {
            entries.get("from").fault(e.getMessage(), "write jq 1.7 (https://jqlang.org/manual/v1.7/); functions of our"
                    + " own are in " + FOLDER + "/" + FUNCTIONS);
            return Optional.empty();
        }
    }

    /**
     * Looks at what a schema isn't needed for. Whether the fields exist, a test asks Shopify's schema.
     *
     * @return empty where it can't be read
     */
    private static Optional<FragmentText> fragment(Yaml at, String type, String text) {
        String code = code(text);
        Matcher fragments = FRAGMENT.matcher(code);
        if (!code.strip().startsWith("fragment") || !fragments.find()) {
            at.fault("is not a GraphQL fragment", "begin with `fragment Shopbridge" + type + " on " + type + " {`");
            return Optional.empty();
        }
        if (!type.isEmpty() && !fragments.group(2).equals(type)) {
            at.fault("the first fragment is on " + fragments.group(2), "write `on " + type + "`, or name "
                    + fragments.group(2) + " under graphql");
        }
        long open = code.chars().filter(c -> c == '{').count();
        long closed = code.chars().filter(c -> c == '}').count();
        if (open == 0 || open != closed) {
            at.fault("it opens " + open + " braces and closes " + closed, "close each `{` with a `}`");
            return Optional.empty();
        }
        Set<String> asked = topLevel(code.substring(code.indexOf('{')));
        if (!asked.contains("__typename")) {
            at.fault("doesn't query __typename", "add `__typename` as its first field: it gives the type of each"
                    + " record of an"
                    + " answer");
        }
        if (!asked.contains("id")) {
            at.fault("doesn't query id", "add `id`: without it, an answer can't be assigned to a record");
        }
        FragmentText read = FragmentText.read(code);
        // The text of a block begins on the line after its key.
        ConnectionRules.check(at, read, at.line() + (code.contains("\n") ? 1 : 0));
        Set<String> defined = new HashSet<>();
        fragments.reset().results().forEach(one -> defined.add(one.group(1)));
        SPREAD.matcher(code).results().map(spread -> spread.group(1)).distinct()
                .filter(name -> !name.equals("on") && !defined.contains(name))
                .forEach(name -> at.fault("spreads " + name + ", which is not a fragment of this file",
                        Nearest.advice(name, defined)));
        return Optional.of(read);
    }

    /** GraphQL without what is in its texts and comments. */
    static String code(String text) {
        return text.replaceAll("\"[^\"\n]*\"", "\"\"").replaceAll("#[^\n]*", "");
    }

    private static Set<String> fields(String fragment) {
        Set<String> fields = topLevel(fragment.substring(Math.max(0, fragment.indexOf('{'))));
        fields.removeIf(name -> !NAME.matcher(name).matches());
        return fields;
    }

    /** The names right inside the first braces. */
    private static Set<String> topLevel(String code) {
        Set<String> names = new HashSet<>();
        int depth = 0;
        for (String token : code.replaceAll("\\([^)]*\\)", "").replaceAll("[{}]", " $0 ").strip().split("\\s+")) {
            depth += token.equals("{") ? 1 : token.equals("}") ? -1 : 0;
            if (depth == 0) {
                return names;
            } else if (depth == 1) {
                names.add(token);
            }
        }
        return names;
    }
}
