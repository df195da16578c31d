package io.shopbridge.map;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.internal.tree.FunctionDefinition;

/**
 * The functions that jq text defines, by name and number of arguments, with the bodies of those that give one value: a
 * call is replaced by the body, because jackson-jq would look the name up at every call. If a name is defined twice, or
 * is also one of jq's own, no call is replaced: what it means then depends on where it stands.
 */
final class Definitions {

    private final Set<String> jq;
    private final boolean unique;
    /** Empty for a name that must be looked up, such as that of a parameter. */
    private final Map<String, Optional<Body>> bodies = new HashMap<>();

    /** A function that gives one value, whose parameters are variables. */
    record Body(List<String> variables, OneValue value) {
    }

    private Definitions(Set<String> jq, boolean unique) {
        this.jq = jq;
        this.unique = unique;
    }

    /** Those of a text, none of which is read yet. */
    static Definitions of(Expression text, Scope builtins) {
        Set<String> jq = builtins.getLocalFunctions().keySet();
        List<String> defined = new ArrayList<>();
        collect(text, defined);
        Set<String> taken = new HashSet<>(jq);
        Definitions definitions = new Definitions(jq, defined.stream().allMatch(taken::add));
        defined.forEach(name -> definitions.bodies.put(name, Optional.empty()));
        return definitions;
    }

    /** Where nothing is known of what names mean. */
    static Definitions none() {
        return new Definitions(Set.of(), false);
    }

    /** From here on calls of this function are replaced, if it gives one value and needs nothing from outside. */
    void add(FunctionDefinition definition) {
        List<String> variables = parameters(definition).stream().filter(Definitions::isVariable)
                .map(parameter -> parameter.substring(1)).toList();
        if (unique && variables.size() == parameters(definition).size()
                && ParsedJq.get(definition, "body") instanceof OneValue body
                && variables.containsAll(body.needs())) {
            bodies.put(name(definition), Optional.of(new Body(variables, body)));
        }
    }

    /** What a call of this function is replaced by. */
    Optional<Body> body(String name) {
        return bodies.getOrDefault(name, Optional.empty());
    }

    /** Whether it is a function of jq itself. */
    boolean isJq(String name) {
        return jq.contains(name) && !bodies.containsKey(name);
    }

    private static void collect(Expression part, List<String> names) {
        if (part instanceof FunctionDefinition definition) {
            names.add(name(definition));
            parameters(definition).stream().filter(parameter -> !isVariable(parameter))
                    .forEach(parameter -> names.add(parameter + "/0"));
        }
        ParsedJq.parts(part).forEach(inner -> collect(inner, names));
    }

    private static boolean isVariable(String parameter) {
        return parameter.startsWith("$");
    }

    private static String name(FunctionDefinition definition) {
        return ParsedJq.get(definition, "fname") + "/" + parameters(definition).size();
    }

    private static List<String> parameters(FunctionDefinition definition) {
        return ((List<?>) ParsedJq.get(definition, "args")).stream().map(String::valueOf).toList();
    }
}
