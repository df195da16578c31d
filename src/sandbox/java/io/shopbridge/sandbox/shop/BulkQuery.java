package io.shopbridge.sandbox.shop;

import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.OperationDefinition;
import graphql.language.OperationDefinition.Operation;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLTypeUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The rules for the query of a bulk operation, each in the sentence that was captured from a real shop in April 2026.
 *
 * @see <a href="https://shopify.dev/docs/api/usage/bulk-operations/queries">Bulk operations</a>
 */
final class BulkQuery {

    private static final int MOST_CONNECTIONS = 5;
    private static final int DEEPEST = 2;

    private final GraphQLSchema schema;
    private final Map<String, FragmentDefinition> fragments = new LinkedHashMap<>();
    private final TreeSet<String> withoutEdges = new TreeSet<>();
    private final TreeSet<String> withoutId = new TreeSet<>();
    private int connections;
    private int deepest;
    private boolean inList;

    private BulkQuery(GraphQLSchema schema, Document document) {
        this.schema = schema;
        document.getDefinitionsOfType(FragmentDefinition.class).forEach(one -> fragments.put(one.getName(), one));
    }

    /** What is wrong with a query that the schema allows; empty if it may run. */
    static List<String> faults(Document document, GraphQLSchema schema) {
        OperationDefinition operation = document.getDefinitionsOfType(OperationDefinition.class).get(0);
        if (operation.getOperation() != Operation.QUERY) {
            return List.of("Invalid operation type. Only `query` operations are supported.");
        }
        BulkQuery query = new BulkQuery(schema, document);
        query.visit(operation.getSelectionSet(), schema.getQueryType(), 0, false, null);
        List<String> faults = new ArrayList<>();
        for (Field field : operation.getSelectionSet().getSelectionsOfType(Field.class)) {
            if (field.getName().equals("node") || field.getName().equals("nodes")) {
                faults.add("Bulk queries cannot contain a top level `" + field.getName() + "` field.");
            }
        }
        query.judge(faults);
        return faults;
    }

    private void judge(List<String> faults) {
        if (!withoutEdges.isEmpty()) {
            faults.add("All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: '"
                    + withoutEdges.first() + " { edges { node {'. Selecting via 'nodes' is not supported. Invalid"
                    + " connection fields: '" + String.join("', '", withoutEdges) + "'.");
        }
        if (connections == 0) {
            faults.add("Bulk queries must contain at least one connection.");
        }
        if (connections > MOST_CONNECTIONS) {
            faults.add("Bulk queries cannot contain more than " + MOST_CONNECTIONS + " connections.");
        }
        if (deepest > DEEPEST) {
            faults.add("Bulk queries cannot contain connections with a nesting depth greater than " + DEEPEST + ".");
        }
        if (!withoutId.isEmpty()) {
            faults.add("The parent 'node' field for a nested connection must select the 'id' field without an alias and"
                    + " must be of 'ID' return type. Connection fields without 'id': " + String.join(", ", withoutId)
                    + ".");
        }
        if (inList) {
            faults.add("Queries that contain a connection field within a list field are not currently supported.");
        }
    }

    /**
     * @param depth how many connections lead here
     * @param parent the connection whose node this is in; null at the top
     * @return whether there is a connection beneath, not counting what other connections hold
     */
    private boolean visit(SelectionSet selections, GraphQLFieldsContainer type, int depth, boolean list,
            Field parent) {
        boolean found = false;
        for (Selection<?> selection : selections.getSelections()) {
            if (selection instanceof InlineFragment inline) {
                found |= visit(inline.getSelectionSet(), inline.getTypeCondition() == null ? type
                        : type(inline.getTypeCondition().getName(), type), depth, list, parent);
            } else if (selection instanceof FragmentSpread spread) {
                FragmentDefinition fragment = fragments.get(spread.getName());
                found |= visit(fragment.getSelectionSet(), type(fragment.getTypeCondition().getName(), type), depth,
                        list, parent);
            } else if (selection instanceof Field field && field.getSelectionSet() != null
                    && type.getFieldDefinition(field.getName()) != null) {
                GraphQLFieldDefinition definition = type.getFieldDefinition(field.getName());
                if (!(GraphQLTypeUtil.unwrapAll(definition.getType()) instanceof GraphQLFieldsContainer inner)) {
                    continue;
                }
                if (inner.getName().endsWith("Connection")) {
                    found = true;
                    connection(field, inner, depth, list);
                } else {
                    found |= visit(field.getSelectionSet(), inner, depth, list || isList(definition), parent);
                }
            }
        }
        if (found && parent != null && !hasId(selections) && parent.getSelectionSet() != null
                && isNodeOf(parent, selections)) {
            withoutId.add(parent.getName());
        }
        return found;
    }

    private void connection(Field field, GraphQLFieldsContainer type, int depth, boolean list) {
        connections++;
        deepest = Math.max(deepest, depth);
        inList |= list;
        Field node = node(field);
        if (node == null || field.getSelectionSet().getSelectionsOfType(Field.class).stream()
                .anyMatch(one -> one.getName().equals("nodes"))) {
            withoutEdges.add(field.getName());
            return;
        }
        GraphQLFieldsContainer edge = (GraphQLFieldsContainer) GraphQLTypeUtil.unwrapAll(
                type.getFieldDefinition("edges").getType());
        GraphQLFieldsContainer of = (GraphQLFieldsContainer) GraphQLTypeUtil.unwrapAll(
                edge.getFieldDefinition("node").getType());
        visit(node.getSelectionSet(), of, depth + 1, false, field);
    }

    private static Field node(Field connection) {
        return connection.getSelectionSet().getSelectionsOfType(Field.class).stream()
                .filter(one -> one.getName().equals("edges"))
                .flatMap(edges -> edges.getSelectionSet().getSelectionsOfType(Field.class).stream())
                .filter(one -> one.getName().equals("node")).findFirst().orElse(null);
    }

    private static boolean isNodeOf(Field connection, SelectionSet selections) {
        Field node = node(connection);
        return node != null && node.getSelectionSet() == selections;
    }

    private boolean hasId(SelectionSet selections) {
        return selections.getSelections().stream().anyMatch(selection ->
                selection instanceof Field field ? field.getName().equals("id") && field.getAlias() == null
                : selection instanceof FragmentSpread spread
                        ? hasId(fragments.get(spread.getName()).getSelectionSet())
                        : selection instanceof InlineFragment inline && hasId(inline.getSelectionSet()));
    }

    private GraphQLFieldsContainer type(String name, GraphQLFieldsContainer otherwise) {
        return schema.getType(name) instanceof GraphQLFieldsContainer container ? container : otherwise;
    }

    private static boolean isList(GraphQLFieldDefinition field) {
        return GraphQLTypeUtil.unwrapNonNull(field.getType()) instanceof GraphQLList;
    }
}
