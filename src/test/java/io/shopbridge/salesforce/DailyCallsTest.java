package io.shopbridge.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.map.Mappings;
import io.shopbridge.yaml.InvalidMappings;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DailyCallsTest {

    private final DailyCalls calls;

    DailyCallsTest() throws InvalidMappings {
        Path mappings = Path.of("mappings");
        calls = new DailyCalls(Crm.ofFolder(mappings, "salesforce", Mappings.load(mappings)));
    }

    @Test
    void callsAreMadeUntilTheShareIsUsed() {
        calls.before();
        calls.ended();
        calls.after("api-usage=7990/10000");
        assertThatThrownBy(calls::before).isInstanceOf(CrmBusy.class).hasMessageContaining("7990 of its 10000")
                .satisfies(busy -> assertThat(((CrmBusy) busy).getUntil()).isAfter(Instant.now()));
    }

    @Test
    void callsThatAreUnderWayCountToo() {
        calls.before();
        calls.ended();
        calls.after("api-usage=78/100");
        calls.before();
        assertThatThrownBy(calls::before).isInstanceOf(CrmBusy.class);
        calls.ended();
        calls.after("api-usage=10/100");
        assertThatCode(calls::before).doesNotThrowAnyException();
    }

    @Test
    void anAnswerWithoutAStateChangesNothing() {
        calls.before();
        calls.ended();
        calls.after(null);
        calls.after("per-app-api-usage=17/250(appName=sample)");
        assertThat(calls.used()).isZero();
        assertThat(calls.limit()).isZero();
    }
}
