package io.shopbridge.store;

import java.text.ParseException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.quartz.CronExpression;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Refuses a schedule that is no cron expression, by its name: Camel would name only a route, in a stack trace. */
@Component
class ScheduleSettings implements BeanFactoryPostProcessor, EnvironmentAware {

    private static final String PREFIX = "shopbridge.schedules";
    /** As YAML readers give an off without quotes, too. */
    private static final Set<String> OFF = Set.of("off", "false");

    private Environment environment;

    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Map<String, String> schedules = Binder.get(environment)
                .bind(PREFIX, Bindable.mapOf(String.class, String.class)).orElse(Map.of());
        new TreeMap<>(schedules).forEach(ScheduleSettings::check);
    }

    private static void check(String name, String cron) {
        // Polls and reconciliations are switched off by it, those of one store or CRM by its own setting.
        if (OFF.contains(cron) && (name.startsWith("poll") || name.equals("reconcile"))) {
            return;
        }
        try {
            CronExpression.validateExpression(cron);
        } catch (ParseException e) {
            throw new InvalidSettings(PREFIX + "." + name + ": \"" + cron + "\" is no cron expression (" + e.getMessage()
                    + "); write second, minute, hour, day, month and weekday, as in \"0 23 1 * * ?\"");
        }
    }
}
