package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;

/**
 * What a topic says of the app itself.
 *
 * @param uninstalled whether the app was uninstalled from the shop
 * @param lostScopes  access scopes, such as read_orders, that the app had and has no more
 */
public record AppNews(boolean uninstalled, Set<String> lostScopes) {

    static AppNews ofUninstalled() {
        return new AppNews(true, Set.of());
    }

    /** A scope to write contains that to read. */
    static AppNews ofScopes(JsonNode previous, JsonNode current) {
        Set<String> lost = scopes(previous);
        lost.removeAll(scopes(current));
        return new AppNews(false, Set.copyOf(lost));
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
