package io.shopbridge.receive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyMemoryTest {

    private final BodyMemory memory = new BodyMemory(100_000);

    @Test
    void largeBodiesShareALimit() {
        assertThat(memory.grow(0, 100_000)).isTrue();
        assertThat(memory.grow(0, 100_000)).isFalse();
        memory.release(100_000);
        assertThat(memory.grow(0, 100_000)).isTrue();
    }

    @Test
    void smallBodiesAreFree() {
        assertThat(memory.grow(0, 100_000 + BodyMemory.FREE)).isTrue();
        for (int i = 0; i < 1000; i++) {
            assertThat(memory.grow(0, 1000)).isTrue();
            assertThat(memory.grow(1000, BodyMemory.FREE)).isTrue();
        }
        assertThat(memory.grow(BodyMemory.FREE, BodyMemory.FREE + 1)).isFalse();
    }

    @Test
    void whatWasRefusedTakesNothing() {
        for (int i = 0; i < 100; i++) {
            assertThat(memory.grow(0, 1_000_000)).isFalse();
        }
        assertThat(memory.grow(0, 100_000)).isTrue();
    }
}
