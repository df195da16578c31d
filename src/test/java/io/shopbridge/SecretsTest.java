package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.shopbridge.store.ShopbridgeSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** A record prints all it holds, unless it says otherwise: whoever logs or quotes one must not give a secret away. */
class SecretsTest {

    private static final Pattern SECRET =
            Pattern.compile("(?i)(.*(token|secret|password|credential)s?|.*key)", Pattern.CASE_INSENSITIVE);
    /** Keys that name something, and the texts of crm.yaml, where lint lets no secret stand. */
    private static final Set<String> NO_SECRETS = Set.of("RecordKey", "MatchKey", "Basic", "OAuth2");

    @Test
    void settingsDoNotPrintSecrets() {
        ShopbridgeSettings settings = new Binder(new MapConfigurationPropertySource(Map.of(
                "shopbridge.stores.main.webhook-secrets[0]", "s3cret-a", "shopbridge.stores.main.domain", "a.example",
                "shopbridge.stores.main.admin.access-token", "s3cret-b", "shopbridge.stores.main.admin.version", "2026-10",
                "shopbridge.crms.hubspot.token", "s3cret-c", "shopbridge.crms.own.anything-else", "s3cret-d")))
                .bind("shopbridge", ShopbridgeSettings.class).get();
        assertThat(settings.stores().get("main").admin().accessToken()).isEqualTo("s3cret-b");
        assertThat(settings.toString()).contains("main", "hubspot").doesNotContain("s3cret");
        assertThat(settings.stores().toString()).contains("a.example", "2026-10").doesNotContain("s3cret");
        assertThat(settings.stores().get("main").admin().toString()).doesNotContain("s3cret");
    }

    @Test
    void everyRecordThatHoldsASecretSaysWhatItPrints() {
        JavaClasses all = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.shopbridge");
        List<String> holding = new ArrayList<>();
        List<String> printing = new ArrayList<>();
        for (JavaClass one : all) {
            if (one.isRecord() && !NO_SECRETS.contains(one.getSimpleName()) && holdsSecret(one.reflect())) {
                holding.add(one.getSimpleName());
                if (!saysWhatItPrints(one)) {
                    printing.add(one.getFullName());
                }
            }
        }
        assertThat(holding).contains("OperatorSettings", "StoreSettings", "Admin", "GuestSettings");
        assertThat(printing).isEmpty();
    }

    private static boolean holdsSecret(Class<?> type) {
        for (var component : type.getRecordComponents()) {
            boolean text = component.getGenericType().getTypeName().matches(".*(String|byte\\[]).*");
            if (text && SECRET.matcher(component.getName()).matches()) {
                return true;
            }
        }
        return false;
    }

    /** A toString of the compiler's calls nothing but the runtime's ObjectMethods. */
    private static boolean saysWhatItPrints(JavaClass type) {
        return !type.getMethod("toString").getAccessesFromSelf().isEmpty()
                || !type.getMethod("toString").getMethodCallsFromSelf().isEmpty();
    }
}
