package io.shopbridge.schedule;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.quartz.JobExecutionContext;
import org.quartz.JobKey;
import org.quartz.Trigger;
import org.quartz.Trigger.CompletedExecutionInstruction;
import org.quartz.listeners.TriggerListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.quartz.SchedulerFactoryBeanCustomizer;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;
import org.springframework.stereotype.Component;

/**
 * Logs that a job did not run when it was due: no container was up, the database was down, or all threads were busy. Not
 * of one that was still running here: a backfill of hours does so in runs of a minute, each of which is late.
 */
@Component
class Misfires extends TriggerListenerSupport implements SchedulerFactoryBeanCustomizer {

    private static final Logger LOG = LoggerFactory.getLogger(Misfires.class);

    /** When the last run of each job ended here. */
    private final Map<JobKey, Instant> ended = new ConcurrentHashMap<>();

    @Override
    public void customize(SchedulerFactoryBean scheduler) {
        scheduler.setGlobalTriggerListeners(this);
    }

    @Override
    public String getName() {
        return "misfires";
    }

    @Override
    public void triggerComplete(Trigger trigger, JobExecutionContext context, CompletedExecutionInstruction instruction) {
        ended.put(trigger.getJobKey(), Instant.now());
    }

    @Override
    public void triggerMisfired(Trigger trigger) {
        Instant last = ended.get(trigger.getJobKey());
        if (last == null || last.isBefore(trigger.getNextFireTime().toInstant())) {
            LOG.warn("Job {} did not run at {}, when it was due; it runs now. No container was up, the database was down,"
                    + " or it ran in another container for longer.",
                    trigger.getJobKey().getName(), trigger.getNextFireTime());
        }
    }
}
