package io.shopbridge.cases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Currency;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of every {@code *.test.yaml} under {@code mappings/}, named as in its file. */
class ShippedMappingsTest {

    private static final Path MAPPINGS = Path.of("mappings");
    private static final MappingContext MAIN = new MappingContext("main", "US");

    /** Texts of ours beside figures that say nothing without them; no CRM shows other amounts in these. */
    private static final Set<String> OURS = Set.of("shopify_spent_currency", "Shopify_Spent_Currency__c",
            "spent_currency", "shopify_presentment_currency", "buyer_currency");
    private static final Set<String> CODES = Currency.getAvailableCurrencies().stream()
            .map(Currency::getCurrencyCode).collect(Collectors.toSet());

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
}
