package io.shopbridge.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FieldsPagesTest {

    private static final Path RIGHT = Path.of("src/test/resources/lint/right");

    @Test
    void theShippedPagesAreWhatTheMappingsSay() {
        Map<Path, String> pages = FieldsPages.of(Path.of("mappings"), Path.of("routes"));

        assertThat(pages).isNotEmpty();
        assertThat(FieldsPages.stale(pages)).as("run `java -jar target/shopbridge.jar docs`").isEmpty();
    }

    @Test
    void aPageThatIsMissingOrOtherwiseIsStale(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("missing.md");
        Path other = Files.writeString(folder.resolve("other.md"), "old");
        Path same = Files.writeString(folder.resolve("same.md"), "new");

        assertThat(FieldsPages.stale(Map.of(missing, "new", other, "new", same, "new")))
                .containsExactlyInAnyOrder(missing, other);
    }

    @Test
    void aPageTellsFieldsOwnersTablesAndLimits() {
        String page = FieldsPages.of(RIGHT.resolve("mappings"), RIGHT.resolve("routes")).values().iterator().next();

        assertThat(page).startsWith("# Acme: fields, owners and rules\n")
                .contains("| `contacts` | email, consent, tags | key, lastname | stage |")
                .contains("| `consent` | `.email_marketing_consent.state` |  | [consent](#consent) | `shopify` | to-crm |"
                        + " is not in the table |")
                .contains("| `invalid` | the CRM's field stays as it is |")
                .contains("Our key is in `key`, made of `if .id then \"\\(.store):\\(.id)\" else null end`.")
                .contains("Skipped if `.deleted_at`: deleted in Shopify.")
                .contains("| customer | customer | `.contact_key` | in `contact` | waits |")
                .contains("At most 50 calls in 1s, 4 at once.")
                .contains("| 429 | busy | 1s |");
    }
}
