package io.shopbridge.schedule;

import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.spi.ComponentCustomizer;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;
import org.springframework.stereotype.Component;

/**
 * Starts the jobs when every route exists. Quartz makes up at once for a run that was missed while no container was up, and
 * it counts as made up for even where Camel finds no route of the job yet: polls would wait for their next time.
 */
@Component
class ScheduleStart {

    private final SchedulerFactoryBean scheduler;

    ScheduleStart(SchedulerFactoryBean scheduler) {
        this.scheduler = scheduler;
    }

    /** As a bean: settings under {@code camel.component} reach only components that have a starter. */
    @Bean
    static ComponentCustomizer camelStartsNoJobs() {
        return ComponentCustomizer.builder(QuartzComponent.class).build(quartz -> quartz.setAutoStartScheduler(false));
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        scheduler.start();
    }
}
