package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import graphql.language.AstPrinter;
import graphql.language.Field;
import graphql.language.OperationDefinition;
import graphql.language.VariableReference;
import graphql.parser.Parser;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.stereotype.Component;

/**
 * How many records of an entity a shop has, by its own count: several counts are asked for in one query. Each costs 10
 * points.
 */
@Component
public class ShopCounts {

    /** In one query, so that it costs a fifth of what one may cost. */
    public static final int TOGETHER = 20;
    private static final String COUNT = "-count";

    private final AdminApi api;
    private final Shopify shopify;

    ShopCounts(AdminApi api, Shopify shopify) {
        this.api = api;
        this.shopify = shopify;
    }

    /**
     * Counts what each of these searches finds, {@link #TOGETHER} at most.
     *
     * @throws AdminFailure where the shop can't be asked now, or not at all
     */
    public List<Long> of(String store, String entity, List<String> searches, Priority priority) {
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        IntStream.range(0, searches.size()).forEach(n -> variables.put("q" + n, searches.get(n)));
        AdminAnswer answer = api.query(store, query(shopify.queries().get(entity + COUNT), searches.size()), variables,
                priority);
        List<Long> counts = new ArrayList<>();
        IntStream.range(0, searches.size()).forEach(n -> counts.add(answer.data().path("c" + n).path("count").asLong()));
        return counts;
    }

    /** The query of a file that counts by {@code $query}, several times. */
    static GraphqlQuery query(GraphqlQuery one, int times) {
        Field count = (Field) Parser.parse(one.text()).getDefinitionsOfType(OperationDefinition.class).get(0)
                .getSelectionSet().getSelections().get(0);
        String variables = IntStream.range(0, times).mapToObj(n -> "$q" + n + ": String!").collect(Collectors.joining(", "));
        String counts = IntStream.range(0, times).mapToObj(n -> AstPrinter.printAst(count.transform(changed -> changed
                .alias("c" + n).arguments(count.getArguments().stream().map(argument ->
                        argument.getValue() instanceof VariableReference
                                ? argument.transform(by -> by.value(new VariableReference("q" + n))) : argument)
                        .toList())))).collect(Collectors.joining("\n"));
        return new GraphqlQuery(one.name(), "query Counts(" + variables + ") {\n" + counts + "\n}", false);
    }
}
