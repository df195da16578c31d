package io.shopbridge.deliver;

import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmLimits;
import io.shopbridge.crm.Crms;
import io.shopbridge.map.Mapping;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.yaml.InvalidMappings;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Creates the routes of each configured CRM from the templates in {@code routes/}. After the context has started,
 * because the templates come with its routes; and as the last step of the start, which fails if a template is missing.
 */
@Component
class DeliveryRoutes implements ApplicationRunner {

    private static final String WORK = "deliver-work";
    private static final String LIMIT = "rest-crm-limit";

    private final Shopify shopify;
    private final RouteTemplates templates;
    private final Crms crms;

    DeliveryRoutes(Shopify shopify, RouteTemplates templates, Crms crms) {
        this.shopify = shopify;
        this.templates = templates;
        this.crms = crms;
    }

    /** @throws InvalidMappings where {@code routes/} lacks a template */
    @Override
    public void run(ApplicationArguments arguments) {
        for (Crm crm : crms.all()) {
            TemplatedRouteBuilder calls = templates.route(crm.routeTemplate(), "takes the calls to " + crm.title())
                    .parameter("crm", crm.name())
                    .parameter("requests", crm.limits().requests())
                    .parameter("period", crm.limits().period().toMillis())
                    .parameter("timeout", crm.timeout().toMillis());
            if (crm.isRest()) {
                calls.parameter("baseUrl", crm.baseUrl());
            }
            crm.limits().groups().forEach((name, limit) -> addLimit(crm, name, limit));
            calls.routeId("call/" + crm.name()).prefixId("call/" + crm.name() + "/").add();
            long busy = crm.mappings().stream().filter(this::isBusy).count();
            long others = crm.mappings().size() - busy;
            for (Mapping mapping : crm.mappings()) {
                templates.route(WORK, "brings a CRM up to date")
                        .parameter("crm", crm.name())
                        .parameter("entity", mapping.entity())
                        .parameter("threads",
                                isBusy(mapping) ? Math.max(1, (crm.limits().atOnce() - others) / busy) : 1)
                        .parameter("gather", crm.limits().gather().toMillis())
                        .routeId("deliver/" + crm.name() + "/" + mapping.entity())
                        .prefixId("deliver/" + crm.name() + "/" + mapping.entity() + "/")
                        .add();
            }
        }
    }

    private void addLimit(Crm crm, String name, CrmLimits.Group limit) {
        templates.route(LIMIT, "keeps what a CRM counts apart")
                .parameter("crm", crm.name())
                .parameter("limit", name)
                .parameter("requests", limit.requests())
                .parameter("period", limit.period().toMillis())
                .routeId("limit/" + crm.name() + "/" + name).prefixId("limit/" + crm.name() + "/" + name + "/").add();
    }

    /** Those of which there are many share the threads; the others get one each. */
    private boolean isBusy(Mapping mapping) {
        return shopify.entity(mapping.entity()).many();
    }
}
