package io.shopbridge.schedule;

import org.quartz.Trigger;
import org.quartz.listeners.TriggerListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.quartz.SchedulerFactoryBeanCustomizer;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;
import org.springframework.stereotype.Component;

/**
 * Logs that a job did not run when it was due: no container was up, the database was down, or all threads were busy.
 */
@Component
class Misfires extends TriggerListenerSupport implements SchedulerFactoryBeanCustomizer {

    private static final Logger LOG = LoggerFactory.getLogger(Misfires.class);

    @Override
    public void customize(SchedulerFactoryBean scheduler) {
        scheduler.setGlobalTriggerListeners(this);
    }

    @Override
    public String getName() {
        return "misfires";
    }

    @Override
    public void triggerMisfired(Trigger trigger) {
        LOG.warn("Job {} did not run at {}, when it was due; it runs now. No container was up, the database was down,"
                + " or earlier runs took all that time.",
                trigger.getJobKey().getName(), trigger.getNextFireTime());
    }
}
