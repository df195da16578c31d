package io.shopbridge.salesforce;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BulkCsvTest {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true)).build();

    private static ObjectNode record(String json) throws Exception {
        return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
    }

    @Test
    void whatIsNotNamedStaysAndWhatIsNullOrEmptyIsEmptied() throws Exception {
        String csv = new String(BulkCsv.write(List.of(
                record("{'attributes': {'type': 'Contact'}, 'id': '003A', 'Name': 'Ada', 'Owned__c': true}"),
                record("{'attributes': {'type': 'Contact'}, 'id': '003B', 'Name': null, 'Note__c': '',"
                        + " 'Total__c': 1E+3, 'Account': {'Key__c': 'main:1'}}"))), StandardCharsets.UTF_8);
        assertThat(csv.split("\n")).containsExactly(
                "\"Id\",\"Name\",\"Owned__c\",\"Note__c\",\"Total__c\",\"Account.Key__c\"",
                "\"003A\",\"Ada\",\"true\",,,",
                "\"003B\",\"#N/A\",,\"#N/A\",\"1000\",\"main:1\"");
    }

    @Test
    void aTextThatWouldReadAsEmptyIsNotRepresentable() throws Exception {
        assertThat(BulkCsv.isRepresentable(record("{'Name': 'Ada', 'Account': {'Key__c': ' #N/A '}}"))).isFalse();
        assertThat(BulkCsv.isRepresentable(record("{'Name': '#N/A is not available', 'Note__c': null}"))).isTrue();
    }

    @Test
    void answersAreReadByColumn() {
        List<Map<String, String>> rows = new ArrayList<>();
        BulkCsv.read("\"sf__Id\",\"sf__Error\",\"Name\"\n\"\",\"A:b, \"\"c\"\":--\",\"two\nlines\"\n"
                .getBytes(StandardCharsets.UTF_8), rows::add);
        assertThat(rows).containsExactly(Map.of("sf__Id", "", "sf__Error", "A:b, \"c\":--", "Name", "two\nlines"));
        BulkCsv.read(new byte[0], rows::add);
        BulkCsv.read("\"sf__Id\",\"sf__Error\"\n".getBytes(StandardCharsets.UTF_8), rows::add);
        assertThat(rows).hasSize(1);
    }
}
