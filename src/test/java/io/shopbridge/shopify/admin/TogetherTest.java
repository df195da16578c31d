package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TogetherTest {

    @Test
    void theRecordOnWhichShopifyFailsIsFoundAndTheOthersAreAnswered() {
        for (int bad = 0; bad < 100; bad++) {
            Together together = new Together(100);
            List<Integer> waiting = new ArrayList<>(IntStream.range(0, 100).boxed().toList());
            int calls = 0;
            for (; !waiting.isEmpty() && calls < 50; calls++) {
                List<Integer> asked = waiting.subList(0, Math.min(together.of("main/order"), waiting.size()));
                if (!asked.contains(bad)) {
                    together.answered("main/order");
                    asked.clear();
                    continue;
                }
                together.failed("main/order", asked.size());
                if (asked.size() == 1) {
                    assertThat(together.of("main/order")).isEqualTo(100);
                    asked.clear();
                }
            }
            assertThat(waiting).as("with %s", bad).isEmpty();
        }
    }

    @Test
    void afterAPassingFaultAsManyAsBeforeAreAskedFor() {
        Together together = new Together(25);
        together.failed("main/order", 25);
        assertThat(together.of("main/order")).isEqualTo(12);
        assertThat(together.of("main/customer")).isEqualTo(25);
        for (int i = 0; i < 4; i++) {
            together.answered("main/order");
        }
        assertThat(together.of("main/order")).isEqualTo(25);
    }
}
