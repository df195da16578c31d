package io.shopbridge.salesforce;

import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.stereotype.Component;

/** The configured orgs: each gets a component of its own, so that each has its own session, and its own routes. */
@Component
class SalesforceOrgs implements CamelContextConfiguration {

    private static final String TEMPLATE = "salesforce-crm";

    private final Map<String, SalesforceOrg> orgs = new LinkedHashMap<>();

    SalesforceOrgs(Crms crms, MeterRegistry metrics) {
        for (Crm crm : crms.all()) {
            if (crm.routeTemplate().equals(TEMPLATE)) {
                SalesforceOrg org = new SalesforceOrg(crm);
                org.dailyCalls().bindTo(metrics);
                orgs.put(crm.name(), org);
            }
        }
    }

    SalesforceOrg get(String crm) {
        return orgs.get(crm);
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        orgs.forEach((name, org) -> context.addComponent("salesforce-" + name, org.component()));
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        for (SalesforceOrg org : orgs.values()) {
            org.tellRetryAfter();
            for (String template : List.of(TEMPLATE, "salesforce-call")) {
                Crm crm = org.crm();
                TemplatedRouteBuilder.builder(context, template)
                        .parameter("crm", crm.name())
                        .parameter("requests", crm.requests())
                        .parameter("period", crm.periodMillis())
                        .routeId((template.equals(TEMPLATE) ? "deliver-" : "call-") + crm.name())
                        .prefixId(template + "-" + crm.name() + "-")
                        .add();
            }
        }
    }
}
