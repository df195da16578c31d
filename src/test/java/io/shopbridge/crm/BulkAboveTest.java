package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From how many due records on they are written in bulk. */
class BulkAboveTest {

    private static Crm crm(String folder, Map<String, String> settings) {
        return new Crm("mine", folder, CrmDefinition.read(Path.of("mappings"), folder), settings, List.of());
    }

    @Test
    void theFolderSaysItAndTheSettingChangesIt() {
        Map<String, String> orders = Map.of("orders", "figures");
        assertThat(crm("salesforce", orders).bulkAbove()).isEqualTo(OptionalInt.of(2000));
        assertThat(crm("salesforce", Map.of("orders", "figures", "bulkabove", "50")).bulkAbove())
                .isEqualTo(OptionalInt.of(50));
        assertThat(crm("crm-one", orders).bulkAbove()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "off", "false"})
    void itCanBeSwitchedOff(String off) {
        assertThat(crm("salesforce", Map.of("orders", "figures", "bulkabove", off)).bulkAbove()).isEmpty();
    }

    @Test
    void aSettingThatIsNotANumberIsRefusedAtTheStart() {
        assertThatThrownBy(() -> crm("salesforce", Map.of("orders", "figures", "bulkabove", "many")))
                .isInstanceOf(InvalidCrm.class)
                .hasMessage("shopbridge.crms.mine.bulk-above: \"many\" is not a number of records; write one, as in 2000,"
                        + " or off");
    }
}
