package io.shopbridge.map;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.internal.IsolatedScopeQuery;
import net.thisptr.jackson.jq.internal.misc.Pair;
import net.thisptr.jackson.jq.internal.tree.ArrayConstruction;
import net.thisptr.jackson.jq.internal.tree.AssignPipeComponent;
import net.thisptr.jackson.jq.internal.tree.Conditional;
import net.thisptr.jackson.jq.internal.tree.FunctionCall;
import net.thisptr.jackson.jq.internal.tree.NegativeExpression;
import net.thisptr.jackson.jq.internal.tree.ObjectConstruction;
import net.thisptr.jackson.jq.internal.tree.PipeComponent;
import net.thisptr.jackson.jq.internal.tree.PipedQuery;
import net.thisptr.jackson.jq.internal.tree.StringInterpolation;
import net.thisptr.jackson.jq.internal.tree.ThisObject;
import net.thisptr.jackson.jq.internal.tree.TransformPipeComponent;
import net.thisptr.jackson.jq.internal.tree.VariableAccess;
import net.thisptr.jackson.jq.internal.tree.binaryop.AlternativeOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BooleanAndExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BooleanOrExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.SimpleBinaryOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.BracketFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.IdentifierFieldAccess;
import net.thisptr.jackson.jq.internal.tree.literal.ValueLiteral;
import net.thisptr.jackson.jq.internal.tree.matcher.matchers.ValueMatcher;

/** Finds the parts of parsed jq that give exactly one value. */
final class OneValues {

    /** They give one value if all their parts do. */
    private static final Set<Class<?>> AS_THEIR_PARTS = Set.of(AlternativeOperatorExpression.class,
            BooleanAndExpression.class, BooleanOrExpression.class, BracketFieldAccess.class, NegativeExpression.class,
            StringInterpolation.class);
    /** Functions of jq that give one value for each of their arguments. */
    private static final Set<String> OF_ARGUMENTS = Set.of("ascii_downcase/0", "ascii_upcase/0", "keys/0", "length/0",
            "not/0", "reverse/0", "to_entries/0", "tojson/0", "tonumber/0", "tostring/0", "type/0", "contains/1",
            "endswith/1", "has/1", "join/1", "ltrimstr/1", "rtrimstr/1", "split/1", "startswith/1", "sub/2", "gsub/2",
            "test/1");
    /** Functions of jq that make one value of all that their arguments give. */
    private static final Set<String> OF_ALL = Set.of("add/0", "first/0", "last/0", "map/1", "any/0", "all/0",
            "sort/0", "unique/0", "with_entries/1", "from_entries/0");

    private OneValues() {
    }

    /**
     * The same part, if it gives one value.
     *
     * @param part    of which all parts have been replaced already
     * @param counted what it is evaluated by otherwise
     * @param known   the functions that can be called where it stands
     */
    static Optional<OneValue> find(Expression part, Expression counted, Definitions known) {
        if (part instanceof ThisObject) {
            return Optional.of(OneValue.input(part));
        }
        if (part instanceof ValueLiteral literal) {
            return Optional.of(OneValue.constant(part, literal.value()));
        }
        if (part instanceof VariableAccess) {
            return Optional.of(OneValue.evaluated(part, Set.of((String) ParsedJq.get(part, "name"))));
        }
        if (part instanceof IdentifierFieldAccess && ParsedJq.get(part, "target") instanceof OneValue target
                && !(boolean) ParsedJq.get(part, "permissive")) {
            return Optional.of(OneValue.field(part, target, (String) ParsedJq.get(part, "field")));
        }
        if (part instanceof IsolatedScopeQuery) {
            // Brackets: definitions in them end with them, and what gives one value has none.
            return ParsedJq.get(part, "q") instanceof OneValue inside ? Optional.of(inside) : Optional.empty();
        }
        if (part instanceof PipedQuery) {
            return pipe(part, (List<?>) ParsedJq.get(part, "components"));
        }
        if (part instanceof Conditional) {
            return conditional(part);
        }
        if (part instanceof FunctionCall) {
            return call(part, counted, known);
        }
        if (part instanceof ObjectConstruction object) {
            return allOne(ParsedJq.parts(part)).map(needs -> OneValue.object(part, object.fields, needs));
        }
        if (part instanceof ArrayConstruction) {
            return Optional.of(OneValue.evaluated(counted, needs(ParsedJq.parts(part))));
        }
        if (part instanceof SimpleBinaryOperatorExpression || AS_THEIR_PARTS.contains(part.getClass())
                && !(part instanceof BracketFieldAccess && (boolean) ParsedJq.get(part, "permissive"))) {
            return allOne(ParsedJq.parts(part)).map(needs -> OneValue.evaluated(counted, needs));
        }
        return Optional.empty();
    }

