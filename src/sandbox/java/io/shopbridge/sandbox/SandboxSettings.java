package io.shopbridge.sandbox;

import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.Mishaps;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings under {@code shopbridge.sandbox}, used in the profile {@code sandbox} only.
 *
 * @param dataDir where the simulators keep what must survive a restart
 * @param token the token that every simulated CRM accepts; for Salesforce the client secret too
 * @param latency time that each call to a simulated CRM takes
 * @param hubspot where the simulated HubSpot listens
 * @param crmOne where the simulated CRM One listens
 * @param salesforce where the simulated Salesforce listens, once a CRM with that name or folder is configured
 * @param pipedrive where the simulated Pipedrive listens, once a CRM with that name or folder is configured
 * @param shop what the simulated shop sends, and where
 */
@ConfigurationProperties("shopbridge.sandbox")
record SandboxSettings(@DefaultValue(".shopbridge/sandbox") Path dataDir,
        @DefaultValue(Options.DEFAULT_TOKEN) String token, @DefaultValue("0ms") Duration latency,
        HubSpot hubspot, CrmOne crmOne, Salesforce salesforce, Pipedrive pipedrive, @DefaultValue Shop shop) {

    SandboxSettings {
        hubspot = hubspot == null ? new HubSpot(8181) : hubspot;
        crmOne = crmOne == null ? new CrmOne(8182) : crmOne;
        salesforce = salesforce == null ? new Salesforce(8183, List.of(), false, true, null) : salesforce;
        pipedrive = pipedrive == null ? new Pipedrive(8184, List.of(), 3_000_000, true, false) : pipedrive;
    }

    @Override
    public String toString() {
        return "SandboxSettings[dataDir=" + dataDir + ", shop=" + shop + "]";
    }

    /** @param port 0 takes any free port */
    record HubSpot(@DefaultValue("8181") int port) {
    }

    /** @param port 0 takes any free port */
    record CrmOne(@DefaultValue("8182") int port) {
    }

    /**
     * @param port 0 takes any free port
     * @param fields custom fields, each as {@code Contact.Consent__c picklist subscribed,unsubscribed}, beside those that
     *     the mappings need
     * @param personAccounts whether accounts may be persons
     * @param multiCurrency whether records carry CurrencyIsoCode
     * @param certificate X.509 certificate (PEM) that signs JWT assertions; absent: they are refused
     */
    record Salesforce(@DefaultValue("8183") int port, @DefaultValue List<String> fields,
            @DefaultValue("false") boolean personAccounts, @DefaultValue("true") boolean multiCurrency,
            Path certificate) {
    }

    /**
     * @param port 0 takes any free port
     * @param fields custom fields, each as {@code persons varchar Shopify key}, beside those that the mappings need
     * @param dailyTokens budget of a day; more than a small company's, so that a sandbox runs on through the day
     * @param campaigns whether persons have a marketing status
     * @param contactSync whether persons have notes, a birthday and what else contact sync brings
     */
    record Pipedrive(@DefaultValue("8184") int port, @DefaultValue List<String> fields,
            @DefaultValue("3000000") int dailyTokens,
            @DefaultValue("true") boolean campaigns, @DefaultValue("false") boolean contactSync) {
    }

    /**
     * @param rate webhooks a second; 0 switches the shop off
     * @param seed decides what happens in the shop
     * @param store the configured store that the shop plays; its domain and first webhook secret are used
     * @param secret signs the webhooks; absent: {@code shopbridge.stores.<store>.webhook-secrets[0]}
     * @param endpoint absent: this application's own {@code /webhooks/shopify/<store>}
     * @param lost percent of the webhooks that are never sent
     * @param late percent that overtake each other
     * @param doubled percent that are sent twice
     */
    record Shop(@DefaultValue("2") double rate, @DefaultValue("1") long seed, @DefaultValue("main") String store,
            String secret, URI endpoint, @DefaultValue("0") int lost, @DefaultValue("0") int late,
            @DefaultValue("0") int doubled) {

        Mishaps mishaps() {
            return new Mishaps(lost, late, doubled, seed);
        }

        @Override
        public String toString() {
            return "Shop[rate=" + rate + ", store=" + store + "]";
        }
    }
}
