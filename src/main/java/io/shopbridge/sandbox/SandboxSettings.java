package io.shopbridge.sandbox;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings under {@code shopbridge.sandbox}, used in the profile {@code sandbox} only.
 *
 * @param dataDir where the simulators keep what must survive a restart
 * @param token the bearer token that both simulated CRMs accept
 * @param latency time that each call to a simulated CRM takes
 * @param hubspot where the simulated HubSpot listens
 * @param crmOne where the simulated CRM One listens
 * @param shop what the simulated shop sends, and where
 */
@ConfigurationProperties("shopbridge.sandbox")
record SandboxSettings(@DefaultValue(".shopbridge/sandbox") Path dataDir,
        @DefaultValue(Options.DEFAULT_TOKEN) String token, @DefaultValue("0ms") Duration latency,
        HubSpot hubspot, CrmOne crmOne, @DefaultValue Shop shop) {

    SandboxSettings {
        hubspot = hubspot == null ? new HubSpot(8181) : hubspot;
        crmOne = crmOne == null ? new CrmOne(8182) : crmOne;
    }

    /** @param port 0 takes any free port */
    record HubSpot(@DefaultValue("8181") int port) {
    }

    /** @param port 0 takes any free port */
    record CrmOne(@DefaultValue("8182") int port) {
    }

    /**
     * @param rate webhooks a second; 0 switches the shop off
     * @param seed decides what happens in the shop
     * @param store the configured store that the shop plays; its domain and first webhook secret are used
     * @param secret signs the webhooks; absent: {@code shopbridge.stores.<store>.webhook-secrets[0]}
     * @param endpoint absent: this application's own {@code /webhooks/shopify/<store>}
     */
    record Shop(@DefaultValue("2") double rate, @DefaultValue("1") long seed, @DefaultValue("main") String store,
            String secret, URI endpoint) {
    }
}
