package io.shopbridge.sandbox;

import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether the application delivers to a CRM of this folder: a simulator that nobody asks would only hold a port. */
abstract class ConfiguredCrm implements Condition {

    static final class Salesforce extends ConfiguredCrm {
        Salesforce() {
            super("salesforce");
        }
    }

    static final class Pipedrive extends ConfiguredCrm {
        Pipedrive() {
            super("pipedrive");
        }
    }

    private final String folder;

    private ConfiguredCrm(String folder) {
        this.folder = folder;
    }

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        return isConfigured(context.getEnvironment());
    }

    private boolean isConfigured(Environment environment) {
        Map<String, Object> crms = Binder.get(environment)
                .bind("shopbridge.crms", Bindable.mapOf(String.class, Object.class)).orElse(Map.of());
        return crms.entrySet().stream().anyMatch(crm -> folder.equals(folderOf(crm)));
    }

    private static Object folderOf(Map.Entry<String, Object> crm) {
        Object folder = crm.getValue() instanceof Map<?, ?> settings ? settings.get("folder") : null;
        return folder == null ? crm.getKey() : folder;
    }
}
