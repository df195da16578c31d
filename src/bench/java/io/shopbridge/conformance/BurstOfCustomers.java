package io.shopbridge.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.conformance.CrmAdapter.Contact;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.server.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 500 new customers with e-mail and phone at once, to each CRM with the limits that it publishes and at its own pace.
 * Takes minutes; it prints calls, tokens and time: {@code mvn test -Dtest=BurstOfCustomers}, with
 * {@code -Dconformance.customers=500} of them, and {@code -Dburst.only=hubspot} to leave out the others.
 */
class BurstOfCustomers {

    private static final int CUSTOMERS = Integer.getInteger("conformance.customers", 500);
    private static final String ONLY = System.getProperty("burst.only", "");
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @ParameterizedTest
    @ValueSource(strings = {"crm-one", "hubspot", "salesforce", "pipedrive"})
    void allAreDeliveredOnce(String folder) {
        if (!ONLY.isEmpty() && !List.of(ONLY.split(",")).contains(folder)) {
            return;
        }
        try (CrmAdapter crm = CrmAdapter.SHIPPED.get(folder).apply(Options.defaults())) {
            try (RunningShopbridge shopbridge = crm.feed(Path.of("mappings"))) {
                long began = System.nanoTime();
                IntStream.range(0, CUSTOMERS).parallel().forEach(i -> assertThat(shopbridge.post("customers/create",
                        customer(i))).isEqualTo(200));
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                        shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                                && shopbridge.count("SELECT count(*) FROM work") == 0);
                report(crm, Duration.ofNanos(System.nanoTime() - began));
                assertThat(crm.contacts()).extracting(Contact::key).doesNotHaveDuplicates().hasSize(CUSTOMERS);
                assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'delivered'"))
                        .isEqualTo(CUSTOMERS);
            }
        }
    }

    private static String customer(int number) {
        return """
                {"id": %d, "email": "buyer%d@example.com", "phone": "+1503228%04d", "first_name": "Buyer",
                 "last_name": "Number %d", "updated_at": "2026-11-26T08:00:00Z"}"""
                .formatted(9_500_000_000_000L + number, number, number, number);
    }

    private static void report(CrmAdapter crm, Duration took) {
        long calls = crm.calls().values().stream().mapToLong(Long::longValue).sum();
        System.out.printf("%s: %,d new customers in %d s, %,d calls%s%n", crm.folder(), CUSTOMERS, took.toSeconds(),
                calls, crm.simulator() instanceof SimulatedPipedrive pipedrive
                        ? ", %,d tokens".formatted(pipedrive.tokensSpent()) : "");
        new TreeMap<>(crm.calls()).forEach((call, count) -> System.out.printf("  %6d %s%n", count, call));
    }
}
