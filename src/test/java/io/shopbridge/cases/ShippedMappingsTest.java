package io.shopbridge.cases;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.map.Mappings;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of every {@code *.test.yaml} under {@code mappings/}, named as in its file. */
class ShippedMappingsTest {

    private static final Path MAPPINGS = Path.of("mappings");

    @TestFactory
    Stream<DynamicTest> everyCaseHolds() {
        return MappingCases.load(MAPPINGS, Mappings.load(MAPPINGS)).stream().map(test ->
                DynamicTest.dynamicTest(MAPPINGS.relativize(test.file()) + ": " + test.name(),
                        () -> assertThat(test.differences()).as(test.file() + ":" + test.line()).isEmpty()));
    }
}
