package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.yaml.InvalidMappings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routes that are not there deliver nothing, so such a start is refused. */
class DeliveryRoutesIT {

    @Test
    void aStartWithoutTheTemplateOfAllDeliveriesIsRefused(@TempDir Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("routes"))) {
            for (Path file : files.filter(Files::isRegularFile).filter(file -> !file.endsWith("deliver.camel.yaml")).toList()) {
                Path copy = folder.resolve(Path.of("routes").relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        assertThatThrownBy(() -> RunningShopbridge.with("--shopbridge.routes-dir=" + folder))
                .isInstanceOf(InvalidMappings.class)
                .hasMessageContaining("there is no route template deliver-work, which brings a CRM up to date");
    }
}
