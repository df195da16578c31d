package io.shopbridge.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;

/** The shipped folders, and the start that is refused. */
@ExtendWith(OutputCaptureExtension.class)
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
        assertThat(Lint.check(Path.of("mappings"), crm -> true, folder)).singleElement().satisfies(fault ->
                assertThat(fault.toString()).contains("there is no *.camel.yaml in it"));
    }

    @Test
    void theStartIsRefusedWithEveryFault(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("acme"));
        Files.writeString(folder.resolve("acme/customer.yaml"), "shopify: customer\ncrm: contacts\n");

        application.withPropertyValues("shopbridge.mappings-dir=" + folder, "shopbridge.routes-dir=no-such-folder",
                        "shopbridge.crms.acme.token=t")
                .run(context -> assertThat(context).getFailure().isInstanceOf(InvalidMappings.class)
                        .hasMessageContaining("acme/crm.yaml: is missing")
                        .hasMessageContaining("acme/customer.yaml:1: the key fields is missing")
                        .hasMessageContaining("no-such-folder: there is no such folder"));
    }

    @Test
    void aFaultOfAFolderThatNobodyUsesDoesNotStopTheStart(@TempDir Path folder) throws IOException {
        Path mappings = copy(folder);
        edit(mappings.resolve("crm-one/customer-to-contact.yaml"), "\nfields:\n", "\nfeilds:\n");

        application.withPropertyValues("shopbridge.mappings-dir=" + mappings, "shopbridge.crms.hubspot.token=t")
                .run(context -> assertThat(context).hasNotFailed());
        application.withPropertyValues("shopbridge.mappings-dir=" + mappings, "shopbridge.crms.crm-one.token=t")
                .run(context -> assertThat(context).getFailure().isInstanceOf(InvalidMappings.class)
                        .hasMessageContaining("crm-one/customer-to-contact.yaml:")
                        .hasMessageContaining("feilds"));
        assertThat(Lint.mappings(mappings)).isNotEmpty().allSatisfy(fault ->
                assertThat(fault.file()).startsWith("crm-one/"));
    }

    @Test
    void theStartIsRefusedWhereAMappingFailsItsOwnTests(@TempDir Path folder) throws IOException {
        Path mappings = copy(folder);
        edit(mappings.resolve("crm-one/customer-to-contact.yaml"), "owner: shopify-on-create", "owner: shopify");

        application.withPropertyValues("shopbridge.mappings-dir=" + mappings, "shopbridge.crms.crm-one.token=t")
                .run(context -> assertThat(context).getFailure().isInstanceOf(InvalidMappings.class)
                        .hasMessageContaining("crm-one/customer-to-contact.test.yaml:")
                        .hasMessageContaining("the case \"the CRM keeps the name it changed itself\" fails: ")
                        .hasMessageContaining("expected not sent, but was"));
        application.withPropertyValues("shopbridge.mappings-dir=" + mappings, "shopbridge.crms.hubspot.token=t")
                .run(context -> assertThat(context).as("nobody uses that folder").hasNotFailed());
        assertThat(Lint.mappings(mappings)).isNotEmpty().allSatisfy(fault ->
                assertThat(fault.file()).isEqualTo("crm-one/customer-to-contact.test.yaml"));
    }

    @Test
    void aMissingTestIsAWarningAtTheStart(@TempDir Path folder, CapturedOutput log) throws IOException {
        Path mappings = copy(folder);
        edit(mappings.resolve("crm-one/customer-to-contact.yaml"), "\nfields:\n",
                "\nfields:\n  email_verified: { from: .no_such_thing, owner: shopify }\n");
        Files.delete(mappings.resolve("crm-one/order-to-activity.test.yaml"));

        application.withPropertyValues("shopbridge.mappings-dir=" + mappings, "shopbridge.crms.crm-one.token=t")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(log).contains("fields.email_verified: no test expects it",
                "crm-one/order-to-activity.yaml:2: has no tests");
        assertThat(Lint.mappings(mappings)).extracting(Fault::wrong)
                .containsExactly("no test expects it", "no topic and no answer brings .no_such_thing", "has no tests");
    }

    private static Path copy(Path folder) throws IOException {
        Path mappings = folder.resolve("mappings");
        FileSystemUtils.copyRecursively(Path.of("mappings"), mappings);
        return mappings;
    }

    private static void edit(Path file, String what, String other) throws IOException {
        String before = Files.readString(file);
        String after = before.replace(what, other);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(file, after);
    }
}
