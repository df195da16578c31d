package io.shopbridge.sandbox.shop;

import graphql.GraphQLContext;
import graphql.GraphQLError;
import graphql.execution.DataFetcherResult;
import graphql.execution.ResultPath;
import graphql.language.InterfaceTypeDefinition;
import graphql.language.UnionTypeDefinition;
import graphql.schema.Coercing;
import graphql.schema.DataFetcher;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.TypeResolver;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.ScalarInfo;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import graphql.schema.idl.TypeDefinitionRegistry;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The types of {@code admin.graphqls}, and where their fields come from. */
final class AdminSchema {

    /** What writes a scalar: times in whole seconds of UTC, numbers beyond 53 bits and amounts as text. */
    private static final Coercing<Object, Object> TEXT = new Coercing<>() {
        @Override
        public Object serialize(Object value, GraphQLContext context, Locale locale) {
            return value instanceof Instant time ? time.truncatedTo(ChronoUnit.SECONDS).toString() : value.toString();
        }

        @Override
        public Object parseValue(Object value, GraphQLContext context, Locale locale) {
            return value.toString();
        }
    };

    private static final TypeDefinitionRegistry TYPES = read();

    private final Access access;
    private final Roots roots;
    private final Subscriptions subscriptions;
    private final BulkOperations bulk;
    private final Clock clock;

    private AdminSchema(Access access, Roots roots, Subscriptions subscriptions, BulkOperations bulk, Clock clock) {
        this.access = access;
        this.roots = roots;
        this.subscriptions = subscriptions;
        this.bulk = bulk;
        this.clock = clock;
    }

    /** @param clock for what the app does by itself; the times in records are the shop's own */
    static GraphQLSchema of(Access access, Roots roots, Subscriptions subscriptions, BulkOperations bulk,
            Clock clock) {
        return new AdminSchema(access, roots, subscriptions, bulk, clock).schema();
    }

    static TypeDefinitionRegistry types() {
        return TYPES;
    }

