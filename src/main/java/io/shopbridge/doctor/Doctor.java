package io.shopbridge.doctor;

import io.shopbridge.crm.ApiClient;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.Crms;
import io.shopbridge.crm.InvalidCrm;
import io.shopbridge.database.DatabaseUnusable;
import io.shopbridge.database.DatabaseUrl;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.StoreSettings;
import io.shopbridge.store.Stores;
import io.shopbridge.yaml.InvalidMappings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.core.env.Environment;

/** Examines every configured store and CRM. Nothing is changed unless it is told to create fields. */
public final class Doctor {

    private final Environment environment;
    private final ShopbridgeSettings settings;
    private final boolean create;
    private final Path out;
    private final Clock clock;

    /**
     * @param environment the configuration as the server would read it
     * @param create      whether fields that are missing are created
     * @param out         where what can't be created by calls is written, in a folder for each CRM
     */
    public Doctor(Environment environment, boolean create, Path out, Clock clock) {
        this.environment = environment;
        this.settings = ShopbridgeSettings.of(environment);
        this.create = create;
        this.out = out;
        this.clock = clock;
    }

    /** Everything that was found, store by store and then CRM by CRM. */
    public List<Finding> examine() {
        List<Finding> all = new ArrayList<>(database());
        if (settings.stores().isEmpty()) {
            Findings findings = new Findings("configuration", clock);
            findings.problem("no store is configured", "set shopbridge.stores.<store>.domain and .webhook-secrets");
            all.addAll(findings.all());
        }
        if (settings.crms().isEmpty()) {
            Findings findings = new Findings("configuration", clock);
            findings.problem("no CRM is configured", "set shopbridge.crms.<crm>, as the README says");
            all.addAll(findings.all());
        }
        settings.stores().forEach((name, store) -> all.addAll(store(name, store)));
        settings.crms().keySet().forEach(name -> all.addAll(crm(name)));
        return all;
    }

    private List<Finding> database() {
        Findings findings = new Findings("database", clock);
        try {
            findings.ok(DatabaseUrl.examine(environment));
            WithheldCustomers.look(environment, findings);
        } catch (DatabaseUnusable e) {
            findings.problem(e.getMessage(), e.remedy());
        }
        return findings.all();
    }

    private List<Finding> store(String name, StoreSettings store) {
        Findings findings = new Findings("store " + name, clock);
        try {
            Store shop = new Stores(settings.ofStore(name)).get(name);
            findings.ok("webhooks are verified with " + store.webhookSecrets().size() + " secret(s)");
            StoreSetup.checkDomain(name, store.domain(), shop.domain(), findings);
            Set<String> entities = entities(shop);
            StoreSetup.check(shop, StoreSetup.scopes(entities.contains(RecordKey.DRAFT_ORDER)),
                    shop.admin() == null ? List.of() : queries(entities), findings);
        } catch (InvalidSettings e) {
            findings.problem(e.getMessage(), "correct the setting");
        } catch (ApiClient.Unreachable e) {
            findings.problem(e.getMessage(), "check admin.url and that the network allows this connection");
        }
        return findings.all();
    }

    /** The queries for records of these kinds. */
    private List<GraphqlQuery> queries(Set<String> entities) {
        try {
            Shopify shopify = Shopify.load(settings.mappingsDir());
            return shopify.asked(Shopify.UPDATED).stream().filter(entities::contains)
                    .map(entity -> shopify.queries().get(Shopify.query(entity, Shopify.UPDATED))).toList();
        } catch (InvalidMappings e) {
            // Said where a CRM is looked at.
            return List.of();
        }
    }

    /** The kinds of records that a CRM of this shop takes. */
    private Set<String> entities(Store shop) {
        Set<String> entities = new TreeSet<>();
        for (String name : shop.crms()) {
            try {
                new Crms(settings.ofCrm(name)).get(name).mappings().forEach(mapping -> entities.add(mapping.entity()));
            } catch (InvalidCrm | InvalidMappings e) {
                // Said where the CRM is looked at.
            }
        }
        return entities;
    }

    /** What was found about one CRM account. */
    public List<Finding> crm(String name) {
        Findings findings = new Findings("crm " + name, clock);
        try {
            Crm crm = new Crms(settings.ofCrm(name)).get(name);
            CrmSetup setup = CrmSetup.of(crm, out.resolve(crm.name()));
            if (setup.account(findings)) {
                FieldCheck check = new FieldCheck(setup, findings, create);
                NeededFields.of(crm, settings.mappingsDir()).forEach(check::check);
            }
        } catch (InvalidCrm e) {
            findings.problem(e.getMessage(), "correct the setting or the file");
        } catch (InvalidMappings e) {
            findings.problem("the mappings have faults; the first is " + e.faults().get(0),
                    "run `java -jar shopbridge.jar lint` to list them all");
        } catch (CrmFailure e) {
            findings.problem(e.getMessage(), "check the credentials under shopbridge.crms." + name);
        } catch (ApiClient.Unreachable e) {
            findings.problem(e.getMessage(), "check shopbridge.crms." + name + ".base-url and that the network allows"
                    + " this connection");
        }
        return findings.all();
    }
}
