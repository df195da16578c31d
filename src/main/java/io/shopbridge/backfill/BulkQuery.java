package io.shopbridge.backfill;

import graphql.language.Argument;
import graphql.language.AstPrinter;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.StringValue;
import io.shopbridge.shopify.GraphqlType;
import io.shopbridge.shopify.admin.Fragments;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The query of a bulk operation that exports all objects of a type, made from the fragment by which they are asked for
 * one by one. Shopify's rules for such a query: a connection is read by {@code edges { node }}, there are five at most,
 * and none stands inside a list (https://shopify.dev/docs/api/usage/bulk-operations/queries).
 *
 * @param text        the GraphQL text
 * @param connections names of the connections inside an object; its elements come as lines of their own, and each has a
 *                    field {@link #mark} of its connection
 * @param incomplete  names of the fields that are lists with connections inside, such as refunds: only their ids are
 *                    exported, and an object that has any must be asked for by itself
 */
record BulkQuery(String text, Set<String> connections, Set<String> incomplete) {

    /** What one operation may have. */
    static final int MOST_CONNECTIONS = 5;

    private static final Set<String> PAGING = Set.of("first", "last", "after", "before");
    private static final Field TYPE_NAME = new Field("__typename");

    /**
     * @param search in Shopify's search syntax, which objects; empty: all
     * @throws IllegalArgumentException where the type has no connection to export, or more than Shopify allows
     */
    static BulkQuery of(GraphqlType type, String search) {
        if (type.bulk() == null) {
            throw new IllegalArgumentException(type.file() + " does not say from which connection its objects come");
        }
        Set<String> connections = new TreeSet<>();
        Set<String> incomplete = new TreeSet<>();
        List<Selection<?>> fields = new ArrayList<>();
        for (Selection<?> selection : Fragments.selections(type.fragment())) {
            if (selection instanceof Field field && Fragments.isConnection(field)) {
                connections.add(field.getName());
                fields.add(edges(field));
            } else if (selection instanceof Field field && hasConnection(field)) {
                incomplete.add(field.getName());
                fields.add(field.transform(only -> only.selectionSet(new SelectionSet(List.of(new Field("id"))))));
            } else {
                fields.add(selection);
            }
        }
        if (connections.size() >= MOST_CONNECTIONS) {
            throw new IllegalArgumentException(type.file() + ": a bulk operation may have " + MOST_CONNECTIONS
                    + " connections, and with its own this has " + (connections.size() + 1));
        }
        Field root = Field.newField(type.bulk().connection())
                .arguments(search.isEmpty() ? List.of() : List.of(new Argument("query", new StringValue(search))))
                .selectionSet(edges(fields)).build();
        return new BulkQuery(AstPrinter.printAstCompact(Document.newDocument().definition(
                OperationDefinition.newOperationDefinition().operation(OperationDefinition.Operation.QUERY)
                        .selectionSet(new SelectionSet(List.of(root))).build()).build()), connections, incomplete);
    }

    /** The field by which an exported element of a connection is recognised. */
    static String mark(String connection) {
        return "in_" + connection;
    }

    private static Field edges(Field connection) {
        List<Selection<?>> fields = new ArrayList<>();
        fields.add(TYPE_NAME.transform(marked -> marked.alias(mark(connection.getName()))));
        fields.addAll(Fragments.children(Fragments.nodes(connection)));
        return connection.transform(all -> all.selectionSet(edges(fields)).arguments(connection.getArguments().stream()
                .filter(argument -> !PAGING.contains(argument.getName())).toList()));
    }

    private static SelectionSet edges(List<Selection<?>> fields) {
        Field node = Field.newField("node").selectionSet(SelectionSet.newSelectionSet(fields).build()).build();
        return new SelectionSet(List.of(Field.newField("edges").selectionSet(new SelectionSet(List.of(node))).build()));
    }

    private static boolean hasConnection(Selection<?> selection) {
        return selection instanceof Field field && Fragments.isConnection(field)
                || Fragments.children(selection).stream().anyMatch(BulkQuery::hasConnection);
    }
}
