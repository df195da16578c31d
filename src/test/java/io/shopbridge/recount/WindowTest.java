package io.shopbridge.recount;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.mirror.Span;
import io.shopbridge.recount.Window.Step;
import io.shopbridge.recount.Window.Verdict;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {

    private static final Span DAY = new Span(1_000, 87_400);

    @ParameterizedTest
    @CsvSource({"0, 0, EQUAL", "700, 700, EQUAL", "1, 0, LIST", "250, 249, LIST", "0, 250, LIST", "251, 250, SPLIT",
        "251, 0, ABSENT", "0, 251, NOT_SHOWN", "5000, 1, SPLIT"})
    void whatTheNumbersOfBothSidesMean(long shop, long mirror, Verdict verdict) {
        assertThat(window(DAY).verdict(shop, mirror)).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({"900, 0", "900, 800"})
    void aSecondIsListedHoweverManyItHas(long shop, long mirror) {
        assertThat(window(new Span(7, 8)).verdict(shop, mirror)).isEqualTo(Verdict.LIST);
    }

    @Property
    void partsAreTheWholeWindowWithoutAGapAndAreSmallerEachTime(@ForAll @Size(max = 30) List<@LongRange(max = 90_000) Long> bounds) {
        List<Window> parts = window(DAY).parts(bounds, Step.COUNT);
        assertThat(parts.get(0).span().low()).isEqualTo(DAY.low());
        assertThat(parts.get(parts.size() - 1).span().high()).isEqualTo(DAY.high());
        for (int i = 1; i < parts.size(); i++) {
            assertThat(parts.get(i).span().low()).isEqualTo(parts.get(i - 1).span().high());
        }
        assertThat(parts).as("it comes to an end").hasSizeGreaterThan(1)
                .allSatisfy(part -> assertThat(part.span().low()).isLessThan(part.span().high()));
    }

    private static Window window(Span span) {
        return new Window(0, "order", span, Step.COUNT);
    }
}
