package io.shopbridge.export;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.shopbridge.map.Values;
import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes rows in UTF-8, and leaves the stream open. */
interface RowWriter extends Closeable, Flushable {

    /**
     * @param values what the columns hold
     * @param whole  all that is known of it
     */
    void write(Map<String, JsonNode> values, ObjectNode whole) throws IOException;

    /** @param columns in their order */
    static RowWriter of(ExportRequest.Format format, List<String> columns, OutputStream out) throws IOException {
        return format == ExportRequest.Format.CSV ? new Csv(columns, out) : new JsonLines(out);
    }

    /** One object a line. */
    final class JsonLines implements RowWriter {

        private static final ObjectWriter WRITER = Values.JSON.writer().without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .withRootValueSeparator("\n");

        private final SequenceWriter rows;
        private final OutputStream out;
        private boolean empty = true;

        JsonLines(OutputStream out) throws IOException {
            this.out = out;
            this.rows = WRITER.writeValues(out);
        }

        @Override
        public void write(Map<String, JsonNode> values, ObjectNode whole) throws IOException {
            rows.write(whole);
            empty = false;
        }

        @Override
        public void flush() throws IOException {
            rows.flush();
        }

        @Override
        public void close() throws IOException {
            rows.close();
            if (!empty) {
                out.write('\n');
            }
        }
    }

    /** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
    final class Csv implements RowWriter {

        private static final CsvMapper CSV = CsvMapper.builder().enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).build();
        // What begins so is a formula in Excel, LibreOffice or Google Sheets; with a tab or line break before it, too.
        private static final Pattern FORMULA = Pattern.compile("\\p{Z}*[=+@\\-\\t\\r\\n\uFF1D\uFF0B\uFF20\uFF0D].*",
                Pattern.DOTALL);
        /** Amounts, and phone numbers of digits. */
        private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+(\\.\\d+)?");
        // Where Excel's separator is a semicolon or a tab, it takes quotes within a cell for no quotes, and what follows
        // its separator or a line break for the next cell. A number there stays, as it does at the beginning.
        private static final Pattern FORMULA_WITHIN = Pattern.compile("([;,\\t|\\r\\n][\\p{Z}\"]*+)"
                + "(?=[=+@\\-\uFF1D\uFF0B\uFF20\uFF0D])(?!" + NUMBER + "\\p{Z}*(?:[;,\\t|\\r\\n]|\\z))");

        private final SequenceWriter rows;

        Csv(List<String> columns, OutputStream out) throws IOException {
            CsvSchema.Builder schema = CsvSchema.builder();
            columns.forEach(schema::addColumn);
            CsvSchema header = schema.setUseHeader(true).setLineSeparator("\r\n").build();
            rows = CSV.writer(header).writeValues(out);
            if (columns.isEmpty()) {
                throw new IllegalArgumentException("An export without columns");
            }
            rows.init(false);
        }

        @Override
        public void write(Map<String, JsonNode> values, ObjectNode whole) throws IOException {
            Map<String, String> cells = new LinkedHashMap<>();
            values.forEach((column, value) -> cells.put(column, safe(text(value))));
            rows.write(cells);
        }

        @Override
        public void flush() throws IOException {
            rows.flush();
        }

        @Override
        public void close() throws IOException {
            rows.close();
        }

        private static String text(JsonNode value) {
            if (value == null || value.isNull()) {
                return "";
            } else if (value.isArray()) {
                List<String> texts = new ArrayList<>();
                value.forEach(element -> texts.add(text(element)));
                return String.join(", ", texts);
            }
            return value.isValueNode() ? value.asText() : value.toString();
        }

        static String safe(String text) {
            boolean begins = FORMULA.matcher(text).matches() && !NUMBER.matcher(text).matches();
            return (begins ? "'" : "") + FORMULA_WITHIN.matcher(text).replaceAll("$1'");
        }
    }
}
