package io.shopbridge.sandbox.shop;

import graphql.GraphQLError;
import graphql.GraphqlErrorBuilder;
import graphql.execution.ResultPath;
import graphql.language.SourceLocation;
import java.util.LinkedHashMap;
import java.util.Map;

/** An error of one field, with Shopify's code. The field is null, and whatever can't be without it. */
final class ApiError extends RuntimeException {

    private static final String SCOPES = "https://shopify.dev/api/usage/access-scopes";

    private final transient Map<String, Object> extensions;

    private ApiError(String message, Map<String, Object> extensions) {
        super(message, null, false, false);
        this.extensions = extensions;
    }

    static ApiError badRequest(String message) {
        return new ApiError(message, Map.of("code", "BAD_REQUEST"));
    }

    /** An id of another kind than the field's. */
    static ApiError notFound(String gid) {
        return new ApiError("Invalid id: " + gid, Map.of("code", "RESOURCE_NOT_FOUND"));
    }

    /** @param access as Shopify words it, such as {@code `read_orders` access scope.} */
    static ApiError accessDenied(String field, String access) {
        Map<String, Object> extensions = new LinkedHashMap<>();
        extensions.put("code", "ACCESS_DENIED");
        extensions.put("documentation", SCOPES);
        extensions.put("requiredAccess", access);
        return new ApiError("Access denied for " + field + " field. Required access: " + access, extensions);
    }

    /** @see <a href="https://shopify.dev/docs/apps/launch/protected-customer-data">Protected customer data</a> */
    static ApiError notApproved(String field) {
        return new ApiError("This app is not approved to use the " + field + " field. See"
                + " https://shopify.dev/docs/apps/launch/protected-customer-data for more details.",
                Map.of("code", "ACCESS_DENIED", "documentation", SCOPES));
    }

    GraphQLError at(SourceLocation location, ResultPath path) {
        return GraphqlErrorBuilder.newError().message("%s", getMessage()).location(location).path(path)
                .extensions(extensions).build();
    }
}
