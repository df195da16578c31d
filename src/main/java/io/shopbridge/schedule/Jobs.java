package io.shopbridge.schedule;

import java.util.Set;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.impl.matchers.GroupMatcher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Runs jobs out of turn. */
@Component
public class Jobs {

    private final Scheduler scheduler;

    Jobs(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /**
     * Lets a job run once, within seconds after the caller's transaction, in one of the containers; after the run that is
     * under way. What is asked of them while all are down, they do when they are up again.
     *
     * @param group of its Quartz endpoint: a poll and a refresh of the same records have the same name; null: the endpoint
     *              has none, and Camel makes one up
     * @param name  of its Quartz endpoint, without the group
     * @return false where there is no such job: its route is not in {@code routes/}
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean runSoon(String group, String name) {
        try {
            Set<JobKey> jobs = scheduler.getJobKeys(group == null ? GroupMatcher.anyJobGroup()
                    : GroupMatcher.jobGroupEquals(group));
            jobs.removeIf(job -> !job.getName().equals(name));
            for (JobKey job : jobs) {
                scheduler.triggerJob(job);
            }
            return !jobs.isEmpty();
        } catch (SchedulerException e) {
            throw new IllegalStateException("Job " + name + " can't be run", e);
        }
    }
}
