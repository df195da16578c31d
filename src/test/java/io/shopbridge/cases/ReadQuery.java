package io.shopbridge.cases;

import graphql.language.Argument;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.IntValue;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.Value;
import graphql.language.VariableDefinition;
import graphql.language.VariableReference;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A query as Shopify reads it before it runs. The cost is by the rule that was fitted on the costs that Shopify states:
 * the price of a page grows with the logarithm of its length, a list costs as much as one element, and what holds only
 * values costs nothing. Shopify does not document the rule; this is for planning.
 */
final class ReadQuery {

    private static final Set<String> VALUES = Set.of("MoneyBag", "MoneyV2", "MailingAddress", "Attribute", "PageInfo",
            "UTMParameters");
    private static final int MUTATION = 10;
    private static final int COUNT = 10;

    private final GraphQLSchema schema;
    private final Map<String, FragmentDefinition> fragments = new HashMap<>();
    private final Map<String, Value<?>> defaults = new HashMap<>();
    private final Set<String> deprecated = new TreeSet<>();
    private final int cost;

    ReadQuery(Document document, GraphQLSchema schema) {
        this.schema = schema;
        document.getDefinitionsOfType(FragmentDefinition.class).forEach(one -> fragments.put(one.getName(), one));
        OperationDefinition operation = document.getDefinitionsOfType(OperationDefinition.class).get(0);
        for (VariableDefinition variable : operation.getVariableDefinitions()) {
            defaults.put(variable.getName(), variable.getDefaultValue());
        }
        boolean mutation = operation.getOperation() == OperationDefinition.Operation.MUTATION;
        this.cost = (mutation ? MUTATION : 0) + of(operation.getSelectionSet(),
                mutation ? schema.getMutationType() : schema.getQueryType());
    }

    /** In points, with the defaults of its variables. */
    int cost() {
        return cost;
    }

    /** The fields that Shopify will remove. */
    Set<String> deprecated() {
        return deprecated;
    }

    private int of(SelectionSet selection, GraphQLFieldsContainer type) {
        int points = 0;
        for (Selection<?> one : selection.getSelections()) {
            if (one instanceof Field field && !field.getName().startsWith("__")) {
                points += of(field, type);
            } else if (one instanceof InlineFragment part) {
                points += of(part.getSelectionSet(), container(part.getTypeCondition().getName()));
            } else if (one instanceof FragmentSpread spread) {
                FragmentDefinition part = fragments.get(spread.getName());
                points += of(part.getSelectionSet(), container(part.getTypeCondition().getName()));
            }
        }
        return points;
    }

    private int of(Field field, GraphQLFieldsContainer type) {
        GraphQLFieldDefinition definition = type.getFieldDefinition(field.getName());
        if (definition.isDeprecated()) {
            deprecated.add(type.getName() + "." + field.getName());
        }
        GraphQLType of = GraphQLTypeUtil.unwrapAll(definition.getType());
        String name = GraphQLTypeUtil.simplePrint(of);
        if (field.getSelectionSet() == null) {
            return 0;
        }
        int parts = of instanceof GraphQLFieldsContainer inner ? of(field.getSelectionSet(), inner)
                : unionOf(field.getSelectionSet());
        if (VALUES.contains(name)) {
            return 0;
        }
        if (name.equals("Count")) {
            return COUNT;
        }
        return name.endsWith("Connection") ? page(field, (GraphQLFieldsContainer) of) : 1 + parts;
    }

    private int page(Field field, GraphQLFieldsContainer connection) {
        int points = 2;
        for (Field part : field.getSelectionSet().getSelectionsOfType(Field.class)) {
            if (part.getName().equals("nodes")) {
                int node = of(part.getSelectionSet(), (GraphQLFieldsContainer) GraphQLTypeUtil.unwrapAll(
                        connection.getFieldDefinition("nodes").getType()));
                points += Math.max(1, (int) Math.floor(2 * Math.log(first(field)))) * (1 + node);
            }
        }
        return points;
    }

    /** A union has no fields of its own. */
    private int unionOf(SelectionSet selection) {
        return selection.getSelectionsOfType(InlineFragment.class).stream()
                .mapToInt(part -> of(part.getSelectionSet(), container(part.getTypeCondition().getName()))).sum();
    }

    private int first(Field connection) {
        Argument first = connection.getArguments().stream().filter(one -> one.getName().equals("first")).findFirst()
                .orElseThrow();
        Value<?> value = first.getValue() instanceof VariableReference variable ? defaults.get(variable.getName())
                : first.getValue();
        return ((IntValue) value).getValue().intValueExact();
    }

    private GraphQLFieldsContainer container(String name) {
        return (GraphQLFieldsContainer) schema.getType(name);
    }
}
