package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.commons.lang3.StringUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What an operator is told when Shopify no longer has the version that is asked for. */
@ExtendWith(OutputCaptureExtension.class)
class ServedVersionsTest {

    private static final String SAID = "The shop of store main answers by version 2027-01";

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private Instant now = Instant.parse("2027-10-20T10:00:00Z");
    private final ServedVersions versions = new ServedVersions(new Stores(new Binder(new MapConfigurationPropertySource(
            Map.of("shopbridge.stores.main.webhook-secrets", "s", "shopbridge.stores.main.domain", "t.myshopify.com",
                    "shopbridge.stores.main.admin.access-token", "t", "shopbridge.stores.other.webhook-secrets", "s")))
            .bind("shopbridge", ShopbridgeSettings.class).get()), () -> now);

    @BeforeEach
    void bind() {
        versions.bindTo(registry);
    }

    @Test
    void aVersionThatFellForwardIsLoggedOnceADayAndMeasured(CapturedOutput log) {
        versions.answered("main", "2026-10");
        assertThat(differs()).isZero();
        for (int i = 0; i < 3; i++) {
            versions.answered("main", "2027-01");
        }
        assertThat(differs()).isOne();
        assertThat(StringUtils.countMatches(log.getAll(), SAID)).isOne();
        assertThat(log.getAll()).contains("instead of 2026-10", "Set shopbridge.stores.main.admin.version to one that");

        now = now.plus(Duration.ofHours(25));
        versions.answered("main", "2027-01");
        assertThat(StringUtils.countMatches(log.getAll(), SAID)).isEqualTo(2);

        versions.answered("main", "2026-10");
        assertThat(differs()).isZero();
    }

    private double differs() {
        return registry.get("shopbridge.shopify.version.differs").tag("store", "main").gauge().value();
    }
}
