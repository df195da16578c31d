package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;

/**
 * What a topic says of the app itself, or of what the app asked for.
 *
 * @param uninstalled whether the app was uninstalled from the shop
 * @param lostScopes  access scopes, such as read_orders, that the app had and has no more
 * @param operation   Shopify's global id of a bulk operation that has ended; null: none
 */
public record AppNews(boolean uninstalled, Set<String> lostScopes, String operation) {

    static AppNews ofUninstalled() {
        return new AppNews(true, Set.of(), null);
    }

    /** A scope to write contains that to read. */
    static AppNews ofScopes(JsonNode previous, JsonNode current) {
        Set<String> lost = scopes(previous);
        lost.removeAll(scopes(current));
        return new AppNews(false, Set.copyOf(lost), null);
    }

    static AppNews ofOperation(String id) {
        return new AppNews(false, Set.of(), id);
    }

    private static Set<String> scopes(JsonNode list) {
        Set<String> scopes = new HashSet<>();
        list.forEach(scope -> {
            scopes.add(scope.asText());
            if (scope.asText().startsWith("write_")) {
                scopes.add(scope.asText().replaceFirst("write_", "read_"));
            }
        });
        return scopes;
    }
}
