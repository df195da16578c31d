package io.shopbridge.doorbell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DoorbellConsumerTest {

    private static final Duration SPACING = Duration.ofMillis(200);

    private final Doorbell doorbell = new Doorbell();
    private final List<Long> starts = new CopyOnWriteArrayList<>();
    private final CamelContext camel = new DefaultCamelContext();

    @AfterEach
    void stop() {
        camel.stop();
    }

    /** The exchange that follows a signal finds all that came until it began. */
    @Test
    void signalsWithinTheSpacingAreOneExchange() throws Exception {
        start("spacing=" + SPACING.toMillis() + "&lookEvery=60000&threads=3");
        await().until(() -> starts.size() == 3);                 // every thread looks once by itself
        doorbell.ring("work");
        await().until(() -> starts.size() == 4);
        for (int i = 0; i < 10; i++) {
            doorbell.ring("work");
        }
        await().until(() -> starts.size() == 5);
        // Each is noted a little after it began, and not all as little.
        assertThat(starts.get(4) - starts.get(3)).isGreaterThan(SPACING.dividedBy(2).toNanos());
        await().during(SPACING.multipliedBy(2)).until(() -> starts.size() == 5);
    }

    /** Nobody waits longer because others might come. */
    @Test
    void aSignalAfterAQuietTimeStartsAnExchangeAtOnce() throws Exception {
        start("spacing=" + SPACING.toMillis() + "&lookEvery=60000");
        await().pollDelay(SPACING.multipliedBy(2)).until(() -> starts.size() == 1);
        long rung = System.nanoTime();
        doorbell.ring("work");
        await().pollInterval(Duration.ofMillis(1)).until(() -> starts.size() == 2);
        assertThat(starts.get(1) - rung).isLessThan(SPACING.toNanos());
    }

    private void start(String parameters) throws Exception {
        camel.addComponent("doorbell", new DoorbellComponent(doorbell));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("doorbell:work?" + parameters).routeId("work").process(exchange -> starts.add(System.nanoTime()));
            }
        });
        camel.start();
    }
}
