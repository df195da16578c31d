package io.shopbridge.operate;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;

/** Which stores are paused, as gauges; looked up again every few seconds. */
@Component
class StorePauseMetrics implements MeterBinder {

    private final Stores stores;
    private final Cached<List<StoreState>> paused;

    StorePauseMetrics(Stores stores, PausedStores pausedStores) {
        this.stores = stores;
        this.paused = new Cached<>(Duration.ofSeconds(5), pausedStores::paused);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        stores.all().forEach(store -> Gauge.builder("shopbridge.store.paused", () -> isPaused(store.name()) ? 1 : 0)
                .tag("store", store.name()).description("1 while a store is paused because its app was uninstalled")
                .register(registry));
    }

    private boolean isPaused(String name) {
        return paused.get().stream().anyMatch(store -> store.store().equals(name));
    }
}
