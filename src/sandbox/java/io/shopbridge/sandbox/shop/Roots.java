package io.shopbridge.sandbox.shop;

import graphql.schema.DataFetchingEnvironment;
import io.shopbridge.sandbox.shop.Connections.Position;
import io.shopbridge.sandbox.shop.SearchIndex.Hit;
import io.shopbridge.sandbox.shop.State.Company;
import io.shopbridge.sandbox.shop.State.Customer;
import io.shopbridge.sandbox.shop.State.DraftOrder;
import io.shopbridge.sandbox.shop.State.Order;
import io.shopbridge.sandbox.shop.State.Refund;
import io.shopbridge.sandbox.shop.State.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What a query begins with: lists that are searched, records by their ids, and the shop itself. */
final class Roots {

    /** In the context of an execution: warnings about its searches are put into this list. */
    static final String WARNINGS = "warnings";
    /** In the context of an execution: the records as the API shows them. */
    static final String NODES = "nodes";

    private static final Pattern GID = Pattern.compile("gid://shopify/(\\w+)/([\\w-]+)(\\?.*)?");
    private static final Duration WITHOUT_ALL_ORDERS = Duration.ofDays(60);

    /** The filters of each list, as Shopify names them. */
    private static final Map<String, Set<String>> FILTERS = Map.of(
            "Order", Set.of("cart_token", "channel", "channel_id", "chargeback_status", "checkout_token",
                    "confirmation_number", "created_at", "credit_card_last4", "current_total_price", "customer_id",
                    "delivery_method", "discount_code", "email", "financial_status", "fraud_protection_level",
                    "fulfillment_location_id", "fulfillment_status", "gateway", "id", "location_id", "name",
                    "payment_id", "payment_provider_id", "po_number", "processed_at", "reference_location_id",
                    "return_status", "risk_level", "sales_channel", "sku", "source_identifier", "source_name", "status",
                    "subtotal_line_items_quantity", "tag", "tag_not", "test", "total_weight", "updated_at"),
            "Customer", Set.of("accepts_marketing", "country", "customer_date", "email", "first_name", "id",
                    "last_abandoned_order_date", "last_name", "order_date", "orders_count", "phone", "state", "tag",
                    "tag_not", "total_spent", "updated_at"),
            "Company", Set.of("active_customers_count", "created_at", "external_id", "id", "name", "ordering_status",
                    "since_date", "updated_at"),
            "DraftOrder", Set.of("created_at", "customer_id", "id", "source", "status", "tag", "updated_at"),
            "AbandonedCheckout", Set.of("created_at", "email_state", "id", "recovery_state", "status", "updated_at"));

    /** The count of customers has fewer filters than their list. */
    private static final Set<String> COUNTED_CUSTOMERS = Set.of("created_at", "id", "updated_at");

    private final ShopModel model;
    private final AdminOptions options;
    private final Access access;

    Roots(ShopModel model, AdminOptions options, Access access) {
        this.model = model;
        this.options = options;
        this.access = access;
    }

    Object list(String type, DataFetchingEnvironment env) {
        String sortKey = env.getArgument("sortKey");
        return Connections.of(search(type, FILTERS.get(type), env), hit -> position(hit, sortKey),
                hit -> nodes(env).of(hit.resource()), env);
    }

    Object count(String type, DataFetchingEnvironment env) {
        Set<String> filters = type.equals("Customer") ? COUNTED_CUSTOMERS : FILTERS.get(type);
        String missing = access.missingFor(type);
        if (missing != null) {
            throw ApiError.accessDenied(env.getField().getName(), missing);
        }
        int found = search(type, filters, env).size();
        Integer limit = env.getArgument("limit");
        return limit != null && found > limit ? Map.of("count", limit, "precision", "AT_LEAST") : Nodes.count(found);
    }

    /** @param type what the id must be of; null takes any */
    Object byId(String type, String gid, DataFetchingEnvironment env) {
        var id = GID.matcher(gid);
        if (!id.matches()) {
            throw ApiError.badRequest("Invalid global id '" + gid + "'");
        }
        if (type != null && !id.group(1).equals(type)) {
            throw ApiError.notFound(gid);
        }
        if (id.group(1).equals("Refund")) {
            return refund(gid, env);
        }
        Resource found = model.index().get("gid://shopify/" + id.group(1) + "/" + id.group(2));
        return found == null || !isReadable(found) ? null : nodes(env).of(found);
    }

    /** A part of an order that has an id of its own. */
    private Object refund(String gid, DataFetchingEnvironment env) {
        for (Order order : model.all(Order.class)) {
            for (Refund refund : order.refunds) {
                if (gid.equals(Payloads.gid("Refund", refund.id))) {
                    return isReadable(order) ? nodes(env).refund(order, refund) : null;
                }
            }
        }
        return null;
    }

