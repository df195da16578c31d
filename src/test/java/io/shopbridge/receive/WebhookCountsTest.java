package io.shopbridge.receive;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class WebhookCountsTest {

    private final Stores stores = new Stores(new Binder(new MapConfigurationPropertySource(Map.of(
            "shopbridge.stores.main.webhook-secrets", "s"))).bind("shopbridge", ShopbridgeSettings.class).get());
    private final Store main = stores.get("main");
    private final WebhookCounts counts = new WebhookCounts(stores);

    @Test
    void theFirstOfAKindIsLoggedAtOnceAndTheOthersTogether(CapturedOutput log) {
        for (int i = 0; i < 5; i++) {
            counts.refused(main, Refusal.WRONG_SIGNATURE, "It is wrong.");
        }
        counts.refused(null, Refusal.UNKNOWN_STORE, "There is none.");
        assertThat(log.getAll()).containsOnlyOnce("Refused a webhook of store main: wrong-signature. It is wrong. Set")
                .containsOnlyOnce("Refused a webhook of no configured store: unknown-store. There is none.");
        counts.log();
        counts.log();
        assertThat(log.getAll()).containsOnlyOnce("Refused 4 webhooks of store main: wrong-signature");
    }

    @Test
    void everyStoreAndReasonIsAMeterFromTheStartAndNoOther() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        counts.bindTo(meters);
        int before = meters.getMeters().size();
        counts.refused(main, Refusal.TOO_SLOW, "Slow.");
        counts.refused(null, Refusal.UNKNOWN_STORE, "None of the name x.");
        counts.refused(null, Refusal.UNKNOWN_STORE, "None of the name y.");
        assertThat(meters.get("shopbridge.webhooks.refused").tags("store", "main", "reason", "too-slow")
                .functionCounter().count()).isOne();
        assertThat(meters.get("shopbridge.webhooks.refused").tags("store", "none", "reason", "unknown-store")
                .functionCounter().count()).isEqualTo(2);
        assertThat(meters.get("shopbridge.webhooks.refused").tags("store", "main", "reason", "wrong-signature")
                .functionCounter().count()).isZero();
        assertThat(meters.getMeters()).hasSize(before);
    }

    @Test
    void theNewestKindComesFirst() {
        counts.refused(main, Refusal.TOO_SLOW, "Slow.");
        counts.refused(main, Refusal.OTHER_DOMAIN, "Other.");
        counts.refused(main, Refusal.OTHER_DOMAIN, "Another.");
        assertThat(counts.refusedLately()).extracting(RefusedWebhooks::reason)
                .containsExactly("other-domain", "too-slow");
        assertThat(counts.refused().get(0).count()).isEqualTo(2);
        assertThat(counts.refused().get(0).because()).isEqualTo("Another.");
    }
}
