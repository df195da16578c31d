package io.shopbridge.lint;

import io.shopbridge.crm.Crms;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Refuses the start with the whole list of faults of what it uses: the routes, what Shopify says, and the folders of the
 * configured CRMs. The command {@code lint} looks at all folders. It runs before any bean is created; otherwise the
 * first bean that reads a broken file would end the start with the faults of that file only. The cases of the folders
 * in use run while the rest starts, and must have passed before anything is received or delivered.
 */
@Component
class LintAtStart implements BeanFactoryPostProcessor, EnvironmentAware, SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(LintAtStart.class);

    private Environment environment;
    private FutureTask<List<Fault>> cases;

    /** No constructor: so early, Spring calls only those without parameters. */
    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        ShopbridgeSettings settings = ShopbridgeSettings.of(environment);
        Path mappings = settings.mappingsDir();
        Set<String> inUse = Crms.folders(settings);
        List<Fault> faults = Lint.check(mappings, inUse::contains, settings.routesDir());
        List<Fault> untested = faults.stream().filter(Fault::untested).toList();
        if (!untested.isEmpty()) {
            LOG.warn("Tests are missing, so faults here would not be noticed:\n{}", Lint.lines(untested));
        }
        InvalidMappings.refuse(faults);
        cases = new FutureTask<>(() -> FailingCases.of(mappings, inUse::contains).stream()
                .map(fault -> fault.under(mappings.toString())).toList());
        Thread thread = new Thread(cases, "mapping-cases");
        thread.setDaemon(true);
        thread.start();
    }

    /** @throws InvalidMappings with the cases that fail */
    @Override
    public void afterSingletonsInstantiated() {
        try {
            InvalidMappings.refuse(cases.get());
        } catch (ExecutionException e) {
            throw new IllegalStateException("The cases of the mappings could not be run", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The start was interrupted", e);
        }
    }
}
