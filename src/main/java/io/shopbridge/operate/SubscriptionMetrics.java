package io.shopbridge.operate;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.subscribe.OpenFaults;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** What the last check of the webhook subscriptions found, as gauges; looked up again every minute. */
@Component
class SubscriptionMetrics implements MeterBinder {

    private final Stores stores;
    private final Cached<Map<String, Long>> faulty;

    SubscriptionMetrics(Stores stores, OpenFaults faults) {
        this.stores = stores;
        this.faulty = new Cached<>(Duration.ofMinutes(1), () -> stores.all().stream().map(Store::name)
                .collect(Collectors.toMap(Function.identity(), faults::count)));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        stores.all().forEach(store -> Gauge.builder("shopbridge.subscriptions.faulty",
                () -> faulty.get().getOrDefault(store.name(), 0L)).tag("store", store.name())
                .description("Topics whose webhook subscription the last check found missing or wrong, and did not mend")
                .register(registry));
    }
}