    private static TypeDefinitionRegistry read() {
        try (Reader file = new InputStreamReader(
                AdminSchema.class.getResourceAsStream("admin.graphqls"), StandardCharsets.UTF_8)) {
            return new SchemaParser().parse(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private GraphQLSchema schema() {
        TypeDefinitionRegistry types = types();
        RuntimeWiring.Builder wiring = RuntimeWiring.newRuntimeWiring();
        types.scalars().keySet().stream().filter(name -> !ScalarInfo.isGraphqlSpecifiedScalar(name)).forEach(name ->
                wiring.scalar(GraphQLScalarType.newScalar().name(name).coercing(TEXT).build()));
        TypeResolver byName = env ->
                env.getSchema().getObjectType((String) ((Map<?, ?>) env.getObject()).get("__typename"));
        types.types().values().forEach(type -> {
            if (type instanceof InterfaceTypeDefinition || type instanceof UnionTypeDefinition) {
                wiring.type(type.getName(), builder -> builder.typeResolver(byName));
            }
        });
        wiring.type("QueryRoot", query -> query
                .dataFetcher("orders", checked(env -> roots.list("Order", env)))
                .dataFetcher("order", checked(env -> roots.byId("Order", env.getArgument("id"), env)))
                .dataFetcher("ordersCount", env -> roots.count("Order", env))
                .dataFetcher("customers", checked(env -> roots.list("Customer", env)))
                .dataFetcher("customer", checked(env -> roots.byId("Customer", env.getArgument("id"), env)))
                .dataFetcher("customersCount", env -> roots.count("Customer", env))
                .dataFetcher("companies", checked(env -> roots.list("Company", env)))
                .dataFetcher("company", checked(env -> roots.byId("Company", env.getArgument("id"), env)))
                .dataFetcher("companiesCount", env -> roots.count("Company", env))
                .dataFetcher("abandonedCheckouts", checked(env -> roots.list("AbandonedCheckout", env)))
                .dataFetcher("abandonedCheckoutsCount", env -> roots.count("AbandonedCheckout", env))
                .dataFetcher("draftOrders", checked(env -> roots.list("DraftOrder", env)))
                .dataFetcher("draftOrder", checked(env -> roots.byId("DraftOrder", env.getArgument("id"), env)))
                .dataFetcher("draftOrdersCount", env -> roots.count("DraftOrder", env))
                .dataFetcher("node", env -> readable(roots.byId(null, env.getArgument("id"), env), env))
                .dataFetcher("nodes", this::nodes)
                .dataFetcher("shop", env -> roots.shop())
                .dataFetcher("currentAppInstallation", env -> roots.installation())
                .dataFetcher("webhookSubscriptions", env -> subscriptions.list(clock.instant(), env))
                .dataFetcher("webhookSubscription", env -> subscriptions.get(env.getArgument("id")))
                .dataFetcher("bulkOperation", env -> bulk.get(env.getArgument("id")))
                .dataFetcher("bulkOperations", bulk::list));
        wiring.type("Mutation", mutation -> mutation
                .dataFetcher("bulkOperationRunQuery", env -> bulk.run(env.getArgument("query"),
                        env.getArgument("groupObjects")))
                .dataFetcher("bulkOperationCancel", env -> bulk.cancel(env.getArgument("id")))
                .dataFetcher("webhookSubscriptionCreate", env -> subscriptions.create(env.getArgument("topic"),
                        env.getArgument("webhookSubscription"), clock.instant()))
                .dataFetcher("webhookSubscriptionUpdate", env -> subscriptions.update(env.getArgument("id"),
                        env.getArgument("webhookSubscription"), clock.instant()))
                .dataFetcher("webhookSubscriptionDelete", env -> subscriptions.remove(env.getArgument("id"))));
        DataFetcher<Object> fields = checked(AdminSchema::field);
        wiring.codeRegistry(GraphQLCodeRegistry.newCodeRegistry().defaultDataFetcher(environment -> fields));
        return new SchemaGenerator().makeExecutableSchema(types, wiring.build());
    }

    /** Looks at the scopes that the field's type takes before anything is fetched. */
    private DataFetcher<Object> checked(DataFetcher<?> fetcher) {
        return env -> {
            String type = ((GraphQLNamedType) GraphQLTypeUtil.unwrapAll(env.getFieldType())).getName();
            String missing = access.missingFor(type.endsWith("Connection")
                    ? type.substring(0, type.length() - "Connection".length()) : type);
            if (missing != null) {
                throw ApiError.accessDenied(env.getField().getName(), missing);
            }
            String parent = ((GraphQLFieldsContainer) env.getParentType()).getName();
            if (access.isWithheld(parent, env.getField().getName())) {
                if (access.saysWhatIsWithheld()) {
                    throw ApiError.notApproved(env.getField().getName());
                }
                return type.endsWith("Connection") ? Connections.of(List.of(), env) : null;
            }
            return fetcher.get(env);
        };
    }

    private static Object field(DataFetchingEnvironment env) {
        Object value = now(env.<Map<String, Object>>getSource().get(env.getField().getName()));
        if (value instanceof List<?> list) {
            GraphQLNamedType type = (GraphQLNamedType) GraphQLTypeUtil.unwrapAll(env.getFieldType());
            if (type.getName().endsWith("Connection")) {
                return Connections.of(list.stream().map(AdminSchema::now).toList(), env);
            }
            Integer first = env.getArgument("first");
            return (first == null ? list : list.subList(0, Math.min(first, list.size()))).stream()
                    .map(AdminSchema::now).toList();
        }
        return value;
    }

    private static Object now(Object value) {
        return value instanceof Supplier<?> later ? later.get() : value;
    }

    private Object nodes(DataFetchingEnvironment env) {
        Collection<String> ids = env.getArgument("ids");
        if (ids.size() > Connections.LONGEST) {
            throw ApiError.badRequest("The input array size of " + ids.size() + " is greater than the maximum allowed"
                    + " of " + Connections.LONGEST + ".");
        }
        List<Object> found = new ArrayList<>();
        List<GraphQLError> errors = new ArrayList<>();
        for (String id : ids) {
            try {
                found.add(readable(roots.byId(null, id, env), env));
            } catch (ApiError error) {
                ResultPath path = env.getExecutionStepInfo().getPath().segment(found.size());
                errors.add(error.at(env.getField().getSourceLocation(), path));
                found.add(null);
            }
        }
        return DataFetcherResult.newResult().data(found).errors(errors).build();
    }

    private Object readable(Object node, DataFetchingEnvironment env) {
        String missing = node == null ? null : access.missingFor((String) ((Map<?, ?>) node).get("__typename"));
        if (missing != null) {
            throw ApiError.accessDenied(env.getField().getName(), missing);
        }
        return node;
    }
}
