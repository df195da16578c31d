package io.shopbridge.refresh;

import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.mirror.Interests;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Creates a route for each store and entity whose incomplete records are asked for: of stores whose Admin API is
 * configured, the entities that a CRM of the store uses and that have rules in {@code mappings/shopify}.
 */
@Component
class RefreshRoutes implements ApplicationRunner {

    private final RouteTemplates templates;
    private final Stores stores;
    private final Shopify shopify;
    private final Interests interests;
    private final RefreshMetrics metrics;

    RefreshRoutes(RouteTemplates templates, Stores stores, Shopify shopify, Interests interests,
            RefreshMetrics metrics) {
        this.templates = templates;
        this.stores = stores;
        this.shopify = shopify;
        this.interests = interests;
        this.metrics = metrics;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        stores.all().stream().filter(store -> store.admin() != null).forEach(store -> shopify.refreshed().stream()
                .filter(entity -> interests.uses(store, entity))
                .forEach(entity -> add(store, entity)));
    }

    private void add(Store store, String entity) {
        String id = "refresh/" + store.name() + "-" + entity;
        templates.route("refresh", "asks for incomplete records of " + entity).parameter("store", store.name())
                .parameter("entity", entity).routeId(id).prefixId(id + "/").add();
        metrics.add(store.name(), entity);
    }
}
