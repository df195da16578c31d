package io.shopbridge.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExportedRecordTest {

    private static final BulkQuery QUERY = new BulkQuery("", Set.of("lineItems", "metafields"), Set.of("refunds"));

    @Test
    void anOrderIsPutTogetherFromItsLines() {
        ExportedRecord order = new ExportedRecord(line("{'id':'gid:\\/\\/shopify\\/Order\\/1','refunds':[]}"));

        assertThat(order.id()).isEqualTo("gid://shopify/Order/1");
        assertThat(order.isIncomplete(QUERY)).isFalse();
        assertThat(order.with(List.of(
                line("{'in_lineItems':'LineItem','id':'b','__parentId':'gid://shopify/Order/1'}"),
                line("{'in_metafields':'Metafield','key':'m','__parentId':'gid://shopify/Order/1'}"),
                line("{'in_lineItems':'LineItem','id':'a','__parentId':'gid://shopify/Order/1'}")), QUERY))
                .hasToString("{'id':'gid://shopify/Order/1','refunds':[],'lineItems':[{'id':'b'},{'id':'a'}],"
                        .replace('\'', '"') + "\"metafields\":[{\"key\":\"m\"}]}");
    }

    @Test
    void anOrderWithoutLinesHasNone() {
        assertThat(new ExportedRecord(line("{'id':'1'}")).with(List.of(), QUERY)).hasToString(
                "{\"id\":\"1\",\"lineItems\":[],\"metafields\":[]}");
    }

    @Test
    void anOrderWithRefundsIsAskedForByItself() {
        assertThat(new ExportedRecord(line("{'id':'1','refunds':[{'id':'2'}]}")).isIncomplete(QUERY)).isTrue();
    }

    @Test
    void theParentOfALineIsInIt() {
        assertThat(ExportedRecord.parent(line("{'id':'1','__parentId':'gid:\\/\\/shopify\\/Order\\/1'}")))
                .isEqualTo("gid://shopify/Order/1");
        assertThat(ExportedRecord.parent(line("{'id':'1','customer':{'__parentId':'2'}}"))).isEmpty();
    }

    @Test
    void aLineThatIsNotWholeIsAFaultWithoutWhatItHolds() {
        assertThatThrownBy(() -> ExportedRecord.parent(line("{'email':'ada@exa"))).hasMessageContaining("is not JSON")
                .hasMessageNotContaining("ada");
    }

    private static byte[] line(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
