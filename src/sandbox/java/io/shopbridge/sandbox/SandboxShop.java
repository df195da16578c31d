package io.shopbridge.sandbox;

import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.OpenShop;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/**
 * The simulated shop within the application: its Admin API answers from the beginning; its webhooks begin once the
 * application takes them, and end before it.
 */
final class SandboxShop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxShop.class);

    private final SandboxSettings settings;
    private final Environment environment;
    private final String domain;
    private final OpenShop shop;
    private final SimulatedAdminApi admin;
    private SimulatedShop webhooks;

    SandboxShop(SandboxSettings settings, Environment environment) {
        this.settings = settings;
        this.environment = environment;
        SandboxSettings.Shop wanted = settings.shop();
        domain = environment.getProperty(store() + ".domain", "demo-store.myshopify.com");
        shop = OpenShop.of(wanted.seed(), settings.dataDir().resolve("shop-" + wanted.store() + ".json"));
        AdminOptions options = AdminOptions.defaults().withDomain(domain).withAccessToken(settings.token());
        admin = SimulatedAdminApi.start(wanted.port(), secret().map(options::withClientSecret).orElse(options),
                shop.model());
        LOG.info("The simulated shop's Admin API listens on {}", admin.baseUrl());
    }

    @EventListener(ApplicationReadyEvent.class)
    void begin() {
        SandboxSettings.Shop wanted = settings.shop();
        if (wanted.rate() <= 0) {
            LOG.info("The simulated shop sends nothing, because shopbridge.sandbox.shop.rate is 0");
            return;
        }
        String secret = secret().orElseThrow(() -> new IllegalStateException("The simulated shop has no secret to sign"
                + " with: set " + store() + ".webhook-secrets, or switch the shop off with"
                + " shopbridge.sandbox.shop.rate=0"));
        URI endpoint = wanted.endpoint() == null ? ownEndpoint(wanted.store()) : wanted.endpoint();
        webhooks = SimulatedShop.start(shop,
                new SimulatedShop.Settings(endpoint, secret, domain, wanted.rate(), wanted.mishaps()));
        LOG.info("The simulated shop sends {} webhooks a second to {}", wanted.rate(), endpoint);
    }

    /** Present once the application is ready, unless the shop is off. */
    Optional<SimulatedShop> webhooks() {
        return Optional.ofNullable(webhooks);
    }

    SimulatedAdminApi admin() {
        return admin;
    }

    @Override
    public void close() {
        if (webhooks != null) {
            webhooks.close();
        }
        admin.close();
    }

    private String store() {
        return "shopbridge.stores." + settings.shop().store();
    }

    /** The app's client secret: it signs webhooks, and gets tokens of the Admin API. */
    private Optional<String> secret() {
        return Optional.ofNullable(settings.shop().secret()).or(() -> Binder.get(environment)
                .bind(store() + ".webhook-secrets", Bindable.listOf(String.class)).orElse(List.of()).stream()
                .findFirst());
    }

    // With server.port=0 only local.server.port knows the port.
    private URI ownEndpoint(String store) {
        String port = environment.getProperty("local.server.port", environment.getProperty("server.port", "8080"));
        return URI.create("http://localhost:" + port + "/webhooks/shopify/" + store);
    }
}
