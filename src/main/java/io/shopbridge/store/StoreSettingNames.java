package io.shopbridge.store;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Refuses unknown settings of a store: a misspelt one would have no effect. */
@Component
class StoreSettingNames implements BeanFactoryPostProcessor, EnvironmentAware {

    private Environment environment;

    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Map<String, String> known = Arrays.stream(StoreSettings.class.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.toMap(StoreSettingNames::plain, StoreSettingNames::dashed));
        Bindable<Map<String, Map<String, Object>>> stores = Bindable.of(ResolvableType.forClassWithGenerics(Map.class,
                ResolvableType.forClass(String.class),
                ResolvableType.forClassWithGenerics(Map.class, String.class, Object.class)));
        Binder.get(environment).bind("shopbridge.stores", stores).orElse(Map.of()).forEach((store, settings) ->
                settings.keySet().stream().filter(name -> !known.containsKey(plain(name))).findFirst().ifPresent(name -> {
                    throw new InvalidSettings("shopbridge.stores." + store + "." + name + ": there is no such setting;"
                            + " there are " + String.join(", ", new TreeSet<>(known.values())));
                }));
    }

    /** As the environment spells it, and without what is inside a list or a group. */
    private static String plain(String name) {
        return name.replaceFirst("[.\\[].*", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    private static String dashed(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
