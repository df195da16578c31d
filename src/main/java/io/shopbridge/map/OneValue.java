package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.misc.JsonNodeUtils;
import net.thisptr.jackson.jq.internal.tree.FieldConstruction;
import net.thisptr.jackson.jq.path.Path;

/**
 * A part of jq that gives exactly one value, whatever its input. jackson-jq evaluates every part as if it gave any
 * number of values, each passed on by a callback with its path, and looks a function up by its name at every call. Nearly
 * all that a mapping says gives one value, and a plain call makes an answer of the API cost less than half.
 *
 * <p>What needs paths ({@code del}, {@code |=}) is evaluated by jackson-jq itself.
 */
abstract class OneValue implements Expression {

    private final Expression original;
    private final Set<String> needs;

    /**
     * The part.
     *
     * @param original what jackson-jq parsed
     * @param needs    the variables that it reads and doesn't set
     */
    private OneValue(Expression original, Set<String> needs) {
        this.original = original;
        this.needs = needs;
    }

    abstract JsonNode value(Scope scope, JsonNode in) throws JsonQueryException;

    Set<String> needs() {
        return needs;
    }

    @Override
    public final void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean needsPath)
            throws JsonQueryException {
        if (path != null || needsPath) {
            original.apply(scope, in, path, output, needsPath);
        } else {
            output.emit(value(scope, in), null);
        }
    }

    @Override
    public final String toString() {
        return original.toString();
    }

    /** {@code .} */
    static OneValue input(Expression original) {
        return new OneValue(original, Set.of()) {
            @Override
            JsonNode value(Scope scope, JsonNode in) {
                return in;
            }
        };
    }

    /** A text, a number, true, false or null. */
    static OneValue constant(Expression original, JsonNode value) {
        return new OneValue(original, Set.of()) {
            @Override
            JsonNode value(Scope scope, JsonNode in) {
                return value;
            }
        };
    }

    /** {@code target.name} */
    static OneValue field(Expression original, OneValue target, String name) {
        return new OneValue(original, target.needs) {
            @Override
            JsonNode value(Scope scope, JsonNode in) throws JsonQueryException {
                JsonNode object = target.value(scope, in);
                if (!object.isObject() && !object.isNull()) {
                    throw new JsonQueryException("Cannot index " + JsonNodeUtils.typeOf(object) + " with string \""
                            + name + "\"");
                }
                JsonNode value = object.get(name);
                return value == null ? NullNode.getInstance() : value;
            }
        };
    }

    /** {@code one | next} */
    static OneValue pipe(Expression original, OneValue first, OneValue next, Set<String> needs) {
        return new OneValue(original, needs) {
            @Override
            JsonNode value(Scope scope, JsonNode in) throws JsonQueryException {
                return next.value(scope, first.value(scope, in));
            }
        };
    }

    /** {@code value as $name | next} */
    static OneValue variable(Expression original, OneValue value, String name, OneValue next, Set<String> needs) {
        return new OneValue(original, needs) {
            @Override
            JsonNode value(Scope scope, JsonNode in) throws JsonQueryException {
                Scope inner = Scope.newChildScope(scope);
                inner.setValue(name, value.value(scope, in));
                return next.value(inner, in);
            }
        };
    }

    /** {@code if … then … elif … else … end} */
    static OneValue conditional(Expression original, List<OneValue> conditions, List<OneValue> values,
            OneValue otherwise, Set<String> needs) {
        return new OneValue(original, needs) {
            @Override
            JsonNode value(Scope scope, JsonNode in) throws JsonQueryException {
                for (int i = 0; i < conditions.size(); i++) {
                    if (JsonNodeUtils.asBoolean(conditions.get(i).value(scope, in))) {
                        return values.get(i).value(scope, in);
                    }
                }
                return otherwise.value(scope, in);
            }
        };
    }

    /** A call of a function of the same text, whose parameters are variables. */
    static OneValue call(Expression original, List<String> parameters, List<OneValue> arguments, OneValue body,
            Set<String> needs) {
        return new OneValue(original, needs) {
            @Override
            JsonNode value(Scope scope, JsonNode in) throws JsonQueryException {
                Allowance.current().step();
                Scope inner = parameters.isEmpty() ? scope : Scope.newChildScope(scope);
                for (int i = 0; i < parameters.size(); i++) {
                    inner.setValue(parameters.get(i), arguments.get(i).value(scope, in));
                }
                return body.value(inner, in);
            }
        };
    }

    /** {@code {name: value, …}} */
    static OneValue object(Expression original, List<FieldConstruction> fields, Set<String> needs) {
        return new OneValue(original, needs) {
            @Override
            JsonNode value(Scope scope, JsonNode in) throws JsonQueryException {
                ObjectNode object = scope.getObjectMapper().createObjectNode();
                for (FieldConstruction field : fields) {
                    field.evaluate(scope, in, object::set);
                }
                Allowance.current().made(object);
                return object;
            }
        };
    }

    /** Anything else of which it is known that it gives one value. */
    static OneValue evaluated(Expression original, Set<String> needs) {
        return new OneValue(original, needs) {
            @Override
            JsonNode value(Scope scope, JsonNode in) throws JsonQueryException {
                JsonNode[] only = new JsonNode[1];
                original.apply(scope, in, null, (value, path) -> only[0] = value, false);
                return only[0];
            }
        };
    }
}
