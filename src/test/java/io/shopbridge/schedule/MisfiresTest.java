package io.shopbridge.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quartz.JobKey;
import org.quartz.TriggerBuilder;
import org.quartz.spi.OperableTrigger;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class MisfiresTest {

    private final Misfires misfires = new Misfires();

    @Test
    void aJobThatWasStillRunningWhenItWasDueIsNoFault(CapturedOutput log) {
        OperableTrigger backfill = due("backfill", Instant.now().minus(Duration.ofMinutes(2)));
        misfires.triggerMisfired(backfill);
        assertThat(log).as("it did not run").contains("Job backfill did not run at");

        OperableTrigger recount = due("recount", Instant.now().minus(Duration.ofMinutes(2)));
        misfires.triggerComplete(recount, null, null);
        misfires.triggerMisfired(recount);
        assertThat(log).doesNotContain("Job recount");

        misfires.triggerMisfired(due("recount", Instant.now().plus(Duration.ofMinutes(2))));
        assertThat(log).as("it ended before").contains("Job recount did not run at");
    }

    private static OperableTrigger due(String job, Instant at) {
        OperableTrigger trigger = (OperableTrigger) TriggerBuilder.newTrigger().forJob(JobKey.jobKey(job)).build();
        trigger.setNextFireTime(Date.from(at));
        return trigger;
    }
}
