package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** CSV as Bulk API 2.0 reads and writes it: quotes doubled inside quotes, line ends inside quotes kept. */
final class Csv {

    private static final CsvMapper CSV = CsvMapper.builder().enable(CsvParser.Feature.WRAP_AS_ARRAY)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES).enable(CsvGenerator.Feature.ALWAYS_QUOTE_STRINGS).build();

    private Csv() {
    }

    static List<List<String>> read(String text, char delimiter) {
        try (MappingIterator<List<String>> rows =
                CSV.readerFor(new TypeReference<List<String>>() { }).with(schema(delimiter)).readValues(text)) {
            return rows.readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String write(List<List<String>> rows, char delimiter) {
        try {
            return CSV.writer(schema(delimiter)).writeValueAsString(rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CsvSchema schema(char delimiter) {
        return CsvSchema.emptySchema().withColumnSeparator(delimiter).withLineSeparator("\n");
    }
}
