package io.shopbridge.map;

import io.shopbridge.yaml.Nearest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import org.springframework.util.ConcurrentLruCache;

/**
 * A jq expression (<a href="https://jqlang.org/manual/v1.7/">jq 1.7</a>), compiled once in a process, however often its
 * file is read, and safe for many threads.
 * A plain path, or several joined by {@code //}, is walked without the jq machine: most fields are just that, and
 * values so taken keep every digit.
 */
public final class Expression {

    private static final Scope BUILTINS = MeteredJq.builtins();
    /** About three times as many as the shipped mappings have. */
    private static final int MOST_KEPT = 2_000;
    private static final ConcurrentLruCache<String, Expression> COMPILED =
            new ConcurrentLruCache<>(MOST_KEPT, Expression::parse);
    private static final String STEP = "\\.(?:[A-Za-z_]\\w*|\"[^\"\\\\]+\")";
    private static final String PATH = "(?:" + STEP + ")+";
    /** Each element of a list, as {@link #pathsOf} says it too. */
    public static final String EACH = "[]";
    private static final Pattern DEEP_STEP = Pattern.compile(STEP + "|" + Pattern.quote(EACH));
    private static final Pattern DEEP_PATH = Pattern.compile(STEP + "\\??(?:(?:" + DEEP_STEP + ")\\??)*");
    private static final Pattern PATHS = Pattern.compile(PATH + "(?:\\s*//\\s*" + PATH + ")*");

    private final String text;
    private final net.thisptr.jackson.jq.Expression query;
    private final String[][] paths;

    private Expression(String text, net.thisptr.jackson.jq.Expression query, String[][] paths) {
        this.text = text;
        this.query = query;
        this.paths = paths;
    }

    /**
     * Compiles jq text.
     *
     * @throws IllegalArgumentException where it isn't jq, or calls a function that doesn't exist
     */
    public static Expression compile(String text) {
        return COMPILED.get(text.strip());
    }

    private static Expression parse(String trimmed) {
        if (trimmed.isEmpty()) {
            throw new IllegalArgumentException("the expression is empty");
        }
        if (PATHS.matcher(trimmed).matches()) {
            return new Expression(trimmed, null, split(trimmed));
        }
        try {
            net.thisptr.jackson.jq.Expression query = MeteredJq.compile(trimmed, BUILTINS);
            Optional<String> unknown = FunctionNames.firstUnknown(trimmed, BUILTINS);
            if (unknown.isPresent()) {
                throw new IllegalArgumentException("function " + unknown.get() + " does not exist or is not allowed"
                        + Nearest.to(unknown.get(), functions()).map(name -> " (did you mean " + name + "?)").orElse(""));
            }
            return new Expression(trimmed, query, null);
        } catch (JsonQueryException e) {
            throw new IllegalArgumentException("not jq: " + firstLine(e.getMessage()), e);
        } catch (RuntimeException | Error e) {
            if (e instanceof IllegalArgumentException || e instanceof VirtualMachineError) {
                throw e;
            }
            // jackson-jq's lexer answers some broken texts with errors of its own (TokenMgrError)
            throw new IllegalArgumentException("not jq: " + firstLine(e.getMessage()), e);
        }
    }

    /**
     * The one value that the expression gives.
     *
     * @throws ExpressionFailed where it gives none, several, or an error
     */
    public JsonNode one(JsonNode input) {
        if (paths != null) {
            return walk(input);
        }
        List<JsonNode> values = all(input);
        if (values.size() != 1) {
            throw new ExpressionFailed(text + " gives " + (values.isEmpty() ? "no value" : values.size() + " values")
                    + ", where exactly one is needed");
        }
        return values.get(0);
    }

