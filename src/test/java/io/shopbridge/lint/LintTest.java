package io.shopbridge.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.map.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Breaks one line of a shipped file at a time: the linter names its file and line, and says what is right. */
class LintTest {

    private static final String CUSTOMER = "mappings/hubspot/customer-to-contact.yaml";
    private static final String ORDER = "mappings/crm-one/order-to-order.yaml";
    private static final String CRM = "mappings/crm-one/crm.yaml";
    private static final String DELIVER = "routes/3-deliver/door-out.camel.yaml";

    @TempDir
    private Path project;

    record Broken(String file, String good, String bad, String advice) {
    }

    static Stream<Broken> broken() {
        return Stream.of(
                new Broken(CUSTOMER, "    clean: email\n", "    clean: emial\n", "did you mean \"email\"?"),
                new Broken(CUSTOMER, "table: email-consent", "table: email-consnt", "did you mean \"email-consent\"?"),
                new Broken(CUSTOMER, "from: .note", "from: .note | trimm", "function trimm does not exist"),
                new Broken(CUSTOMER, "    from: .note\n", "    frm: .note\n", "did you mean \"from\"?"),
                new Broken(CUSTOMER, "from: 'if .id and (.guest | not) then \"\\(.store):\\(.id)\" else null end'",
                        "from: '\"\\(.store):\\(.id)\"'", "say that such a record has no key"),
                new Broken(CUSTOMER, "  hubspot_owner_id:\n    owner: crm", "  hubspot_owner_id:\n    from: .id\n"
                        + "    owner: crm", "the CRM's own field is never written"),
                new Broken(CUSTOMER, "  shopify_note:", "  shopify_comment:", "no test expects it"),
                new Broken(ORDER, "from: .totals.net.shop.amount", "from: .total_price", "without its currency"),
                new Broken(ORDER, "    field: contact_id", "    field: number", "has two writers"),
                new Broken(ORDER, "shopify: order", "shopify: ordr", "did you mean \"order\"?"),
                new Broken("mappings/tables/financial-status.yaml", "  voided: voided\n", "", "lacks Shopify's voided"),
                new Broken(CRM, "bearer: ${token}", "bearer: s3cret", "write ${token}"),
                new Broken(CRM, "  period: 1s", "  period: soon", "write 500ms, 10s, 2m or 1h"),
                new Broken(CRM, "means: gone", "means: gnoe", "did you mean \"gone\"?"),
                new Broken(CRM, "  find:\n", "  fnid:\n", "did you mean \"find\"?"),
                new Broken(CRM, "gives: '.items[]'", "gives: '.items['", "not jq"),
                new Broken(CRM, "/v1/{object}/lookup", "/v1/{objct}/lookup", "did you mean \"object\"?"),
                new Broken(CRM, "limits:\n", "limit:\n", "did you mean \"limits\"?"),
                new Broken(CRM, "{ status: 401,", "{ status: 4xx,", "is never reached"),
                new Broken(DELIVER, "noErrorHandler: {}", "deadLetterChannel: {}", "it doesn't say how it fails"),
                new Broken(DELIVER, "    description:", "    note:", "the key description is missing"),
                new Broken(DELIVER, "- toD:\n", "- toD: direct:x\n        - toD:\n", "is in the compact form"),
                new Broken("routes/2-mirror/mirror.camel.yaml", "routeConfigurationId: scheduled",
                        "routeConfigurationId: schedule", "did you mean \"scheduled\"?"),
                new Broken("routes/2-mirror/mirror.camel.yaml", "method: takeIn", "note: takeIn",
                        "the key method is missing"));
    }

    @BeforeEach
    void aCopyOfTheShippedFolders() throws IOException {
        for (String folder : List.of("mappings", "routes")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.createDirectories(project.resolve(file).getParent());
                    Files.copy(file, project.resolve(file));
                }
            }
        }
    }

    @Test
    void theShippedFilesAreRight() {
        assertThat(Lint.check(Path.of("."))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("broken")
    void aBrokenLineIsNamedWithAdvice(Broken broken) throws IOException {
        spoil(broken);

        List<Fault> faults = Lint.check(project);

        assertThat(faults).anySatisfy(fault -> {
            assertThat(fault.toString()).contains(broken.advice());
            assertThat(fault.line()).isPositive();
        });
        assertThat(faults).allSatisfy(fault -> assertThat(fault.file()).matches("(mappings|routes)/.+\\.yaml"));
    }

    /** One fault a file in four files at once. */
    @Test
    void noFaultHidesAnothersFile() throws IOException {
        List<Broken> one = new ArrayList<>();
        broken().filter(broken -> one.stream().noneMatch(other -> other.file().equals(broken.file())))
                .forEach(one::add);
        for (Broken broken : one) {
            spoil(broken);
        }

        String all = String.join("\n", Lint.check(project).stream().map(Fault::toString).toList());

        assertThat(one).hasSizeGreaterThan(4).allSatisfy(broken -> assertThat(all).contains(broken.advice()));
    }

    private void spoil(Broken broken) throws IOException {
        Path file = project.resolve(broken.file());
        String text = Files.readString(file);
        assertThat(text).contains(broken.good());
        int at = text.indexOf(broken.good());
        Files.writeString(file, text.substring(0, at) + broken.bad() + text.substring(at + broken.good().length()));
    }
}
