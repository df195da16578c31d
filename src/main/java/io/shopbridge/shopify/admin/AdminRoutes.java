package io.shopbridge.shopify.admin;

import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/** Creates the route of each store whose Admin API is configured, from the template in {@code routes/4-connect}. */
@Component
class AdminRoutes implements ApplicationRunner {

    private final RouteTemplates templates;
    private final Stores stores;

    AdminRoutes(RouteTemplates templates, Stores stores) {
        this.templates = templates;
        this.stores = stores;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        stores.all().stream().filter(store -> store.admin() != null).map(Store::name).forEach(name ->
                templates.route("shopify-admin", "takes the calls to Shopify's Admin API").parameter("store", name)
                        .parameter("baseUrl", stores.get(name).admin().url())
                        .routeId("call-shopify/" + name).prefixId("call-shopify/" + name + "/").add());
    }
}
