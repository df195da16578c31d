package io.shopbridge.lint;

import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.ShopbridgeSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/**
 * Refuses settings that do not exist, since a misspelt one would have no effect, and times without a unit, which would be
 * milliseconds. Those of a CRM are known to its folder, which checks them itself.
 */
@Component
public class SettingFaults implements BeanFactoryPostProcessor, EnvironmentAware {

    private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("shopbridge");
    private static final Pattern IN_A_ROUTE = Pattern.compile("\\{\\{[?!]*(shopbridge\\.[a-z0-9.-]+)");

    private Environment environment;

    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    /** @throws InvalidSettings with all of them */
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        List<String> faults = all(environment, beans);
        if (!faults.isEmpty()) {
            throw new InvalidSettings(String.join("\n", faults));
        }
    }

    /**
     * What is wrong with each, and what is right.
     *
     * @param beans with the definitions of all that read settings
     */
    public static List<String> all(Environment environment, ConfigurableListableBeanFactory beans) {
        SettingTree legal = legal(environment, beans);
        List<String> faults = new ArrayList<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource settings) {
                boolean fromOutside = source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
                settings.stream().filter(ROOT::isAncestorOf).forEach(name -> legal.fault(words(name),
                        source.getConfigurationProperty(name), fromOutside).ifPresent(faults::add));
            }
        }
        return faults.stream().distinct().sorted().toList();
    }

    /** Without the numbers in lists. */
    private static List<String> words(ConfigurationPropertyName name) {
        return IntStream.range(0, name.getNumberOfElements()).filter(i -> !name.isNumericIndex(i))
                .mapToObj(i -> name.getElement(i, Form.ORIGINAL)).toList();
    }

    private static SettingTree legal(Environment environment, ConfigurableListableBeanFactory beans) {
        SettingTree legal = new SettingTree();
        Arrays.stream(beans.getBeanDefinitionNames()).map(beans::getBeanDefinition).map(SettingFaults::type)
                .filter(Objects::nonNull).forEach(type -> {
                    ConfigurationProperties of =
                            AnnotatedElementUtils.findMergedAnnotation(type, ConfigurationProperties.class);
                    if (of != null && type.isRecord()) {
                        legal.add(of.prefix()).addAll(type);
                    }
                });
        legal.add(ReloadMappings.SETTING);
        Stream.concat(defaults(), ofRoutes(ShopbridgeSettings.of(environment).routesDir())).forEach(legal::add);
        return legal;
    }

    /** Without making a bean, for which it is too early. */
    private static Class<?> type(BeanDefinition bean) {
        return bean instanceof AbstractBeanDefinition made && made.hasBeanClass() ? made.getBeanClass() : null;
    }

    /** What this release has a default for, such as schedules: routes read them by their names. */
    private static Stream<String> defaults() {
        try {
            List<PropertySource<?>> parts = new YamlPropertySourceLoader().load("defaults",
                    new ClassPathResource("application.yaml"));
            return parts.stream().flatMap(part -> Arrays.stream(((EnumerablePropertySource<?>) part).getPropertyNames()))
                    .filter(name -> name.startsWith(ROOT + "."));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Also those of routes that the operator added. */
    private static Stream<String> ofRoutes(Path routes) {
        try {
            return Lint.files(routes.toRealPath(), ".camel.yaml").stream().map(SettingFaults::text)
                    .flatMap(text -> IN_A_ROUTE.matcher(text).results()).map(found -> found.group(1));
        } catch (IOException | UncheckedIOException e) {
            return Stream.empty();      // lint says what is wrong with the folder
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";                  // lint says what is wrong with it
        }
    }
}
