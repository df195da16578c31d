package io.shopbridge.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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
                line("{'in_lineItems':'LineItem','id':'gid://shopify/LineItem/10','__parentId':'gid://shopify/Order/1'}"),
                line("{'in_metafields':'Metafield','key':'m','__parentId':'gid://shopify/Order/1'}"),
                line("{'in_lineItems':'LineItem','id':'gid://shopify/LineItem/9','__parentId':'gid://shopify/Order/1'}")),
                QUERY).toString().replace('"', '\'')).isIn(whole("lineItems", "metafields"), whole("metafields",
                "lineItems"));
    }

    /** In the order in which the lines were made. */
    private static String whole(String one, String other) {
        Map<String, String> lists = Map.of("metafields", "[{'key':'m'}]",
                "lineItems", "[{'id':'gid://shopify/LineItem/9'},{'id':'gid://shopify/LineItem/10'}]");
        return "{'id':'gid://shopify/Order/1','refunds':[],'" + one + "':" + lists.get(one) + ",'" + other + "':"
                + lists.get(other) + "}";
    }

    @Test
    void anOrderWithoutLinesHasNone() {
        assertThat(new ExportedRecord(line("{'id':'1'}")).with(List.of(), QUERY).properties())
                .extracting(Map.Entry::toString).containsExactlyInAnyOrder("id=\"1\"", "lineItems=[]", "metafields=[]");
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
