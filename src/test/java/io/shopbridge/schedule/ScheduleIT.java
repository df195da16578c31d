package io.shopbridge.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.TestDatabase;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.listeners.JobListenerSupport;
import org.springframework.jdbc.core.JdbcTemplate;

/** Jobs run by the clock, each once at a time in all the processes that share a database. */
class ScheduleIT {

    private static final String EVERY_SECOND = "--shopbridge.schedules.left-out=* * * * * ?";
    /** {@code -Dschedule.times=600} watches ten minutes. */
    private static final int TIMES = Integer.getInteger("schedule.times", 10);
    /** One cluster. */
    private static final String SHARED = "--spring.quartz.scheduler-name=both";

    /** When a job was due to whoever ran it then. */
    private final Map<Instant, List<String>> runs = new ConcurrentHashMap<>();
    /** Of orders, that run now in any process; and how many there ever were at a time. */
    private final Set<String> polls = ConcurrentHashMap.newKeySet();
    private final AtomicInteger mostPolls = new AtomicInteger();

    @Test
    void ofTwoProcessesOneRunsAJobEachTimeAndWhatNoneRanIsMadeUpForAtTheNextStart() throws SchedulerException {
        ShopModel model = ShopModel.stepping(3, Instant.now().minus(Duration.ofMinutes(50)), Duration.ofSeconds(3));
        model.events(300);
        try (TestDatabase database = TestDatabase.create();
                SimulatedAdminApi shop = SimulatedAdminApi.start(0,
                        AdminOptions.defaults().withPoints(100_000, 10_000), model)) {
            // Longer than the time between two polls.
            shop.faults().latency(Duration.ofMillis(1100));
            try (RunningShopbridge one = process(database, shop); RunningShopbridge other = process(database, shop)) {
                watch("one", one);
                watch("other", other);
                await().atMost(Duration.ofSeconds(60 + TIMES)).until(() -> runs.size() >= TIMES);
                await().until(() -> one.count("SELECT count(*) FROM poll WHERE complete_at IS NOT NULL") > 0);
                assertThat(one.count("SELECT count(*) FROM inbox WHERE topic = 'api/order'")).as("nothing twice")
                        .isEqualTo(shop.records("orders").size()).isPositive();
                // Before one of them stops, which does not tell that its poll has ended.
                assertThat(mostPolls.get()).as("polls of one entity at a time").isOne();
            }
            assertThat(runs.values()).allSatisfy(who -> assertThat(who).hasSize(1));

            // As if all had been down since then.
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            assertThat(jdbc.update("UPDATE qrtz_triggers SET next_fire_time ="
                    + " (extract(epoch FROM now() - interval '2 hours') * 1000)::bigint"
                    + " WHERE trigger_group = 'poll' AND trigger_name = 'main-customer'")).isOne();
            try (RunningShopbridge next = process(database, shop)) {
                await().until(() -> next.count("SELECT count(*) FROM poll WHERE entity = 'customer'"
                        + " AND complete_at IS NOT NULL") == 1);
            }
        }
    }

    private static RunningShopbridge process(TestDatabase database, SimulatedAdminApi shop) {
        return RunningShopbridge.with(EVERY_SECOND, SHARED, database.setting(),
                "--shopbridge.stores.main.admin.url=" + shop.baseUrl(),
                "--shopbridge.stores.main.admin.access-token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores.main.polls.order=* * * * * ?",
                "--shopbridge.stores.main.polls.customer=0 0 0 1 1 ? 2099",
                "--shopbridge.stores.main.polls.company=off", "--shopbridge.stores.main.polls.checkout=off");
    }

    private void watch(String name, RunningShopbridge shopbridge) throws SchedulerException {
        shopbridge.bean(Scheduler.class).getListenerManager().addJobListener(new JobListenerSupport() {
            @Override
            public String getName() {
                return name;
            }

            @Override
            public void jobToBeExecuted(JobExecutionContext run) {
                if (isPoll(run)) {
                    polls.add(run.getFireInstanceId());
                    mostPolls.accumulateAndGet(polls.size(), Math::max);
                }
                if (run.getJobDetail().getKey().getName().equals("left-out")) {
                    runs.computeIfAbsent(run.getScheduledFireTime().toInstant(), at -> new CopyOnWriteArrayList<>())
                            .add(name);
                }
            }

            @Override
            public void jobWasExecuted(JobExecutionContext run, JobExecutionException failure) {
                if (isPoll(run)) {
                    polls.remove(run.getFireInstanceId());
                }
            }

            private boolean isPoll(JobExecutionContext run) {
                // The refresh of orders has the same name in another group.
                return run.getJobDetail().getKey().equals(JobKey.jobKey("main-order", "poll"));
            }
        });
    }
}
