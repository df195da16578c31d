package io.shopbridge.sandbox.shop;

import graphql.language.Argument;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.IntValue;
import graphql.language.OperationDefinition;
import graphql.language.OperationDefinition.Operation;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.Value;
import graphql.language.VariableReference;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.GraphQLUnionType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a query costs. Shopify does not say how it counts; this rule gives the requested cost of 515 of 550 queries whose
 * answers told it, and of the others within a few points: an object costs 1 and what only holds values nothing, a list
 * costs its element once, the price of a page grows with the logarithm of its length, a count costs 10 and so does a
 * mutation.
 *
 * @see <a href="https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits">Rate limits</a>
 */
final class QueryCost {

    private static final Set<String> VALUES =
            Set.of("MoneyBag", "MoneyV2", "MailingAddress", "Attribute", "PageInfo", "UTMParameters");
    private static final int COUNT = 10;
    private static final int MUTATION = 10;

    private final GraphQLSchema schema;
    private final Map<String, FragmentDefinition> fragments;
    private final Map<String, Object> variables;

    QueryCost(GraphQLSchema schema, Map<String, FragmentDefinition> fragments, Map<String, Object> variables) {
        this.schema = schema;
        this.fragments = fragments;
        this.variables = new HashMap<>(variables);
    }

    /** What it may cost, whatever is found. */
    int requested(OperationDefinition operation) {
        operation.getVariableDefinitions().forEach(variable -> {
            if (variable.getDefaultValue() instanceof IntValue otherwise) {
                variables.putIfAbsent(variable.getName(), otherwise.getValue());
            }
        });
        return operation.getOperation() == Operation.MUTATION
                ? MUTATION * operation.getSelectionSet().getSelections().size()
                : of(operation.getSelectionSet(), schema.getQueryType(), null);
    }

    /** What it did cost, by the data of its answer; the difference goes back into the bucket. */
    int actual(OperationDefinition operation, Map<String, Object> data) {
        return operation.getOperation() == Operation.MUTATION ? requested(operation)
                : data == null ? 1 : of(operation.getSelectionSet(), schema.getQueryType(), data);
    }

    /** @param data null: the most it may be */
    private int of(SelectionSet selections, GraphQLFieldsContainer type, Map<String, Object> data) {
        int cost = 0;
        for (Selection<?> selection : selections.getSelections()) {
            if (selection instanceof Field field) {
                cost += of(field, type, data);
            } else if (selection instanceof InlineFragment inline) {
                cost += of(inline.getSelectionSet(), inline.getTypeCondition() == null ? type
                        : container(inline.getTypeCondition().getName(), type), data);
            } else if (selection instanceof FragmentSpread spread) {
                FragmentDefinition fragment = fragments.get(spread.getName());
                cost += of(fragment.getSelectionSet(), container(fragment.getTypeCondition().getName(), type), data);
            }
        }
        return cost;
    }

    private GraphQLFieldsContainer container(String name, GraphQLFieldsContainer otherwise) {
        return schema.getType(name) instanceof GraphQLFieldsContainer container ? container : otherwise;
    }

    private int of(Field field, GraphQLFieldsContainer parent, Map<String, Object> data) {
        if (field.getName().startsWith("__") || parent.getFieldDefinition(field.getName()) == null) {
            return 0;
        }
        GraphQLType type = GraphQLTypeUtil.unwrapAll(parent.getFieldDefinition(field.getName()).getType());
        Object value = data == null ? null : data.get(field.getAlias() == null ? field.getName() : field.getAlias());
        if (type instanceof GraphQLUnionType union) {
            return 1 + of(field.getSelectionSet(), (GraphQLObjectType) union.getTypes().get(0), null);
        }
        if (!(type instanceof GraphQLFieldsContainer inner) || VALUES.contains(inner.getName())
                || data != null && value == null) {
            return 0;
        }
        if (inner.getName().equals("Count")) {
            return COUNT;
        }
        return inner.getName().endsWith("Connection") ? connection(field, inner, value) : 1 + most(field, inner, value);
    }

    private int connection(Field field, GraphQLFieldsContainer type, Object value) {
        int page = value instanceof Map<?, ?> found ? size(found) : first(field);
        if (value != null && page == 0) {
            return 2;
        }
        int factor = Math.max(1, (int) Math.floor(2 * Math.log(page)));
        int cost = 2;
        for (Field each : field.getSelectionSet().getSelectionsOfType(Field.class)) {
            GraphQLFieldsContainer inner = (GraphQLFieldsContainer) GraphQLTypeUtil.unwrapAll(
                    type.getFieldDefinition(each.getName()).getType());
            if (each.getName().equals("nodes")) {
                cost += factor * (1 + of(each.getSelectionSet(), inner, null));
            } else if (each.getName().equals("edges")) {
                for (Field node : each.getSelectionSet().getSelectionsOfType(Field.class)) {
                    if (node.getName().equals("node")) {
                        cost += factor * (1 + of(node.getSelectionSet(), (GraphQLFieldsContainer)
                                GraphQLTypeUtil.unwrapAll(inner.getFieldDefinition("node").getType()), null));
                    }
                }
            }
        }
        return cost;
    }

    @SuppressWarnings("unchecked")
    private int most(Field field, GraphQLFieldsContainer type, Object value) {
        if (value instanceof List<?> list) {
            return list.stream().mapToInt(one -> most(field, type, one)).max().orElse(0);
        }
        return of(field.getSelectionSet(), type, value instanceof Map<?, ?> ? (Map<String, Object>) value : null);
    }

    private static int size(Map<?, ?> connection) {
        for (Object list : connection.values()) {
            if (list instanceof List<?> found) {
                return found.size();
            }
        }
        return 1;
    }

    private int first(Field field) {
        for (Argument argument : field.getArguments()) {
            if (argument.getName().equals("first")) {
                return Math.max(1, number(argument.getValue()));
            }
        }
        return 1;
    }

    private int number(Value<?> value) {
        if (value instanceof IntValue number) {
            return number.getValue().intValue();
        }
        return value instanceof VariableReference variable && variables.get(variable.getName()) instanceof Number number
                ? number.intValue() : 1;
    }
}
