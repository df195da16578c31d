package io.shopbridge.salesforce;

import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** The configured orgs: each gets a component of its own, so that each has its own session, and its own routes. */
@Component
@Order(0)
class SalesforceOrgs implements CamelContextConfiguration, ApplicationRunner {

    private static final String TEMPLATE = "salesforce-crm";

    private final Map<String, SalesforceOrg> orgs = new LinkedHashMap<>();
    private final RouteTemplates templates;

    SalesforceOrgs(@Lazy RouteTemplates templates, Crms crms, MeterRegistry metrics) {
        this.templates = templates;
        for (Crm crm : crms.all()) {
            if (crm.routeTemplate().equals(TEMPLATE)) {
                SalesforceOrg org = new SalesforceOrg(crm);
                org.dailyCalls().bindTo(metrics);
                orgs.put(crm.name(), org);
            }
        }
    }

    /** Names of the CRMs. */
    Set<String> names() {
        return orgs.keySet();
    }

    SalesforceOrg get(String crm) {
        return orgs.get(crm);
    }

    @Override
    public void beforeApplicationStart(CamelContext starting) {
        orgs.forEach((name, org) -> starting.addComponent("salesforce-" + name, org.component()));
    }

    @Override
    public void afterApplicationStart(CamelContext started) {
        // Camel ignores exceptions here, but a start without routes must fail.
    }

    /** Before the routes that deliver, which call these. */
    @Override
    public void run(ApplicationArguments arguments) {
        for (SalesforceOrg org : orgs.values()) {
            org.exposeRetryAfter();
            Crm crm = org.crm();
            add(crm, "http", "makes the calls to " + crm.title());
            add(crm, "write", "writes rows to " + crm.title());
            add(crm, "job", "looks at jobs of " + crm.title());
        }
    }

    private void add(Crm crm, String what, String purpose) {
        templates.route("salesforce-" + what, purpose)
                .parameter("crm", crm.name())
                .parameter("requests", crm.limits().requests())
                .parameter("period", crm.limits().period().toMillis())
                .routeId(what + "/" + crm.name())
                .prefixId(what + "/" + crm.name() + "/")
                .add();
    }
}
