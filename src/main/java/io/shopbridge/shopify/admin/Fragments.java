package io.shopbridge.shopify.admin;

import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The GraphQL text of a type's fragment as a tree, from which other queries for the same fields are made. */
public final class Fragments {

    private static final String NODES = "nodes";

    private Fragments() {
    }

    /**
     * What the first fragment selects, with what other fragments stand for in their place.
     *
     * @throws InvalidSyntaxException where the text is not GraphQL
     */
    public static List<Selection<?>> selections(String text) {
        Document document = Parser.parse(text);
        List<FragmentDefinition> all = document.getDefinitionsOfType(FragmentDefinition.class);
        return inlined(all.get(0).getSelectionSet(), all.stream().collect(
                Collectors.toMap(FragmentDefinition::getName, FragmentDefinition::getSelectionSet)));
    }

    /** Whether a field is a list that Shopify gives in pages, and is asked for its elements. */
    public static boolean isConnection(Field field) {
        return field(field, NODES).isPresent();
    }

    /** The elements of a connection. */
    public static Field nodes(Field connection) {
        return field(connection, NODES).orElseThrow();
    }

    /** The field of this name right inside another. */
    static Optional<Field> field(Field inside, String name) {
        return fields(children(inside)).stream().filter(field -> field.getName().equals(name)).findFirst();
    }

    /** What stands right inside a selection. */
    public static List<Selection<?>> children(Selection<?> selection) {
        SelectionSet inside = selection instanceof Field field ? field.getSelectionSet()
                : selection instanceof InlineFragment fragment ? fragment.getSelectionSet() : null;
        return inside == null ? List.of() : selections(inside);
    }

    /** The fields among them, also those of inline fragments, which stand in the answer beside the others. */
    static List<Field> fields(List<Selection<?>> selections) {
        List<Field> fields = new ArrayList<>();
        for (Selection<?> selection : selections) {
            if (selection instanceof Field field) {
                fields.add(field);
            } else {
                fields.addAll(fields(children(selection)));
            }
        }
        return fields;
    }

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