    /**
     * All values that the expression gives, in order.
     *
     * @throws ExpressionFailed where it gives an error
     */
    public List<JsonNode> all(JsonNode input) {
        if (paths != null) {
            return List.of(walk(input));
        }
        List<JsonNode> values = new ArrayList<>(4);
        Allowance allowance = Allowance.current();
        allowance.renew();
        try {
            query.apply(Scope.newChildScope(BUILTINS), input == null ? NullNode.getInstance() : input, values::add);
            values.forEach(allowance::wholly);
        } catch (Allowance.Exceeded e) {
            throw new ExpressionFailed(text + " " + e.getMessage() + ", and is stopped", true);
        } catch (StackOverflowError e) {
            throw new ExpressionFailed(text + " calls itself endlessly, and is stopped", true);
        } catch (JsonQueryException | RuntimeException e) {
            throw new ExpressionFailed(text + " fails: " + firstLine(e.getMessage()));
        }
        return values;
    }

    /** The jq text. */
    public String text() {
        return text;
    }

    @Override
    public String toString() {
        return text;
    }

    /** The part of the text that gives this record's value: of {@code .phone // .address.phone} the one that has one. */
    public String origin(JsonNode input) {
        if (paths == null) {
            return text;
        }
        for (String[] path : paths) {
            if (!Values.isEmpty(step(input, path, true))) {
                return "." + String.join(".", path);
            }
        }
        return text;
    }

    /**
     * The paths that jq text asks for, as far as it is nothing but paths joined by {@code //}: names, and {@code []} for
     * each element of a list; none where it is more.
     */
    public static List<List<String>> pathsOf(String text) {
        List<List<String>> paths = new ArrayList<>();
        for (String path : text.split("//")) {
            if (!DEEP_PATH.matcher(path.strip()).matches()) {
                return List.of();
            }
            paths.add(DEEP_STEP.matcher(path).results()
                    .map(step -> step.group().equals(EACH) ? EACH : step.group().substring(1).replace("\"", "")).toList());
        }
        return paths;
    }

    /** Whether it asks for a field of this name, anywhere. */
    boolean mentions(String field) {
        return Pattern.compile("\\.\"?" + Pattern.quote(field) + "\\b").matcher(text).find();
    }

    /**
     * What a dry run against null shows to be wrong; a type error there is not a fault, because null is not a record.
     * The message
     * names the expression.
     */
    public Optional<ExpressionFailed> faultOnNull() {
        try {
            all(NullNode.getInstance());
            return Optional.empty();
        } catch (ExpressionFailed e) {
            return e.endless() || e.getMessage().contains("does not exist") ? Optional.of(e) : Optional.empty();
        }
    }

    private JsonNode walk(JsonNode input) {
        for (int i = 0; i < paths.length - 1; i++) {
            JsonNode value = step(input, paths[i], true);
            // As in jq, // passes over null, false and errors
            if (!value.isNull() && !(value.isBoolean() && !value.booleanValue())) {
                return value;
            }
        }
        return step(input, paths[paths.length - 1], false);
    }

    private JsonNode step(JsonNode input, String[] path, boolean forgiving) {
        JsonNode value = input;
        for (String name : path) {
            if (value == null || value.isNull() || value.isMissingNode()) {
                return NullNode.getInstance();
            }
            if (!value.isObject()) {
                if (forgiving) {
                    return NullNode.getInstance();
                }
                throw new ExpressionFailed(text + " fails: ." + name + " is asked of " + Values.kind(value)
                        + ", which has no fields");
            }
            value = value.get(name);
        }
        return value == null ? NullNode.getInstance() : value;
    }

    private static String[][] split(String text) {
        List<List<String>> paths = new ArrayList<>();
        int end = -1;
        Matcher step = Pattern.compile(STEP).matcher(text);
        while (step.find()) {
            // Only what joins two paths stands between two steps.
            if (step.start() != end) {
                paths.add(new ArrayList<>());
            }
            end = step.end();
            paths.get(paths.size() - 1).add(step.group().substring(1).replace("\"", ""));
        }
        return paths.stream().map(path -> path.toArray(String[]::new)).toArray(String[][]::new);
    }

    private static Set<String> functions() {
        return BUILTINS.getLocalFunctions().keySet().stream().map(name -> name.split("/")[0])
                .filter(name -> !name.startsWith("_")).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String firstLine(String message) {
        if (message == null) {
            return "no reason given";
        }
        String line = message.lines().findFirst().orElse("no reason given");
        return line.length() > 200 ? line.substring(0, 200) : line;
    }
}
