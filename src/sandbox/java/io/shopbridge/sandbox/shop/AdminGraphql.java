package io.shopbridge.sandbox.shop;

import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLError;
import graphql.execution.DataFetcherExceptionHandler;
import graphql.execution.DataFetcherExceptionHandlerParameters;
import graphql.execution.DataFetcherExceptionHandlerResult;
import graphql.execution.preparsed.PreparsedDocumentEntry;
import graphql.language.Document;
import graphql.language.OperationDefinition;
import graphql.language.OperationDefinition.Operation;
import graphql.language.SourceLocation;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import graphql.schema.GraphQLSchema;
import graphql.validation.ValidationError;
import graphql.validation.Validator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Reads, prices and executes queries. */
final class AdminGraphql {

    /**
     * What became of a query.
     *
     * @param body the answer, always with status 200
     * @param wrote whether it was a mutation that was carried out
     */
    record Outcome(Map<String, Object> body, boolean wrote) {
    }

    private static final int MOST_POINTS = 1000;
    private static final Set<String> BARE = Set.of("__typename", "id", "updatedAt");
    private static final String DOCUMENT = "document";
    /** In the context of an execution: what the simulator itself did wrong. */
    private static final String BUG = "bug";

    private final ShopModel model;
    private final AdminOptions options;
    private final Points points;
    private final BulkOperations bulk;
    private final GraphQLSchema schema;
    private final GraphQL graphql;
    private volatile int mostPoints = MOST_POINTS;
    private volatile Set<String> broken = Set.of();
    private volatile Set<String> brokenParts = Set.of();

    AdminGraphql(ShopModel model, AdminOptions options, Access access, Points points, Subscriptions subscriptions) {
        this.model = model;
        this.options = options;
        this.points = points;
        this.bulk = new BulkOperations(model, this, options.clock(), options.bulkTime());
        this.schema = AdminSchema.of(access, new Roots(model, options, access), subscriptions, bulk, options.clock());
        this.graphql = GraphQL.newGraphQL(schema).defaultDataFetcherExceptionHandler(new Errors())
                .preparsedDocumentProvider((input, parse) -> CompletableFuture.completedFuture(
                        new PreparsedDocumentEntry(input.getGraphQLContext().<Document>get(DOCUMENT)))).build();
    }

    /** What one query may cost; Shopify's 1,000. */
    void mostPoints(int points) {
        mostPoints = points;
    }

    /** The records, by their global ids, on which every query fails that asks for more than their id and time. */
    void broken(Set<String> gids) {
        broken = Set.copyOf(gids);
    }

    /** The records, by their global ids, of which further pages can't be had. */
    void brokenParts(Set<String> gids) {
        brokenParts = Set.copyOf(gids);
    }

    BulkOperations bulk() {
        return bulk;
    }

    GraphQLSchema schema() {
        return schema;
    }

    List<ValidationError> validate(Document document) {
        return new Validator().validateDocument(schema, document, Locale.ENGLISH);
    }

    /**
     * Executes a bulk operation's query for the next page of the lists it begins with, at no cost.
     *
     * @param errors gets what goes wrong
     */
    Map<String, Object> whole(Document document, Whole whole, List<GraphQLError> errors) {
        ExecutionResult result = execute(document, null, Map.of(), new ArrayList<>(), Map.of(Connections.WHOLE, whole));
        errors.addAll(result.getErrors());
        Map<String, Object> data = result.getData();
        return data == null ? Map.of() : data;
    }

    /** @param throttled whether it is refused as if there were no points */
    Outcome answer(String query, String operationName, Map<String, Object> variables, boolean throttled) {
        Document document;
        try {
            document = new Parser().parseDocument(query);
        } catch (InvalidSyntaxException e) {
            SourceLocation at = e.getLocation();
            String token = e.getOffendingToken();
            return refused(RefusedQueries.unreadable(token == null || token.equals("<EOF>")
                    ? "unexpected end of file" : "unexpected '" + token + "'",
                    at == null ? 1 : at.getLine(), at == null ? 1 : at.getColumn()));
        }
        List<ValidationError> invalid = validate(document);
        if (!invalid.isEmpty()) {
            return refused(invalid.stream().map(error -> RefusedQueries.invalid(error, document))
                    .toArray(Object[]::new));
        }
        Optional<OperationDefinition> operation = document.getDefinitionsOfType(OperationDefinition.class).stream()
                .filter(one -> operationName == null || operationName.equals(one.getName())).findFirst();
        if (operation.isEmpty()) {
            return refused(Map.of("message", "No operation named \"" + operationName + "\""));
        }
        QueryCost cost = new QueryCost(schema, QueryCost.fragments(document), variables);
        int requested = cost.requested(operation.get());
        if (requested > mostPoints) {
            return refused(tooExpensive(requested));
        }
        if (throttled || !points.take(requested)) {
            Map<String, Object> body = body(List.of(Map.of("message", "Throttled", "extensions",
                    Map.of("code", "THROTTLED", "documentation", "https://shopify.dev/api/usage/rate-limits"))));
            body.put("extensions", Map.of("cost", cost(requested, null)));
            return new Outcome(body, false);
        }
        return execute(document, operation.get(), variables, cost, requested);
    }

