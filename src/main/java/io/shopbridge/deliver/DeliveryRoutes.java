package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.map.Mapping;
import io.shopbridge.store.RecordKey;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.stereotype.Component;

/** Makes the routes of each configured CRM from the templates in {@code routes/}. */
@Component
class DeliveryRoutes implements CamelContextConfiguration {

    private final Crms crms;

    DeliveryRoutes(Crms crms) {
        this.crms = crms;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        // The templates come with the routes, which are loaded when the context starts.
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        for (Crm crm : crms.all()) {
            if (crm.isRest()) {
                TemplatedRouteBuilder.builder(context, "rest-crm")
                        .parameter("crm", crm.name())
                        .parameter("baseUrl", crm.baseUrl())
                        .parameter("requests", crm.requests())
                        .parameter("period", crm.periodMillis())
                        .parameter("timeout", crm.timeoutMillis())
                        .routeId("deliver-" + crm.name())
                        .prefixId(crm.name() + "-")
                        .add();
            }
            long busy = crm.mappings().stream().filter(DeliveryRoutes::isBusy).count();
            long others = crm.mappings().size() - busy;
            for (Mapping mapping : crm.mappings()) {
                TemplatedRouteBuilder.builder(context, "deliver-work")
                        .parameter("crm", crm.name())
                        .parameter("entity", mapping.entity())
                        .parameter("threads", isBusy(mapping) ? Math.max(1, (crm.atOnce() - others) / busy) : 1)
                        .parameter("gather", crm.gatherMillis())
                        .routeId("deliver-" + crm.name() + "-" + mapping.entity())
                        .prefixId(crm.name() + "-" + mapping.entity() + "-")
                        .add();
            }
        }
    }

    /** Customers and orders are nearly all there is to deliver; the others get one thread each. */
    private static boolean isBusy(Mapping mapping) {
        return mapping.entity().equals(RecordKey.CUSTOMER) || mapping.entity().equals(RecordKey.ORDER);
    }
}
