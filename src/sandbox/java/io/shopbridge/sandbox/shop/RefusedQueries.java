package io.shopbridge.sandbox.shop;

import graphql.GraphQLError;
import graphql.language.AstPrinter;
import graphql.language.Document;
import graphql.language.OperationDefinition;
import graphql.validation.ValidationError;
import graphql.validation.ValidationErrorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says why a query is refused in Shopify's words; it answers them with status 200 and without data. The library that
 * finds the fault names field, argument and type only in its own sentence, in quotes and always in the same order.
 */
final class RefusedQueries {

    private static final Pattern EXPECTED = Pattern.compile("not a valid '([^']*)'");
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'");

    private RefusedQueries() {
    }

    static Map<String, Object> unreadable(String message, int line, int column) {
        return error("syntax error, " + message + " at [" + line + ", " + column + "]",
                List.of(Map.of("line", line, "column", column)), null, Map.of("code", "PARSE_ERROR"));
    }

    /** A variable that is absent, or of another type than its declaration. */
    static Map<String, Object> variable(GraphQLError error, OperationDefinition operation) {
        String message = operation.getVariableDefinitions().stream()
                .filter(variable -> error.getMessage().contains("'" + variable.getName() + "'")).findFirst()
                .map(variable -> "Variable $" + variable.getName() + " of type "
                        + AstPrinter.printAst(variable.getType()) + " was provided invalid value")
                .orElse(error.getMessage());
        return error(message, locations(error), null, Map.of("code", "INVALID_VARIABLE", "problems",
                List.of(Map.of("path", List.of(), "explanation", error.getMessage()))));
    }

    static Map<String, Object> invalid(ValidationError error, Document document) {
        List<String> names = quoted(error.getDescription() == null ? error.getMessage() : error.getDescription());
        String field = error.getQueryPath() == null || error.getQueryPath().isEmpty() ? ""
                : error.getQueryPath().get(error.getQueryPath().size() - 1);
        Map<String, Object> extensions = new LinkedHashMap<>();
        String message = switch ((ValidationErrorType) error.getValidationErrorType()) {
            case FieldUndefined -> {
                code(extensions, "undefinedField", "typeName", names.get(1), "fieldName", names.get(0));
                yield "Field '" + names.get(0) + "' doesn't exist on type '" + names.get(1) + "'";
            }
            case UnknownArgument -> {
                code(extensions, "argumentNotAccepted", "name", field, "typeName", "Field", "argumentName",
                        names.get(0));
                yield "Field '" + field + "' doesn't accept argument '" + names.get(0) + "'";
            }
            case MissingFieldArgument -> {
                code(extensions, "missingRequiredArguments", "className", "Field", "name", field, "arguments",
                        names.get(0));
                yield "Field '" + field + "' is missing required arguments: " + names.get(0);
            }
            case SubselectionRequired -> {
                String returns = names.get(0).replaceAll("[!\\[\\]]", "");
                code(extensions, "selectionMismatch", "nodeName", "field '" + names.get(1) + "'", "typeName", returns);
                yield "Field must have selections (field '" + names.get(1) + "' returns " + returns
                        + " but has no selections. Did you mean '" + names.get(1) + " { ... }'?)";
            }
            case UnknownType -> {
                code(extensions, "undefinedType", "typeName", names.get(0));
                yield "No such type " + names.get(0) + ", so it can't be a fragment condition";
            }
            case WrongType -> {
                Matcher expected = EXPECTED.matcher(error.getDescription());
                code(extensions, "argumentLiteralsIncompatible", "typeName", "Field", "argumentName", names.get(0));
                yield "Argument '" + names.get(0) + "' on Field '" + field + "' has an invalid value."
                        + (expected.find() ? " Expected type '" + expected.group(1) + "'." : "");
            }
            default -> {
                String name = String.valueOf(error.getValidationErrorType());
                code(extensions, name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1));
                yield error.getDescription();
            }
        };
        List<Object> path = new ArrayList<>();
        path.add(operation(document));
        if (error.getQueryPath() != null) {
            path.addAll(error.getQueryPath());
        }
        return error(message, locations(error), path, extensions);
    }

    private static String operation(Document document) {
        return document.getDefinitionsOfType(OperationDefinition.class).stream().findFirst()
                .map(operation -> operation.getOperation().name().toLowerCase(Locale.ROOT)
                        + (operation.getName() == null ? "" : " " + operation.getName())).orElse("query");
    }

    private static void code(Map<String, Object> extensions, String code, String... more) {
        extensions.put("code", code);
        for (int i = 0; i < more.length; i += 2) {
            extensions.put(more[i], more[i + 1]);
        }
    }

    private static List<String> quoted(String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher = QUOTED.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static List<Object> locations(GraphQLError error) {
        List<Object> locations = new ArrayList<>();
        if (error.getLocations() != null) {
            error.getLocations().forEach(one ->
                    locations.add(Map.of("line", one.getLine(), "column", one.getColumn())));
        }
        return locations;
    }

    private static Map<String, Object> error(String message, List<?> locations, List<Object> path,
            Map<String, Object> extensions) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", message);
        error.put("locations", locations);
        if (path != null) {
            error.put("path", path);
        }
        error.put("extensions", extensions);
        return error;
    }
}
