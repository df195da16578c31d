package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.stereotype.Component;

/** What this process asked the Admin APIs of the shops, and what they answered. */
@Component
class AdminCounts implements MeterBinder {

    /** How a call ended. */
    enum End {
        ANSWERED, THROTTLED, BUSY, DENIED, REFUSED, LOCKED;

        static End of(AdminFailure failure) {
            if (failure instanceof AdminBusy busy) {
                return busy.isThrottled() ? THROTTLED : BUSY;
            }
            return failure instanceof AdminDenied ? DENIED : failure instanceof AdminLocked ? LOCKED : REFUSED;
        }
    }

    /** What is counted of one store. */
    private static final class Counts {

        private final Map<End, LongAdder> calls = new EnumMap<>(End.class);
        private final LongAdder points = new LongAdder();
        private volatile double available = Double.NaN;

        Counts() {
            for (End end : End.values()) {
                calls.put(end, new LongAdder());
            }
        }
    }

    private final Map<String, Counts> stores = new LinkedHashMap<>();

    AdminCounts(Stores stores) {
        stores.all().stream().filter(store -> store.admin() != null).map(Store::name)
                .forEach(name -> this.stores.put(name, new Counts()));
    }

    void ended(String store, End how) {
        stores.get(store).calls.get(how).increment();
    }

    /** Counts the points that an answer says. */
    void points(String store, JsonNode answer) {
        JsonNode cost = answer.at("/extensions/cost");
        if (cost.isObject()) {
            Counts counts = stores.get(store);
            counts.points.add(cost.path("actualQueryCost").asLong());
            counts.available = cost.at("/throttleStatus/currentlyAvailable").asDouble();
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        stores.forEach((store, counts) -> {
            counts.calls.forEach((end, count) -> FunctionCounter.builder("shopbridge.shopify.calls", count,
                    LongAdder::sum).tag("store", store).tag("outcome", end.name().toLowerCase(Locale.ROOT))
                    .description("Calls to the Admin API").register(registry));
            FunctionCounter.builder("shopbridge.shopify.points", counts.points, LongAdder::sum).tag("store", store)
                    .description("Points of the query budget that calls have used").register(registry);
            Gauge.builder("shopbridge.shopify.points.available", counts, one -> one.available).tag("store", store)
                    .description("Points that were left in the shop's bucket at its last answer").register(registry);
        });
    }
}
