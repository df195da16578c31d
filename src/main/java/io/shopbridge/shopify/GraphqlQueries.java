package io.shopbridge.shopify;

import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is asked of Shopify's GraphQL Admin API: the files of {@code mappings/shopify/queries}, one operation each. The
 * first fragment of each {@link GraphqlType} may be used; it is sent with the query.
 */
public final class GraphqlQueries {

    private static final String FOLDER = GraphqlTypes.FOLDER + "/queries";
    private static final String ENDING = ".graphql";
    private static final Pattern OPERATION = Pattern.compile("^(query|mutation)\\s+\\w+", Pattern.MULTILINE);
    private static final Pattern FRAGMENT = Pattern.compile("\\bfragment\\s+(\\w+)\\s+on\\s+\\w+");
    private static final Pattern SPREAD = Pattern.compile("\\.\\.\\.\\s*(?!on\\b)(\\w+)");

    private final Map<String, GraphqlQuery> queries;

    private GraphqlQueries(Map<String, GraphqlQuery> queries) {
        this.queries = queries;
    }

    /** Reads the files. What is wrong is added to the faults, and the queries that are right are given. */
    static GraphqlQueries read(Path mappingsDir, GraphqlTypes types, List<Fault> faults) {
        Map<String, String> fragments = new TreeMap<>();
        types.all().forEach(type -> FRAGMENT.matcher(type.fragment()).results().findFirst()
                .ifPresent(first -> fragments.put(first.group(1), type.fragment())));
        Map<String, GraphqlQuery> queries = new TreeMap<>();
        for (Path file : files(mappingsDir.resolve(FOLDER))) {
            String name = file.getFileName().toString().replace(ENDING, "");
            try {
                query(name, Files.readString(file), fragments, faults, queries);
            } catch (IOException e) {
                faults.add(new Fault(FOLDER + "/" + name + ENDING, 0, "", "can't be read",
                        "make it a readable UTF-8 file"));
            }
        }
        return new GraphqlQueries(queries);
    }

    private static void query(String name, String text, Map<String, String> fragments, List<Fault> faults,
            Map<String, GraphqlQuery> queries) {
        String file = FOLDER + "/" + name + ENDING;
        String code = GraphqlTypes.code(text);
        List<MatchResult> operations = OPERATION.matcher(code).results().toList();
        if (operations.size() != 1) {
            faults.add(new Fault(file, 0, "", "has " + operations.size() + " operations with a name",
                    "write one, as in `query OrdersUpdated($query: String!) {` at the beginning of a line"));
            return;
        }
        if (code.chars().filter(c -> c == '{').count() != code.chars().filter(c -> c == '}').count()) {
            faults.add(new Fault(file, 0, "", "it does not close as many braces as it opens",
                    "close each `{` with a `}`"));
            return;
        }
        Set<String> own = new HashSet<>();
        FRAGMENT.matcher(code).results().forEach(one -> own.add(one.group(1)));
        StringBuilder whole = new StringBuilder(text.strip());
        for (String spread : SPREAD.matcher(code).results().map(one -> one.group(1)).distinct().toList()) {
            if (fragments.containsKey(spread)) {
                whole.append('\n').append(fragments.get(spread).strip());
            } else if (!own.contains(spread)) {
                faults.add(new Fault(file, 0, "", "spreads " + spread + ", which is neither a fragment of this file"
                        + " nor the first one of a file in " + GraphqlTypes.FOLDER,
                        Nearest.advice(spread, fragments.keySet())));
                return;
            }
        }
        queries.put(name, new GraphqlQuery(name, whole.toString(), operations.get(0).group(1).equals("mutation")));
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> path.toString().endsWith(ENDING)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The query of this name.
     *
     * @throws IllegalArgumentException where there is no such file
     */
    public GraphqlQuery get(String name) {
        GraphqlQuery query = queries.get(name);
        if (query == null) {
            throw new IllegalArgumentException("There is no " + FOLDER + "/" + name + ENDING + "; "
                    + Nearest.advice(name, queries.keySet()));
        }
        return query;
    }

    /** All of them, by name. */
    public Collection<GraphqlQuery> all() {
        return queries.values();
    }
}
