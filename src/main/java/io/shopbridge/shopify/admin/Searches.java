package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import graphql.language.Argument;
import graphql.language.AstPrinter;
import graphql.language.Field;
import graphql.language.OperationDefinition;
import graphql.language.VariableReference;
import graphql.parser.Parser;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** What several searches find, asked for in one query: made of a file with one search, which is asked several times. */
@Component
public class Searches {

    /** In one query: so many pages of 250 ids cost 260 points of the 1,000 that one may cost. */
    public static final int TOGETHER = 20;
    private static final String QUERY = "query";

    private final AdminApi api;
    private final Shopify shopify;

    Searches(AdminApi api, Shopify shopify) {
        this.api = api;
        this.shopify = shopify;
    }

    /**
     * What each of these finds: of a list, its first page.
     *
     * @param file     name of a file in {@code mappings/shopify/queries} that searches by {@code $query}
     * @param searches {@link #TOGETHER} at most
     * @return what stands in the answer under the file's only field
     * @throws AdminFailure where the shop can't be asked now, or not at all
     */
    public List<JsonNode> find(String store, String file, List<String> searches, Priority priority) {
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        IntStream.range(0, searches.size()).forEach(n -> variables.put(QUERY + n, searches.get(n)));
        AdminAnswer answer = api.query(store, query(shopify.queries().get(file), searches.size()), variables, priority);
        return IntStream.range(0, searches.size()).mapToObj(n -> answer.data().path(found(n))).toList();
    }

    /** The query of a file, several times, each with a variable of its own. Its other variables are left out. */
    static GraphqlQuery query(GraphqlQuery one, int times) {
        Field search = (Field) Parser.parse(one.text()).getDefinitionsOfType(OperationDefinition.class).get(0)
                .getSelectionSet().getSelections().get(0);
        String variables = IntStream.range(0, times).mapToObj(n -> "$" + QUERY + n + ": String!")
                .collect(Collectors.joining(", "));
        String all = IntStream.range(0, times).mapToObj(n -> AstPrinter.printAst(search.transform(changed -> changed
                .alias(found(n)).arguments(search.getArguments().stream().flatMap(argument -> argument(argument, n))
                        .toList())))).collect(Collectors.joining("\n"));
        // Its points are remembered by its name, and so many searches cost so many times as much as one.
        return new GraphqlQuery(one.name() + " x " + times, "query Searches(" + variables + ") {\n" + all + "\n}", false);
    }

    private static Stream<Argument> argument(Argument argument, int n) {
        if (!(argument.getValue() instanceof VariableReference variable)) {
            return Stream.of(argument);
        }
        return !variable.getName().equals(QUERY) ? Stream.empty()
                : Stream.of(argument.transform(changed -> changed.value(new VariableReference(QUERY + n))));
    }

    private static String found(int n) {
        return "found" + n;
    }
}
