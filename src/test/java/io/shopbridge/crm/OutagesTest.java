package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.map.Mappings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the log says of an outage, and how often. */
@ExtendWith(OutputCaptureExtension.class)
class OutagesTest {

    private final Crm hubspot = Crm.ofFolder(Path.of("mappings"), "hubspot", Mappings.load(Path.of("mappings")));
    private Instant now = Instant.parse("2026-11-01T10:00:00Z");
    private final Outages outages = new Outages(() -> now);

    @Test
    void itIsLoggedAtTheBeginningEveryFiveMinutesAndAtTheEnd(CapturedOutput log) {
        outages.failed(hubspot, "HubSpot answered 500 to update");
        for (int minute = 0; minute <= 12; minute++) {
            outages.began(hubspot, outages.lastFault(hubspot));
            outages.remind(crm -> 40);
            now = now.plus(Duration.ofMinutes(1));
        }
        outages.ended(hubspot);
        outages.ended(hubspot);
        assertThat(log.getOut().lines().filter(line -> line.contains("HubSpot")).map(line ->
                line.substring(line.indexOf("HubSpot")))).containsExactly(
                "HubSpot accepts no deliveries: HubSpot answered 500 to update. Its records wait and are retried"
                        + " automatically with exponential back-off. Nothing is lost. Other CRMs are not affected.",
                "HubSpot has accepted no deliveries for 5 min; 40 records wait: HubSpot answered 500 to update.",
                "HubSpot has accepted no deliveries for 10 min; 40 records wait: HubSpot answered 500 to update.",
                "HubSpot accepts deliveries again, after 13 min.");
    }

    @Test
    void whereNothingWaitsAnyMoreItIsOver(CapturedOutput log) {
        outages.began(hubspot, "HubSpot did not answer: Connection refused");
        now = now.plus(Duration.ofMinutes(6));
        outages.remind(crm -> 0);
        assertThat(log).contains("accepts deliveries again, after 6 min");
    }
}
