package io.shopbridge.lint;

import io.shopbridge.crm.Crms;
import io.shopbridge.start.StartRefused;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Refuses the start with the whole list of faults of what it uses: the routes, what Shopify says, and the folders of the
 * configured CRMs. The command {@code lint} looks at all folders.
 *
 * <p>It begins while Spring still collects the classes, and has ended before any bean is created; otherwise the first
 * bean that reads a broken file would end the start with the faults of that file only. The cases of the folders in use
 * run while the rest starts, and must have passed before anything is received or delivered.
 */
@Configuration(proxyBeanMethods = false)
@Import(LintAtStart.Begin.class)
class LintAtStart {

    private static final Logger LOG = LoggerFactory.getLogger(LintAtStart.class);

    /** What Spring makes first of all. */
    static class Begin implements ImportBeanDefinitionRegistrar, EnvironmentAware {

        private Verdict verdict;

        @Override
        public void setEnvironment(Environment environment) {
            verdict = new Verdict(environment);
        }

        @Override
        public void registerBeanDefinitions(AnnotationMetadata configuration, BeanDefinitionRegistry beans) {
            beans.registerBeanDefinition("lintVerdict",
                    BeanDefinitionBuilder.genericBeanDefinition(Verdict.class, () -> verdict).getBeanDefinition());
        }
    }

    /** Waited for twice. */
    static class Verdict implements BeanFactoryPostProcessor, SmartInitializingSingleton {

        private final FutureTask<List<Fault>> rules;
        private final FutureTask<List<Fault>> cases;

        private Verdict(Environment environment) {
            // By this thread: the environment is not made to be read by several.
            FutureTask<ShopbridgeSettings> settings = new FutureTask<>(() -> ShopbridgeSettings.of(environment));
            settings.run();
            rules = begin("mapping-rules", () -> Lint.check(settings.get().mappingsDir(),
                    Crms.folders(settings.get())::contains, settings.get().routesDir()));
            cases = begin("mapping-cases", () -> {
                Path mappings = settings.get().mappingsDir();
                Set<String> inUse = Crms.folders(settings.get());
                // Of a broken mapping the cases say the same again in other words, or nothing that is true.
                return Fault.harmful(rules.get()).isEmpty() ? FailingCases.of(mappings, inUse::contains).stream()
                        .map(fault -> fault.under(mappings.toString())).toList() : List.of();
            });
        }

        private static FutureTask<List<Fault>> begin(String name, Callable<List<Fault>> work) {
            FutureTask<List<Fault>> task = new FutureTask<>(work);
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            thread.start();
            return task;
        }

        /** @throws InvalidMappings with all faults but failing cases */
        @Override
        public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
            List<Fault> faults = result(rules);
            List<Fault> untested = faults.stream().filter(Fault::untested).toList();
            if (!untested.isEmpty()) {
                LOG.warn("Tests are missing, so faults here would not be noticed:\n{}", Lint.lines(untested));
            }
            InvalidMappings.refuse(faults);
        }

        /** @throws InvalidMappings with the cases that fail */
        @Override
        public void afterSingletonsInstantiated() {
            InvalidMappings.refuse(result(cases));
        }

        private static List<Fault> result(FutureTask<List<Fault>> task) {
            try {
                return task.get();
            } catch (ExecutionException e) {
                StartRefused refused = ExceptionUtils.throwableOfType(e, StartRefused.class);
                if (refused != null) {
                    throw refused;
                }
                throw new IllegalStateException("The mappings and routes could not be checked", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("The start was interrupted", e);
            }
        }
    }
}
