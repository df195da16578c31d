package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KindTest {

    /** A kind that the route forgets would never be written, and nothing would say so. */
    @Test
    void theShippedRouteWritesEveryKindInOrder() throws IOException {
        String names = Stream.of(Kind.values()).map(kind -> kind.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", "));
        String route = Files.readString(Path.of("routes/3-deliver/write.camel.yaml")).replaceAll("\\s+", " ");
        assertThat(route).contains("expression: >- " + names + " steps:");
    }
}