    Object shop() {
        return Map.of("__typename", "Shop", "id", "gid://shopify/Shop/548380009", "name", "Demo Store", "email",
                "owner@demo-store.example", "myshopifyDomain", options.domain(), "ianaTimezone", Payloads.ZONE.getId(),
                "timezoneOffset", "+0100", "currencyCode", Payloads.CURRENCY, "enabledPresentmentCurrencies",
                List.of(Payloads.CURRENCY, "USD"), "plan", Map.of("partnerDevelopment", true, "shopifyPlus", false,
                        "publicDisplayName", "Development"));
    }

    Object installation() {
        return Map.of("__typename", "AppInstallation", "id", "gid://shopify/AppInstallation/1", "accessScopes",
                access.scopes().stream().map(scope -> Map.of("handle", scope, "description",
                        scope.replace('_', ' '))).toList());
    }

    /** Says in the answer which terms of a search were left out. */
    static void warn(DataFetchingEnvironment env, String query, List<SearchQuery.Warning> left) {
        List<Object> warnings = env.getGraphQlContext().get(WARNINGS);
        left.forEach(one ->
                warnings.add(SearchQuery.warning(env.getExecutionStepInfo().getPath().toList(), query, one)));
    }

    private List<Hit> search(String type, Set<String> filters, DataFetchingEnvironment env) {
        String text = env.getArgument("query");
        SearchQuery.Read<Hit> query;
        try {
            query = SearchQuery.read(text, new SearchQuery.Fields<>() {
                @Override
                public Set<String> valid() {
                    return filters;
                }

                @Override
                public Object value(Hit hit, String field) {
                    return Roots.value(hit, field);
                }

                /** "The date and time, matching a whole day, when the customer's information was last updated" */
                @Override
                public boolean isByDay(String field) {
                    return type.equals("Customer") && field.equals("updated_at");
                }
            }, Payloads.ZONE, model.now());
        } catch (SearchQuery.Invalid e) {
            throw ApiError.badRequest(e.getMessage());
        }
        warn(env, text, query.warnings());
        Predicate<Hit> matches = query.matches();
        return model.index().search(type).stream().filter(hit -> isReadable(hit.resource()) && matches.test(hit))
                .toList();
    }

    /**
     * Orders older than 60 days take a scope of their own.
     *
     * @see <a href="https://shopify.dev/docs/api/admin-graphql/latest/objects/Order">Order</a>
     */
    private boolean isReadable(Resource resource) {
        return !(resource instanceof Order) || access.has("read_all_orders")
                || !resource.createdAt.isBefore(model.now().minus(WITHOUT_ALL_ORDERS));
    }

    private static Position position(Hit hit, String sortKey) {
        return new Position(switch (sortKey) {
            case "UPDATED_AT" -> hit.updatedAt().toString();
            case "CREATED_AT", "PROCESSED_AT" -> hit.resource().createdAt.toString();
            case "ID", "RELEVANCE", "CHECKOUT_ID" -> "";
            case "ORDER_NUMBER" -> String.format("%09d", ((Order) hit.resource()).number);
            default -> throw new UnsupportedOperationException("The simulated shop does not sort by " + sortKey);
        }, hit.resource().id);
    }

    private static Object value(Hit hit, String field) {
        Resource resource = hit.resource();
        Object common = switch (field) {
            case "updated_at" -> hit.updatedAt();
            case "created_at", "processed_at", "customer_date" -> resource.createdAt;
            case "id" -> resource.id;
            default -> null;
        };
        if (common != null) {
            return common;
        }
        if (resource instanceof Order order) {
            return value(order, field);
        }
        if (resource instanceof Customer customer) {
            return value(customer, field);
        }
        if (resource instanceof DraftOrder draft && field.equals("status")) {
            return draft.status();
        }
        if (resource instanceof Company company && field.equals("name")) {
            return company.name;
        }
        if (resource instanceof Company company && field.equals("external_id")) {
            return company.externalId;
        }
        throw unsupported(field);
    }

    private static Object value(Order order, String field) {
        return switch (field) {
            case "name" -> "#" + order.number;
            case "email" -> order.email;
            case "customer_id" -> order.customer == null ? null : (Object) order.customer.id;
            case "financial_status" -> order.financialStatus;
            case "status" -> order.cancelledAt != null ? "cancelled" : order.closedAt != null ? "closed" : "open";
            case "test" -> order.test;
            case "tag" -> order.tags;
            case "source_name" -> order.sourceName;
            case "checkout_token" -> order.token;
            case "confirmation_number" -> Payloads.confirmationNumber(order);
            default -> throw unsupported(field);
        };
    }

    private static Object value(Customer customer, String field) {
        return switch (field) {
            case "email" -> customer.email;
            case "phone" -> customer.phone;
            case "first_name" -> customer.firstName;
            case "last_name" -> customer.lastName;
            case "orders_count" -> customer.orders;
            case "state" -> customer.state.toUpperCase(Locale.ROOT);
            case "tag" -> customer.tags;
            default -> throw unsupported(field);
        };
    }

    private static UnsupportedOperationException unsupported(String field) {
        return new UnsupportedOperationException("The simulated shop does not search by " + field);
    }

    private static Nodes nodes(DataFetchingEnvironment env) {
        return env.getGraphQlContext().get(NODES);
    }
}
