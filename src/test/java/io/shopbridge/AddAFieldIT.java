package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.commons.lang3.StringUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The README's "add a field", step by step, on an instance that is running. */
@ExtendWith(OutputCaptureExtension.class)
class AddAFieldIT {

    private static final String FIELD = """
              email_verified:
                from: .verified_email
                clean: boolean
                owner: shopify
            """;
    private static final String EXPECTATION = """
                    email_verified: true
            """;

    @Test
    void aSavedMappingIsUsedAsSoonAsItIsRight(CapturedOutput log) throws IOException {
        Path mappings = RunningShopbridge.fastMappings();
        Path mapping = mappings.resolve("crm-one/customer-to-contact.yaml");
        Path test = mappings.resolve("crm-one/customer-to-contact.test.yaml");
        try (RunningShopbridge shopbridge = RunningShopbridge.with("--shopbridge.mappings-dir=" + mappings,
                "--shopbridge.reload-mappings=true")) {
            insert(mapping, "fields:\n", FIELD);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> log.getAll().contains("email_verified: no test expects it"));

            insert(test, "      send:\n", EXPECTATION);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> StringUtils.countMatches(log.getAll(), "Reloaded the mappings") > 1);
            assertThat(log.getAll()).as("a field of one's own breaks no case that is shipped").doesNotContain(" fails: ");

            shopbridge.post("customers/create", """
                    {"id": 7001, "email": "ada@example.com", "verified_email": true,
                     "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T10:00:00Z"}""");
            shopbridge.awaitIdle();
            assertThat(shopbridge.crmOne("contacts", "main:7001").at("/fields/email_verified").asBoolean()).isTrue();
        }
    }

    private static void insert(Path file, String after, String text) throws IOException {
        String before = Files.readString(file);
        Files.writeString(file, before.replaceFirst("(?m)^" + after, after + text));
    }
}
