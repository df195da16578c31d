package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.crm.Crm;
import io.shopbridge.map.Mappings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class ProgressTest {

    private static final Path MAPPINGS = Path.of("mappings");
    private static final Crm CRM = Crm.ofFolder(MAPPINGS, "pipedrive", Mappings.load(MAPPINGS));

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private Instant now = Instant.parse("2026-11-26T10:00:00Z");
    private final Progress progress = new Progress(List.of(CRM), metrics, () -> now);

    @Test
    void retriesInVainBackOffUpToFiveMinutes() {
        assertThat(asked()).isEqualTo(Duration.ofSeconds(2));
        assertThat(asked()).isEqualTo(Duration.ofSeconds(4));
        assertThat(asked()).isEqualTo(Duration.ofSeconds(8));
        for (int i = 0; i < 20; i++) {
            assertThat(asked()).isLessThanOrEqualTo(Duration.ofMinutes(5));
        }
        assertThat(asked()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void whereSomethingWasFoundOutTheCrmsOwnWaitIsEnough() {
        asked();
        asked();
        progress.made(CRM);
        assertThat(asked()).isEqualTo(Duration.ofSeconds(4));
        progress.taken(CRM);
        assertThat(asked()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aWaitUntilMidnightIsNotMadeShorter() {
        asked();
        Instant midnight = now.plus(Duration.ofHours(7));
        assertThat(progress.wait(CRM, midnight, "Daily API token budget is exhausted")).isEqualTo(midnight);
    }

    @Test
    void aCrmThatAcceptsNothingIsLoggedEveryQuarterOfAnHourAndAtTheEnd(CapturedOutput log) {
        Instant began = now;
        while (now.isBefore(began.plus(Duration.ofMinutes(12)))) {
            asked();
        }
        assertThat(log.toString().lines().filter(line -> line.contains("Pipedrive has accepted no record"
                + " for")).toList())
                .singleElement().asString().contains("request over limit").contains("pipedrive/crm.yaml");
        assertThat(progress.described(CRM, "request over limit")).contains("it has accepted no record for 1");
        assertThat(stalled()).isGreaterThan(12 * 60);
        progress.taken(CRM);
        assertThat(log.toString()).contains("Pipedrive accepts records again, after 1");
        assertThat(stalled()).isZero();
        assertThat(progress.described(CRM, "request over limit")).isEqualTo("request over limit");
    }

    @Test
    void aCrmThatIsNoLongerCalledIsNotStalled() {
        asked();
        now = now.plus(Duration.ofHours(1));
        assertThat(stalled()).isZero();
    }

    /** The CRM asks for two seconds, and they pass. */
    private Duration asked() {
        Instant until = progress.wait(CRM, now.plusSeconds(2), "request over limit");
        Duration waited = Duration.between(now, until);
        now = until;
        return waited;
    }

    private double stalled() {
        return metrics.get("shopbridge.crm.stalled.seconds").tag("crm", "pipedrive").gauge().value();
    }
}
