package io.shopbridge.backfill;

import graphql.language.Argument;
import graphql.language.AstPrinter;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.StringValue;
import graphql.parser.Parser;
import io.shopbridge.shopify.GraphqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
        Document document = Parser.parse(type.fragment());
        Map<String, SelectionSet> fragments = document.getDefinitionsOfType(FragmentDefinition.class).stream()
                .collect(Collectors.toMap(FragmentDefinition::getName, FragmentDefinition::getSelectionSet));
        SelectionSet whole = document.getDefinitionsOfType(FragmentDefinition.class).get(0).getSelectionSet();
        Set<String> connections = new TreeSet<>();
        Set<String> incomplete = new TreeSet<>();
        List<Selection<?>> fields = new ArrayList<>();
        for (Selection<?> selection : inlined(whole, fragments)) {
            if (selection instanceof Field field && isConnection(field)) {
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
        Field nodes = connection.getSelectionSet().getSelectionsOfType(Field.class).stream()
                .filter(field -> field.getName().equals("nodes")).findFirst().orElseThrow();
        List<Selection<?>> fields = new ArrayList<>();
        fields.add(TYPE_NAME.transform(marked -> marked.alias(mark(connection.getName()))));
        fields.addAll(selections(nodes.getSelectionSet()));
        return connection.transform(all -> all.selectionSet(edges(fields)).arguments(connection.getArguments().stream()
                .filter(argument -> !PAGING.contains(argument.getName())).toList()));
    }

    private static SelectionSet edges(List<Selection<?>> fields) {
        Field node = Field.newField("node").selectionSet(SelectionSet.newSelectionSet(fields).build()).build();
        return new SelectionSet(List.of(Field.newField("edges").selectionSet(new SelectionSet(List.of(node))).build()));
    }

    private static boolean isConnection(Field field) {
        return field.getSelectionSet() != null && field.getSelectionSet().getSelectionsOfType(Field.class).stream()
                .anyMatch(inside -> inside.getName().equals("nodes"));
    }

    private static boolean hasConnection(Selection<?> selection) {
        return selection instanceof Field field && isConnection(field)
                || children(selection).stream().anyMatch(BulkQuery::hasConnection);
    }

    private static List<Selection<?>> children(Selection<?> selection) {
        SelectionSet inside = selection instanceof Field field ? field.getSelectionSet()
                : selection instanceof InlineFragment fragment ? fragment.getSelectionSet() : null;
        return inside == null ? List.of() : selections(inside);
    }

    /** With what the fragments stand for in their place. */
    private static List<Selection<?>> inlined(SelectionSet all, Map<String, SelectionSet> fragments) {
        List<Selection<?>> inlined = new ArrayList<>();
        for (Selection<?> selection : selections(all)) {
            if (selection instanceof FragmentSpread spread) {
                inlined.addAll(inlined(fragments.get(spread.getName()), fragments));
            } else if (selection instanceof Field field && field.getSelectionSet() != null) {
                inlined.add(field.transform(one -> one.selectionSet(SelectionSet.newSelectionSet(
                        inlined(field.getSelectionSet(), fragments)).build())));
            } else if (selection instanceof InlineFragment fragment) {
                inlined.add(fragment.transform(one -> one.selectionSet(SelectionSet.newSelectionSet(
                        inlined(fragment.getSelectionSet(), fragments)).build())));
            } else {
                inlined.add(selection);
            }
        }
        return inlined;
    }

    @SuppressWarnings("unchecked")
    private static List<Selection<?>> selections(SelectionSet set) {
        return (List<Selection<?>>) (List<?>) set.getSelections();
    }
}
