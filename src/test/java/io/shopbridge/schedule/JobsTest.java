package io.shopbridge.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.impl.StdSchedulerFactory;

class JobsTest {

    private static final JobKey POLL = new JobKey("main-customer", "poll");
    private static final JobKey REFRESH = new JobKey("main-customer", "refresh");
    private static final JobKey ALONE = new JobKey("subscriptions", "Camel_shopbridge");

    @Test
    void ofTwoJobsOfOneNameTheOneOfTheGroupRuns() throws SchedulerException {
        Properties settings = new Properties();
        settings.setProperty("org.quartz.scheduler.instanceName", "JobsTest");
        settings.setProperty("org.quartz.threadPool.threadCount", "1");
        Scheduler scheduler = new StdSchedulerFactory(settings).getScheduler();
        try {
            Jobs jobs = new Jobs(scheduler);
            add(scheduler, REFRESH);
            assertThat(jobs.runSoon("poll", "main-customer")).as("there is no poll").isFalse();
            assertThat(scheduler.getTriggersOfJob(REFRESH)).isEmpty();

            add(scheduler, POLL);
            assertThat(jobs.runSoon("poll", "main-customer")).isTrue();
            assertThat(scheduler.getTriggersOfJob(POLL)).hasSize(1);
            assertThat(scheduler.getTriggersOfJob(REFRESH)).isEmpty();

            add(scheduler, ALONE);
            assertThat(jobs.runSoon(null, "subscriptions")).isTrue();
            assertThat(scheduler.getTriggersOfJob(ALONE)).hasSize(1);
        } finally {
            scheduler.shutdown();
        }
    }

    private static void add(Scheduler scheduler, JobKey key) throws SchedulerException {
        scheduler.addJob(JobBuilder.newJob(Job.class).withIdentity(key).storeDurably().build(), false);
    }
}