    private static Optional<OneValue> pipe(Expression part, List<?> components) {
        Object last = components.get(components.size() - 1);
        if (!(last instanceof TransformPipeComponent end && end.expr instanceof OneValue)) {
            return Optional.empty();
        }
        OneValue all = (OneValue) end.expr;
        for (int i = components.size() - 2; i >= 0; i--) {
            PipeComponent component = (PipeComponent) components.get(i);
            if (component instanceof TransformPipeComponent step && step.expr instanceof OneValue value) {
                all = OneValue.pipe(part, value, all, union(value.needs(), all.needs()));
            } else if (component instanceof AssignPipeComponent set && set.expr instanceof OneValue value
                    && set.matcher instanceof ValueMatcher) {
                String name = (String) ParsedJq.get(set.matcher, "name");
                Set<String> needs = new HashSet<>(all.needs());
                needs.remove(name);
                all = OneValue.variable(part, value, name, all, union(value.needs(), needs));
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(all);
    }

    private static Optional<OneValue> conditional(Expression part) {
        List<?> branches = (List<?>) ParsedJq.get(part, "switches");
        return !(ParsedJq.get(part, "otherwise") instanceof OneValue otherwise) ? Optional.empty()
                : allOne(ParsedJq.parts(part)).map(needs -> OneValue.conditional(part,
                        branches.stream().map(branch -> (OneValue) ((Pair<?, ?>) branch)._1).toList(),
                        branches.stream().map(branch -> (OneValue) ((Pair<?, ?>) branch)._2).toList(),
                        otherwise, needs));
    }

    private static Optional<OneValue> call(Expression part, Expression counted, Definitions known) {
        if (ParsedJq.get(part, "moduleName") != null) {
            return Optional.empty();
        }
        List<Expression> arguments = ParsedJq.parts(part);
        String name = ParsedJq.get(part, "name") + "/" + arguments.size();
        Optional<Set<String>> needs = allOne(arguments);
        Optional<Definitions.Body> body = known.body(name);
        if (body.isPresent()) {
            return needs.map(of -> OneValue.call(counted, body.get().variables(),
                    arguments.stream().map(OneValue.class::cast).toList(), body.get().value(), of));
        }
        return known.isJq(name) && (OF_ALL.contains(name) || OF_ARGUMENTS.contains(name) && needs.isPresent())
                ? Optional.of(OneValue.evaluated(counted, needs(arguments))) : Optional.empty();
    }

    /** What the parts need; empty where not every one gives one value. */
    private static Optional<Set<String>> allOne(Collection<Expression> parts) {
        return parts.stream().allMatch(part -> MeteredJq.unchecked(part) instanceof OneValue) ? Optional.of(needs(parts))
                : Optional.empty();
    }

    private static Set<String> needs(Collection<Expression> parts) {
        Set<String> needs = new HashSet<>();
        parts.stream().map(MeteredJq::unchecked).forEach(part -> needs.addAll(
                part instanceof OneValue one ? one.needs() : needs(ParsedJq.parts(part))));
        return needs;
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }
}
