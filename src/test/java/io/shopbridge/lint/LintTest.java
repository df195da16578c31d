package io.shopbridge.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.map.InvalidMappings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The shipped folders, and the start that is refused. */
class LintTest {

    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withUserConfiguration(LintAtStart.class);

    @Test
    void theShippedFilesAreRight() {
        assertThat(Lint.check(Path.of("."))).isEmpty();
    }

    @Test
    void theApplicationStartsWithRightFiles() {
        application.run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void aFolderWithoutRoutesIsAFault(@TempDir Path folder) {
        assertThat(Lint.check(Path.of("mappings"), folder)).singleElement().satisfies(fault ->
                assertThat(fault.toString()).contains("there is no *.camel.yaml in it"));
    }

    @Test
    void theStartIsRefusedWithEveryFault(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("acme"));
        Files.writeString(folder.resolve("acme/customer.yaml"), "shopify: customer\ncrm: contacts\n");

        application.withPropertyValues("shopbridge.mappings-dir=" + folder, "shopbridge.routes-dir=no-such-folder")
                .run(context -> assertThat(context).getFailure().isInstanceOf(InvalidMappings.class)
                        .hasMessageContaining("acme/crm.yaml: is missing")
                        .hasMessageContaining("acme/customer.yaml:1: has no tests")
                        .hasMessageContaining("acme/customer.yaml:1: the key fields is missing")
                        .hasMessageContaining("no-such-folder: there is no such folder"));
    }
}