    private Outcome execute(Document document, OperationDefinition operation, Map<String, Object> variables,
            QueryCost cost, int requested) {
        List<Object> warnings = new ArrayList<>();
        ExecutionResult result = execute(document, operation.getName(), variables, warnings, Map.of());
        if (!result.isDataPresent()) {
            points.giveBack(requested);
            return refused(result.getErrors().stream().map(error ->
                    RefusedQueries.variable(error, operation)).toArray());
        }
        Map<String, Object> data = result.getData();
        if (isBroken(data) || brokenParts.contains(String.valueOf(variables.get("owner")))) {
            points.giveBack(requested);
            return refused(Map.of("message", "Internal error. Looks like something went wrong on our end.\nRequest ID: "
                    + UUID.randomUUID() + " (include this in support requests).", "extensions",
                    Map.of("code", "INTERNAL_SERVER_ERROR")));
        }
        int actual = Math.min(requested, cost.actual(operation, data));
        points.giveBack(requested - actual);
        Map<String, Object> body = new LinkedHashMap<>();
        if (!result.getErrors().isEmpty()) {
            body.put("errors", result.getErrors().stream().map(AdminGraphql::error).toList());
        }
        body.put("data", data);
        Map<String, Object> extensions = new LinkedHashMap<>();
        extensions.put("cost", cost(requested, actual));
        if (!warnings.isEmpty()) {
            extensions.put("search", warnings);
        }
        body.put("extensions", extensions);
        return new Outcome(body, operation.getOperation() == Operation.MUTATION);
    }

    private boolean isBroken(Object answer) {
        if (answer instanceof Map<?, ?> object && !broken.isEmpty()) {
            return broken.contains(String.valueOf(object.get("id"))) && !BARE.containsAll(object.keySet())
                    || object.values().stream().anyMatch(this::isBroken);
        }
        return answer instanceof List<?> list && list.stream().anyMatch(this::isBroken);
    }

    private ExecutionResult execute(Document document, String operation, Map<String, Object> variables,
            List<Object> warnings, Map<Object, Object> more) {
        ExecutionInput input = ExecutionInput.newExecutionInput().query("-").operationName(operation)
                .variables(variables).graphQLContext(Map.of(DOCUMENT, document, Roots.WARNINGS, warnings, Roots.NODES,
                        new Nodes(model.now(), options.journeyDelay()))).graphQLContext(more).build();
        ExecutionResult result = graphql.execute(input);
        if (input.getGraphQLContext().hasKey(BUG)) {
            throw new IllegalStateException(input.getGraphQLContext().<Throwable>get(BUG));
        }
        return result;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> error(GraphQLError error) {
        Map<String, Object> said = error.toSpecification();
        ((Map<String, Object>) said.get("extensions")).remove("classification");
        return said;
    }

    private Map<String, Object> cost(int requested, Integer actual) {
        Map<String, Object> cost = new LinkedHashMap<>();
        cost.put("requestedQueryCost", requested);
        cost.put("actualQueryCost", actual);
        cost.put("throttleStatus", points.status());
        return cost;
    }

    private Map<String, Object> tooExpensive(int cost) {
        return Map.of("message", "Query cost is " + cost + ", which exceeds the single query max cost limit ("
                + mostPoints + ").\n\nSee https://shopify.dev/concepts/about-apis/rate-limits for more information on"
                + " how the\ncost of a query is calculated.\n\nTo query larger amounts of data with fewer limits, bulk"
                + " operations should be used instead.\nSee https://shopify.dev/api/usage/bulk-operations/queries for"
                + " usage details.\n", "extensions", Map.of("code", "MAX_COST_EXCEEDED", "cost", cost, "maxCost",
                mostPoints, "documentation", "https://shopify.dev/api/usage/limits#rate-limits"));
    }

    private static Outcome refused(Object... errors) {
        return new Outcome(body(List.of(errors)), false);
    }

    private static Map<String, Object> body(List<?> errors) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("errors", errors);
        return body;
    }

    private static final class Errors implements DataFetcherExceptionHandler {

        @Override
        public CompletableFuture<DataFetcherExceptionHandlerResult> handleException(
                DataFetcherExceptionHandlerParameters failed) {
            if (failed.getException() instanceof ApiError error) {
                return CompletableFuture.completedFuture(DataFetcherExceptionHandlerResult
                        .newResult(error.at(failed.getSourceLocation(), failed.getPath())).build());
            }
            failed.getDataFetchingEnvironment().getGraphQlContext().put(BUG, failed.getException());
            return CompletableFuture.completedFuture(DataFetcherExceptionHandlerResult.newResult().build());
        }
    }
}
