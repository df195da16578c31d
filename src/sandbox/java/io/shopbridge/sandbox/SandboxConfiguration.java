package io.shopbridge.sandbox;

import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.salesforce.Org;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;

/** Starts the simulators beside the application; the CRMs first, because deliveries begin with the application. */
@Configuration(proxyBeanMethods = false)
@Profile("sandbox")
@EnableConfigurationProperties(SandboxSettings.class)
class SandboxConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxConfiguration.class);

    @Bean(destroyMethod = "close")
    SimulatedHubSpot simulatedHubSpot(SandboxSettings settings) {
        SimulatedHubSpot hubSpot = SimulatedHubSpot.start(settings.hubspot().port(), options(settings, "hubspot"));
        LOG.info("The simulated HubSpot listens on {}", hubSpot.baseUrl());
        return hubSpot;
    }

    @Bean(destroyMethod = "close")
    SimulatedCrmOne simulatedCrmOne(SandboxSettings settings) {
        SimulatedCrmOne crmOne = SimulatedCrmOne.start(settings.crmOne().port(), options(settings, "crm-one"));
        LOG.info("The simulated CRM One listens on {}", crmOne.baseUrl());
        return crmOne;
    }

    @Bean(destroyMethod = "close")
    @Conditional(ConfiguredCrm.Salesforce.class)
    SimulatedSalesforce simulatedSalesforce(SandboxSettings settings) {
        SandboxSettings.Salesforce wanted = settings.salesforce();
        Org org = Org.defaults().withFields(wanted.fields())
                .withPersonAccounts(wanted.personAccounts()).withMultiCurrency(wanted.multiCurrency())
                .withCertificate(wanted.certificate());
        SimulatedSalesforce salesforce =
                SimulatedSalesforce.start(wanted.port(), options(settings, "salesforce"), org);
        LOG.info("The simulated Salesforce listens on {}", salesforce.baseUrl());
        return salesforce;
    }

    @Bean(destroyMethod = "close")
    @Conditional(ConfiguredCrm.Pipedrive.class)
    SimulatedPipedrive simulatedPipedrive(SandboxSettings settings) {
        SandboxSettings.Pipedrive wanted = settings.pipedrive();
        Company company = Company.defaults().withFields(wanted.fields()).withDailyTokens(wanted.dailyTokens()).withCampaigns(wanted.campaigns())
                .withContactSync(wanted.contactSync());
        SimulatedPipedrive pipedrive =
                SimulatedPipedrive.start(wanted.port(), options(settings, "pipedrive"), company);
        LOG.info("The simulated Pipedrive listens on {}", pipedrive.baseUrl());
        return pipedrive;
    }

    @Bean
    SandboxAccounts sandboxAccounts(Environment environment) {
        return new SandboxAccounts(environment);
    }

    @Bean(destroyMethod = "close")
    SandboxShop sandboxShop(SandboxSettings settings, Environment environment) {
        return new SandboxShop(settings, environment);
    }

    private static Options options(SandboxSettings settings, String name) {
        return Options.defaults().withToken(settings.token()).withLatency(settings.latency())
                .withJournal(settings.dataDir().resolve(name + ".jsonl"));
    }
}
