package io.shopbridge.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.ShopbridgeSettings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;

/** When a CRM is compared, how fast, and what is repaired. */
class ReconcileSettingsTest {

    private static final String NIGHTLY = "0 23 1 * * ?";

    @Test
    void withoutSettingsItIsComparedEveryNightWithAFifthOfTheLimitAndNothingIsRepaired() {
        Crm crm = crm(Map.of());
        ReconcileSettings settings = ReconcileSettings.of(crm, NIGHTLY);
        assertThat(settings).isEqualTo(new ReconcileSettings(NIGHTLY, 20, null, Set.of(), new BigDecimal("99.9"),
                true));
        assertThat(settings.pause(crm, 18)).as("18 of 90 calls in ten seconds").isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.pauseAfter(crm, Operation.KEYED, "contacts")).as("searches are counted apart")
                .isEqualTo(Duration.ofMillis(1250));
    }

    @Test
    void aCrmMayHaveSettingsOfItsOwn() {
        ReconcileSettings settings = ReconcileSettings.of(crm(Map.of("reconcile", "off", "reconcile-share", "100",
                "reconcile-repairs", "missing, edited", "reconcile-target", "99", "reconcile-duplicates", "off",
                "reconcile-calls", "20000")), NIGHTLY);
        assertThat(settings).isEqualTo(new ReconcileSettings(ReconcileSettings.OFF, 100, 20_000L,
                Set.of(Kind.MISSING, Kind.EDITED), new BigDecimal("99"), false));
        assertThat(ReconcileSettings.of(crm(Map.of("reconcile", "false")), NIGHTLY).cron()).isEqualTo("off");
        assertThat(ReconcileSettings.of(crm(Map.of("reconcile-repairs", "all")), NIGHTLY).repairs())
                .contains(Kind.NEVER_DELIVERED)
                .doesNotContain(Kind.ORPHANED, Kind.REFUSED, Kind.REWRITTEN);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            reconcile         | nightly  | write second, minute, hour, day, month and weekday
            reconcile-share   | 0        | write a number from 1 to 100
            reconcile-calls   | 0        | write how many a night may have, as in 20000
            reconcile-repairs | orphaned | there is nothing to repair by "orphaned"; write all, none or some of missing,
            reconcile-target  | 101      | write one, as in 99.9
            reconcile-duplicates | maybe | neither on nor off
            """)
    void aSettingThatCannotBeReadIsRefusedWithWhatIsRight(String name, String value, String right) {
        assertThatThrownBy(() -> ReconcileSettings.of(crm(Map.of(name, value)), NIGHTLY))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageStartingWith("shopbridge.crms.mine." + name + ": \"" + value + "\": ").hasMessageContaining(right);
    }

    private static Crm crm(Map<String, String> settings) {
        MockEnvironment environment = new MockEnvironment().withProperty("shopbridge.crms.mine.folder", "hubspot")
                .withProperty("shopbridge.crms.mine.token", "token");
        settings.forEach((name, value) -> environment.setProperty("shopbridge.crms.mine." + name, value));
        return new Crms(ShopbridgeSettings.of(environment)).get("mine");
    }
}
