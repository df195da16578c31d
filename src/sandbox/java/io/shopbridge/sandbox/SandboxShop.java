package io.shopbridge.sandbox;

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

/** The simulated shop within the application: it begins once the application takes webhooks, and ends before it. */
final class SandboxShop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxShop.class);

    private final SandboxSettings settings;
    private final Environment environment;
    private SimulatedShop shop;

    SandboxShop(SandboxSettings settings, Environment environment) {
        this.settings = settings;
        this.environment = environment;
    }

    @EventListener(ApplicationReadyEvent.class)
    void begin() {
        SandboxSettings.Shop wanted = settings.shop();
        if (wanted.rate() <= 0) {
            LOG.info("The simulated shop is off, because shopbridge.sandbox.shop.rate is 0");
            return;
        }
        String store = "shopbridge.stores." + wanted.store();
        String secret = Optional.ofNullable(wanted.secret()).or(() -> firstSecret(store))
                .orElseThrow(() -> new IllegalStateException("The simulated shop has no secret to sign with: set "
                        + store + ".webhook-secrets, or switch the shop off with shopbridge.sandbox.shop.rate=0"));
        URI endpoint = wanted.endpoint() == null ? ownEndpoint(wanted.store()) : wanted.endpoint();
        shop = SimulatedShop.start(new SimulatedShop.Settings(endpoint, secret,
                environment.getProperty(store + ".domain", "demo-store.myshopify.com"), wanted.rate(), wanted.seed(),
                settings.dataDir().resolve("shop-" + wanted.store() + ".json"), wanted.mishaps()));
        LOG.info("The simulated shop sends {} webhooks a second to {}", wanted.rate(), endpoint);
    }

    /** Present once the application is ready, unless the shop is off. */
    Optional<SimulatedShop> shop() {
        return Optional.ofNullable(shop);
    }

    @Override
    public void close() {
        if (shop != null) {
            shop.close();
        }
    }

    private Optional<String> firstSecret(String store) {
        return Binder.get(environment).bind(store + ".webhook-secrets", Bindable.listOf(String.class))
                .orElse(List.of()).stream().findFirst();
    }

    // With server.port=0 only local.server.port knows the port.
    private URI ownEndpoint(String store) {
        String port = environment.getProperty("local.server.port", environment.getProperty("server.port", "8080"));
        return URI.create("http://localhost:" + port + "/webhooks/shopify/" + store);
    }
}
