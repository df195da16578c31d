package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Function;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.IsolatedScopeQuery;
import net.thisptr.jackson.jq.internal.JsonQueryFunction;
import net.thisptr.jackson.jq.internal.javacc.ExpressionParser;
import net.thisptr.jackson.jq.internal.operators.MultiplyOperator;
import net.thisptr.jackson.jq.internal.tree.Conditional;
import net.thisptr.jackson.jq.internal.tree.FunctionCall;
import net.thisptr.jackson.jq.internal.tree.FunctionDefinition;
import net.thisptr.jackson.jq.internal.tree.PipedQuery;
import net.thisptr.jackson.jq.internal.tree.RecursionOperator;
import net.thisptr.jackson.jq.internal.tree.StringInterpolation;
import net.thisptr.jackson.jq.internal.tree.ThisObject;
import net.thisptr.jackson.jq.internal.tree.TopLevelExpression;
import net.thisptr.jackson.jq.internal.tree.TryCatch;
import net.thisptr.jackson.jq.internal.tree.Tuple;
import net.thisptr.jackson.jq.internal.tree.VariableAccess;
import net.thisptr.jackson.jq.internal.tree.binaryop.AlternativeOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BooleanAndExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BooleanOrExpression;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.BracketExtractFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.BracketFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.IdentifierFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.StringFieldAccess;
import net.thisptr.jackson.jq.internal.tree.literal.ValueLiteral;
import net.thisptr.jackson.jq.path.Path;

/**
 * Compiles jq so that its evaluation is counted against an {@link Allowance}. jackson-jq has no limits and no hook for
 * them, so the nodes of its syntax tree are wrapped where they repeat something or create something large. Unknown
 * nodes are wrapped too: a node of a later version is counted.
 */
final class MeteredJq {

    private static final String COMPARISON = ParsedJq.TREE + ".binaryop.comparison";
    /** They give no more values than their parts do, and make none. */
    private static final Set<Class<?>> PLAIN = Set.of(ThisObject.class, VariableAccess.class, Conditional.class,
            TryCatch.class, TryCatch.Question.class, PipedQuery.class, TopLevelExpression.class,
            AlternativeOperatorExpression.class, BooleanAndExpression.class, BooleanOrExpression.class,
            FunctionDefinition.class, IsolatedScopeQuery.class, IdentifierFieldAccess.class,
            StringFieldAccess.class, BracketFieldAccess.class);
    /** They repeat; what they pass on was made by others. */
    private static final Set<Class<?>> REPEATING = Set.of(BracketExtractFieldAccess.class, RecursionOperator.class,
            Tuple.class, FunctionCall.class);
    /** Functions that go through everything inside of their input. */
    private static final Set<String> DEEP = Set.of("tojson/0", "tostring/0", "sort_by/1", "group_by/1", "min_by/1",
            "max_by/1", "contains/1", "indices/1", "@csv/0", "@tsv/0", "@html/0", "@uri/0", "@sh/0", "@base64/0");
    private static final Set<String> WITH_POSITIONS = Set.of("setpath/2", "getpath/1");
    /** Functions that look for a pattern, their first argument, and which argument holds its flags. */
    private static final Map<String, Integer> WITH_PATTERNS = Map.of("_match_impl/3", 1, "_sub_impl/3", 2);

    private MeteredJq() {
    }

    /** The expression, whose every evaluation uses the thread's allowance. */
    static Expression compile(String text, Scope builtins) throws JsonQueryException {
        Expression parsed = ExpressionParser.compile(text, Versions.JQ_1_7);
        return metered(parsed, Definitions.of(parsed, builtins));
    }

    /** All functions of jq 1.7. */
    static Scope builtins() {
        Scope scope = Scope.newEmptyScope();
        BuiltinFunctionLoader.getInstance().loadFunctions(Versions.JQ_1_7, scope);
        NativeFunctions.addTo(scope);
        scope.getLocalFunctions().forEach((name, function) -> {
            if (function instanceof JsonQueryFunction) {
                meterParts(function, Definitions.none());
            } else {
                scope.addFunction(name, metered(name, function));
            }
        });
        return scope;
    }

