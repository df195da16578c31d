package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.shopbridge.map.Numbers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The CSV of Bulk API 2.0: UTF-8, comma, LF. An empty cell leaves the field as it is, {@code #N/A} empties it, and a
 * field of a related record has the relation before a dot: {@code Account.Key__c}.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_prepare_csv.htm">
 *     Prepare CSV files</a>
 */
final class BulkCsv {

    private static final String NULL = "#N/A";
    /** What JSON calls id is a column Id, and the type of a record stands in the job. */
    private static final Map<String, String> COLUMNS = Map.of("id", "Id");
    private static final String TYPE = "attributes";
    private static final CsvMapper CSV = CsvMapper.builder().enable(CsvGenerator.Feature.ALWAYS_QUOTE_STRINGS).build();

    private BulkCsv() {
    }

    /** Whether CSV can represent the record: the text {@code #N/A} would empty its field. */
    static boolean isRepresentable(JsonNode record) {
        return record.isValueNode() ? !(record.isTextual() && record.asText().strip().equals(NULL))
                : record.properties().stream().allMatch(one -> isRepresentable(one.getValue()));
    }

    /** Records as the body of an sObject Collections call has them. */
    static byte[] write(List<ObjectNode> records) {
        Set<String> columns = new LinkedHashSet<>();
        List<Map<String, String>> rows = new ArrayList<>();
        for (ObjectNode record : records) {
            Map<String, String> row = new LinkedHashMap<>();
            record.properties().forEach(one ->
                    cells(COLUMNS.getOrDefault(one.getKey(), one.getKey()), one.getValue(), row));
            columns.addAll(row.keySet());
            rows.add(row);
        }
        CsvSchema.Builder schema = CsvSchema.builder();
        columns.forEach(schema::addColumn);
        ObjectWriter writer = CSV.writer(schema.build().withHeader().withLineSeparator("\n"));
        try {
            return writer.writeValueAsBytes(rows);
        } catch (IOException e) {
            throw new UncheckedIOException("Rows can't be written as CSV", e);
        }
    }

    private static void cells(String column, JsonNode value, Map<String, String> row) {
        if (value.isObject() && !column.equals(TYPE)) {
            value.properties().forEach(one -> cells(column + "." + one.getKey(), one.getValue(), row));
        } else if (!value.isObject()) {
            row.put(column, text(value));
        }
    }

    private static String text(JsonNode value) {
        String text = value.isNumber() ? Numbers.plainText(value) : value.asText("");
        return value.isNull() || text.isEmpty() ? NULL : text;
    }

    /** Reads the rows of an answer one by one, by column. */
    static void read(byte[] answer, Consumer<Map<String, String>> each) {
        if (answer.length == 0) {
            return;
        }
        try (MappingIterator<Map<String, String>> rows = CSV.readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader()).readValues(answer)) {
            rows.forEachRemaining(each);
        } catch (IOException e) {
            throw new UncheckedIOException("Salesforce's answer is not CSV", e);
        }
    }
}
