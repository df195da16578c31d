package io.shopbridge.cases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** Every case of every {@code *.test.yaml} under {@code mappings/}, named as in its file. */
class ShippedMappingsTest {

    private static final Path MAPPINGS = Path.of("mappings");
    private static final MappingContext MAIN = new MappingContext("main", "US");

    /** Texts of ours beside figures that say nothing without them; no CRM shows other amounts in these. */
    private static final Set<String> OURS = Set.of("shopify_spent_currency", "Shopify_Spent_Currency__c",
            "spent_currency", "shopify_presentment_currency", "buyer_currency");
    private static final Set<String> CODES = Currency.getAvailableCurrencies().stream()
            .map(Currency::getCurrencyCode).collect(Collectors.toSet());
    /** The first {@code send} that comes before a second case. */
    private static final Pattern FIRST_SENT = Pattern.compile(
            "(\\A(?:(?!^  - name:).)*^  - name:(?:(?!^  - name:).)*?^ +)send:", Pattern.DOTALL | Pattern.MULTILINE);

    /** Without it, the CRM would take the amounts for its own currency. */
    @TestFactory
    Stream<DynamicTest> noCurrencyIsLeftOut() {
        return Mappings.load(MAPPINGS).all().stream().map(mapping ->
                DynamicTest.dynamicTest(MAPPINGS.relativize(mapping.file()).toString(), () -> {
                    JsonNode sample = new ObjectMapper().readTree(
                            MAPPINGS.resolve("samples/" + mapping.entity() + ".json").toFile());
                    assertThat(leftOutOf(mapping.fields(), mapping.map(sample, MAIN))).isEmpty();
                    for (ChildMapping child : Stream.of(mapping.children(), mapping.inside()).flatMap(List::stream).toList()) {
                        for (JsonNode part : child.each(sample, MAIN)) {
                            assertThat(leftOutOf(child.fields(), child.map(part, MAIN))).isEmpty();
                        }
                    }
                }));
    }

    private static List<String> leftOutOf(Collection<Field> fields, MappedRecord made) {
        return fields.stream().filter(Field::mayBeLeftOut).map(Field::name).filter(name -> !OURS.contains(name))
                .filter(name -> made.fields().containsKey(name) && CODES.contains(made.fields().get(name).asText()))
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> everyCaseHolds() {
        return MappingCases.load(MAPPINGS, Mappings.load(MAPPINGS)).stream().map(test ->
                DynamicTest.dynamicTest(MAPPINGS.relativize(test.file()) + ": " + test.name(),
                        () -> assertThat(test.differences()).as(test.file() + ":" + test.line()).isEmpty()));
    }

    /**
     * The first case of each mapping names every field that is sent, and none else. The files do not say so themselves:
     * then whoever adds a field of his own to a shipped mapping could not start before he had edited our case, too.
     */
    @TestFactory
    Stream<DynamicTest> theFirstCaseNamesEveryFieldThatIsSent(@TempDir Path strict) throws IOException {
        FileSystemUtils.copyRecursively(MAPPINGS, strict);
        Mappings mappings = Mappings.load(strict);
        for (Mapping mapping : mappings.all()) {
            Path file = cases(mapping);
            Matcher first = FIRST_SENT.matcher(Files.readString(file));
            assertThat(first.find()).as(file + ": its first case must say what is sent").isTrue();
            Files.writeString(file, first.replaceFirst("$1send-exactly:"));
        }
        Map<Path, MappingCase> firsts = new LinkedHashMap<>();
        MappingCases.load(strict, mappings).forEach(test -> firsts.putIfAbsent(test.file(), test));
        assertThat(firsts).hasSameSizeAs(mappings.all());
        return firsts.values().stream().map(test -> DynamicTest.dynamicTest(strict.relativize(test.file()).toString(),
                () -> assertThat(test.differences()).as(test.file() + ":" + test.line()).isEmpty()));
    }

    private static Path cases(Mapping mapping) {
        return mapping.file().resolveSibling(mapping.file().getFileName().toString().replace(".yaml", ".test.yaml"));
    }
}
