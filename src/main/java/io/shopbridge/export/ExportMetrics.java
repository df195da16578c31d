package io.shopbridge.export;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** How old the last whole file of each scheduled export is, as gauges: a night without one is noticed. */
@Component
class ExportMetrics implements MeterBinder {

    private final ScheduledExports scheduled;
    private final ExportSettings settings;

    ExportMetrics(ScheduledExports scheduled, ExportSettings settings) {
        this.scheduled = scheduled;
        this.settings = settings;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        if (settings.folder() != null) {
            settings.what().forEach(what -> Gauge.builder("shopbridge.export.age", () -> age(what)).tag("export", what)
                    .description("seconds since the last whole file of a scheduled export was written")
                    .register(registry));
        }
    }

    private double age(String what) {
        try {
            return scheduled.age(what).map(Duration::toSeconds).map(Long::doubleValue).orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
