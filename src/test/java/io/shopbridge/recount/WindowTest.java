package io.shopbridge.recount;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.mirror.Span;
import io.shopbridge.recount.Window.Step;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WindowTest {

    private static final Span DAY = new Span(1_000, 87_400);

    @Property
    void partsAreTheWholeWindowWithoutAGap(@ForAll @Size(max = 30) List<@LongRange(max = 90_000) Long> bounds) {
        areTheWhole(window(DAY).parts(bounds));
        areTheWhole(window(DAY).smaller(bounds));
        assertThat(window(DAY).smaller(bounds)).as("it comes to an end").hasSizeGreaterThan(1);
    }

    private static void areTheWhole(List<Window> parts) {
        assertThat(parts.get(0).span().low()).isEqualTo(DAY.low());
        assertThat(parts.get(parts.size() - 1).span().high()).isEqualTo(DAY.high());
        for (int i = 1; i < parts.size(); i++) {
            assertThat(parts.get(i).span().low()).isEqualTo(parts.get(i - 1).span().high());
        }
        assertThat(parts).allSatisfy(part -> {
            assertThat(part.span().low()).isLessThan(part.span().high());
            assertThat(part.step()).isEqualTo(Step.LIST);
        });
    }

    @Test
    void aSecondIsNotDividedHoweverManyItHas() {
        assertThat(window(DAY).larger().step()).isEqualTo(Step.COUNT);
        assertThat(window(new Span(7, 9)).larger().step()).isEqualTo(Step.COUNT);
        assertThat(window(new Span(7, 9)).smaller(List.of())).hasSize(2);
        assertThat(window(new Span(7, 8)).larger().step()).isEqualTo(Step.PAGE);
    }

    private static Window window(Span span) {
        return new Window(0, "order", span, Step.LIST);
    }
}
