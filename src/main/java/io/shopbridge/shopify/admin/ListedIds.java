package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import graphql.language.AstPrinter;
import graphql.language.Field;
import graphql.language.OperationDefinition;
import graphql.language.SelectionSet;
import graphql.parser.Parser;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import java.util.List;
import org.springframework.stereotype.Component;

/** A page of a list with nothing but the ids of its records and when they changed, where Shopify fails on the whole. */
@Component
public class ListedIds {

    private final AdminApi api;
    private final Shopify shopify;

    ListedIds(AdminApi api, Shopify shopify) {
        this.api = api;
        this.shopify = shopify;
    }

    /**
     * The page that the query of this file would give.
     *
     * @param file      name of a file in {@code mappings/shopify/queries} that lists records
     * @param variables of that query
     * @throws AdminFailure where the shop can't be asked now, or not at all
     */
    public AdminAnswer page(String store, String file, ObjectNode variables, Priority priority) {
        return api.query(store, query(shopify.queries().get(file)), variables, priority);
    }

    /** The query with {@code id} and {@code updatedAt} in the place of what it asks of each record. */
    static GraphqlQuery query(GraphqlQuery whole) {
        OperationDefinition operation = Parser.parse(whole.text()).getDefinitionsOfType(OperationDefinition.class).get(0);
        Field list = (Field) operation.getSelectionSet().getSelections().get(0);
        Field nodes = Fragments.nodes(list).transform(changed -> changed.selectionSet(new SelectionSet(
                List.of(new Field("id"), new Field("updatedAt")))));
        SelectionSet fields = new SelectionSet(list.getSelectionSet().getSelections().stream().map(selection ->
                selection instanceof Field field && field.getName().equals(nodes.getName()) ? nodes : selection).toList());
        return new GraphqlQuery(whole.name() + " ids", AstPrinter.printAst(operation.transform(changed ->
                changed.selectionSet(new SelectionSet(List.of(list.transform(one -> one.selectionSet(fields))))))), false);
    }
}