    private static Function metered(String name, Function function) {
        boolean deep = DEEP.contains(name);
        boolean positions = WITH_POSITIONS.contains(name);
        Integer flags = WITH_PATTERNS.get(name);
        return (scope, arguments, in, path, output, version) -> {
            Allowance allowance = Allowance.current();
            if (deep) {
                allowance.wholly(in);
            }
            if (positions) {
                arguments.get(0).apply(scope, in, allowance::position);
            }
            if (flags != null) {
                BoundedPattern.check(scope, arguments.get(0), arguments.get(flags), in);
            }
            function.apply(scope, arguments, in, path, (value, at) -> {
                allowance.made(value);
                output.emit(value, at);
            }, version);
        };
    }

    private static Expression metered(Expression expression, Definitions known) {
        meterParts(expression, known);
        Class<?> type = expression.getClass();
        Expression metered = PLAIN.contains(type) || expression instanceof ValueLiteral ? expression
                : new Metered(expression, !REPEATING.contains(type));
        return OneValues.find(expression, metered, known).<Expression>map(one -> one).orElse(metered);
    }

    private static void meterParts(Object node, Definitions known) {
        meterParts(node, node instanceof StringInterpolation || node.getClass().getPackageName().equals(COMPARISON),
                known);
        if (node instanceof FunctionDefinition definition) {
            known.add(definition);
        }
    }

    /**
     * Goes through the fields of a parsed node, and of the pairs and patterns in it, and meters what they hold.
     *
     * @param whole whether the node looks at everything inside of what its parts give: it compares, or writes as text
     */
    private static void meterParts(Object node, boolean whole, Definitions known) {
        for (Field field : ParsedJq.fields(node)) {
            boolean position = node instanceof BracketFieldAccess && !field.getName().equals("target");
            ParsedJq.replace(node, field, part -> meteredPart(part, whole, position, known));
        }
    }

    private static Object meteredPart(Object part, boolean whole, boolean position, Definitions known) {
        if (part instanceof List<?> list) {
            List<Object> parts = new ArrayList<>(list.size());
            list.forEach(element -> parts.add(meteredPart(element, whole, position, known)));
            return parts;
        }
        if (part instanceof MultiplyOperator) {
            return new BoundedMultiplication();
        }
        if (part instanceof Expression expression) {
            Expression metered = metered(expression, known);
            if (position) {
                return new Checked(metered, Allowance::position);
            }
            return whole ? new Checked(metered, Allowance::wholly) : metered;
        }
        if (part != null && ParsedJq.isParsed(part.getClass())) {
            meterParts(part, whole, known);
        }
        return part;
    }

    /** What a node gives before it is looked at. */
    static Expression unchecked(Expression node) {
        return node instanceof Checked checked ? checked.expression : node;
    }

    /** A node whose steps are counted, and what it makes. */
    private record Metered(Expression expression, boolean makes) implements Expression {

        @Override
        public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean needsPath)
                throws JsonQueryException {
            Allowance allowance = Allowance.current();
            allowance.step();
            expression.apply(scope, in, path, (value, at) -> {
                if (makes) {
                    allowance.made(value);
                } else {
                    allowance.step();
                }
                output.emit(value, at);
            }, needsPath);
        }

        @Override
        public String toString() {
            return expression.toString();
        }
    }

    /** A node whose values are looked at before they go on. */
    private record Checked(Expression expression, BiConsumer<Allowance, JsonNode> check) implements Expression {

        @Override
        public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean needsPath)
                throws JsonQueryException {
            expression.apply(scope, in, path, (value, at) -> {
                check.accept(Allowance.current(), value);
                output.emit(value, at);
            }, needsPath);
        }

        @Override
        public String toString() {
            return expression.toString();
        }
    }

    /** {@code "x" * 1000} repeats a text. */
    private static final class BoundedMultiplication extends MultiplyOperator {

        @Override
        public JsonNode apply(ObjectMapper mapper, JsonNode left, JsonNode right) throws JsonQueryException {
            JsonNode text = left.isTextual() ? left : right;
            JsonNode times = left.isTextual() ? right : left;
            if (text.isTextual() && times.isNumber()) {
                Allowance.current().text(text.textValue().length() * times.asDouble());
            }
            return super.apply(mapper, left, right);
        }
    }
}
