package io.shopbridge.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.listeners.JobListenerSupport;

/** Jobs run by the clock, each once at a time in all the processes that share a database. */
class ScheduleIT {

    private static final String EVERY_SECOND = "--shopbridge.schedules.left-out=* * * * * ?";
    /** {@code -Dschedule.times=600} watches ten minutes. */
    private static final int TIMES = Integer.getInteger("schedule.times", 10);
    /** One cluster. */
    private static final String SHARED = "--spring.quartz.scheduler-name=both";

    /** When a job was due to whoever ran it then. */
    private final Map<Instant, List<String>> runs = new ConcurrentHashMap<>();

    @Test
    void ofTwoProcessesOneRunsAJobEachTime() throws SchedulerException {
        try (TestDatabase database = TestDatabase.create();
                RunningShopbridge one = RunningShopbridge.with(EVERY_SECOND, SHARED, database.setting());
                RunningShopbridge other = RunningShopbridge.with(EVERY_SECOND, SHARED, database.setting())) {
            watch("one", one);
            watch("other", other);
            await().atMost(Duration.ofSeconds(60 + TIMES)).until(() -> runs.size() >= TIMES);
        }
        assertThat(runs.values()).allSatisfy(who -> assertThat(who).hasSize(1));
    }

    private void watch(String name, RunningShopbridge shopbridge) throws SchedulerException {
        shopbridge.bean(Scheduler.class).getListenerManager().addJobListener(new JobListenerSupport() {
            @Override
            public String getName() {
                return name;
            }

            @Override
            public void jobToBeExecuted(JobExecutionContext run) {
                if (run.getJobDetail().getKey().getName().equals("left-out")) {
                    runs.computeIfAbsent(run.getScheduledFireTime().toInstant(), at -> new CopyOnWriteArrayList<>())
                            .add(name);
                }
            }
        });
    }
}
