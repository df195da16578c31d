package io.shopbridge.map;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.internal.misc.Pair;

/** Looks into the syntax tree of jackson-jq, whose nodes hide their parts. */
final class ParsedJq {

    static final String TREE = "net.thisptr.jackson.jq.internal.tree";

    private ParsedJq() {
    }

    /** A field of a node. */
    static Object get(Object node, String name) {
        return fields(node).stream().filter(field -> field.getName().equals(name)).findFirst()
                .map(field -> get(node, field))
                .orElse(null);
    }

    /** The expressions right inside a node, also those in lists and pairs. */
    static List<Expression> parts(Object node) {
        List<Expression> parts = new ArrayList<>();
        fields(node).forEach(field -> collect(get(node, field), parts));
        return parts;
    }

    private static void collect(Object value, List<Expression> parts) {
        if (value instanceof List<?> list) {
            list.forEach(element -> collect(element, parts));
        } else if (value instanceof Expression expression) {
            parts.add(expression);
        } else if (value != null && isParsed(value.getClass())) {
            parts.addAll(parts(value));
        }
    }

    /** Replaces what the fields of a node hold, where the replacement is something else. */
    static void replace(Object node, Field field, UnaryOperator<Object> replacement) {
        Object part = get(node, field);
        Object replaced = replacement.apply(part);
        if (replaced != part) {
            try {
                field.set(node, replaced);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("jackson-jq's " + field + " can't be replaced", e);
            }
        }
    }

    /** The fields of a node that may hold others. */
    static List<Field> fields(Object node) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> type = node.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    /** Whether it is a part of the tree, and not of what it says. */
    static boolean isParsed(Class<?> type) {
        return type.getPackageName().startsWith(TREE) || type == Pair.class;
    }

    private static Object get(Object node, Field field) {
        try {
            return field.get(node);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("jackson-jq's " + field + " can't be read", e);
        }
    }
}
