package io.shopbridge.lint;

import io.shopbridge.map.Fault;
import io.shopbridge.map.InvalidMappings;
import java.nio.file.Path;
import java.util.List;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Refuses the start with the whole list of faults. It runs before any bean is made, because whoever first reads a
 * broken file would end the start with that file's faults alone.
 */
@Component
class LintAtStart implements BeanFactoryPostProcessor, EnvironmentAware {

    private Environment environment;

    /** No constructor: so early, Spring calls only those without parameters. */
    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        List<Fault> faults = Lint.check(folder("mappings"), folder("routes"));
        if (!faults.isEmpty()) {
            throw new InvalidMappings(faults);
        }
    }

    private Path folder(String name) {
        return Binder.get(environment).bind("shopbridge." + name + "-dir", Path.class).orElse(Path.of(name));
    }
}
