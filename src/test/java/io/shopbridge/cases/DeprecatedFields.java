package io.shopbridge.cases;

import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.InlineFragment;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLTypeUtil;
import java.util.Set;
import java.util.TreeSet;

/** The fields of a query that Shopify will remove. */
final class DeprecatedFields {

    private final GraphQLSchema schema;
    private final Set<String> found = new TreeSet<>();

    private DeprecatedFields(GraphQLSchema schema) {
        this.schema = schema;
    }

    /** Each as its type and name: {@code Customer.email}. */
    static Set<String> of(Document document, GraphQLSchema schema) {
        DeprecatedFields fields = new DeprecatedFields(schema);
        document.getDefinitionsOfType(OperationDefinition.class).forEach(one -> fields.look(one.getSelectionSet(),
                one.getOperation() == OperationDefinition.Operation.MUTATION ? schema.getMutationType()
                        : schema.getQueryType()));
        document.getDefinitionsOfType(FragmentDefinition.class).forEach(one ->
                fields.look(one.getSelectionSet(), fields.container(one.getTypeCondition().getName())));
        return fields.found;
    }

    private void look(SelectionSet selections, GraphQLFieldsContainer type) {
        for (Selection<?> one : selections.getSelections()) {
            if (one instanceof InlineFragment part) {
                look(part.getSelectionSet(), container(part.getTypeCondition().getName()));
            } else if (one instanceof Field field && !field.getName().startsWith("__")) {
                look(field, type);
            }
        }
    }

    /** A union has no fields of its own, only inline fragments. */
    private void look(Field field, GraphQLFieldsContainer type) {
        GraphQLFieldDefinition definition = type.getFieldDefinition(field.getName());
        if (definition.isDeprecated()) {
            found.add(type.getName() + "." + field.getName());
        }
        if (field.getSelectionSet() != null) {
            look(field.getSelectionSet(), GraphQLTypeUtil.unwrapAll(definition.getType())
                    instanceof GraphQLFieldsContainer inner ? inner : null);
        }
    }

    private GraphQLFieldsContainer container(String type) {
        return (GraphQLFieldsContainer) schema.getType(type);
    }
}
