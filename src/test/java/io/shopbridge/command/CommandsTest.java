package io.shopbridge.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;

/** The commands as a build calls them: what they print, and the exit status. */
class CommandsTest {

    private static final String RIGHT = "src/test/resources/lint/right";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void lintOfRightFilesReportsNothing() {
        assertThat(run("lint", RIGHT)).isZero();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void lintOfBrokenFilesFailsWithALineForEachFault(@TempDir Path folder) throws IOException {
        aMapping(folder);

        assertThat(run("lint", folder.toString())).isOne();
        assertThat(out.toString()).contains("acme/customer.yaml:1: the key fields is missing; map at least one field")
                .contains("acme/crm.yaml: is missing");
    }

    @Test
    void lintAnswersJsonToOtherPrograms(@TempDir Path folder) throws IOException {
        aMapping(folder);

        assertThat(run("lint", folder.toString(), "--format", "json")).isOne();
        JsonNode fault = new ObjectMapper().readTree(out.toString()).get(0);
        assertThat(fault.fieldNames()).toIterable().containsExactly("file", "line", "key", "wrong", "right");
    }

    @Test
    void aFolderWithoutMappingsIsAWrongCall(@TempDir Path folder) {
        assertThat(run("lint", folder.toString())).isEqualTo(2);
        assertThat(run("map")).isEqualTo(2);
        assertThat(run("lnt")).isEqualTo(2);
        assertThat(run("doctor", "--craete")).isEqualTo(2);
        assertThat(Commands.isOne("lnt")).as("a misspelled command is not the server").isTrue();
        assertThat(Commands.isOne("--server.port=0")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lint", "test", "map", "docs", "doctor", "export"})
    void everyCommandExplainsItself(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: shopbridge " + command).contains("-h, --help");
    }

    @Test
    void aSettingThatDoctorCantReadIsAFinding() {
        assertThat(run("doctor", "--shopbridge.retention.inbox=soon", "--shopbridge.crms.hubspot.token=x")).isOne();
        assertThat(out.toString()).contains("PROBLEM configuration: shopbridge.retention.inbox: its value can't be read as")
                .doesNotContain("soon");
    }

    @Test
    void misspeltSettingsAreFindings() {
        assertThat(run("doctor", "--shopbridge.retention.inbx=30d", "--shopbridge.crms.hubspot.tokn=s3cret")).isOne();
        assertThat(out.toString()).contains("PROBLEM configuration: shopbridge.retention.inbx: there is no such setting;"
                + " did you mean \"inbox\"?").contains("PROBLEM crm hubspot: shopbridge.crms.hubspot.tokn: there is no such"
                + " setting; did you mean token").doesNotContain("s3cret");
    }

    @Test
    void aFolderNamedAsAFileIsAFault(@TempDir Path folder) throws IOException {
        aMapping(folder);
        Files.createDirectories(folder.resolve("tables/old.yaml"));

        assertThat(run("lint", folder.toString())).isOne();
        assertThat(out.toString()).contains("tables/old.yaml: can't be read; make it a readable UTF-8 file");
    }

    @Test
    void aFileThatCantBeWrittenIsNamed(@TempDir Path folder) throws IOException {
        FileSystemUtils.copyRecursively(Path.of(RIGHT, "mappings"), folder);
        Path page = Files.createSymbolicLink(folder.resolve("acme/FIELDS.md"), Path.of("nowhere/FIELDS.md"));

        assertThat(run("docs", folder.toString())).isOne();
        assertThat(err.toString()).startsWith("A file could not be read or written: ").contains(page.toString())
                .hasLineCount(1);
    }

    @Test
    void testRunsEveryCase() {
        assertThat(run("test", ".")).isZero();
        assertThat(out.toString()).matches("(?s)\\d+ cases, 0 failed\\s+");
    }

    @Test
    void aCaseThatFailsShowsWhatWasExpectedOfEachField(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("samples"));
        Files.createDirectories(folder.resolve("acme"));
        Files.writeString(folder.resolve("samples/customer.json"), "{\"id\": \"1\", \"name\": \"Ada\"}");
        Files.writeString(folder.resolve("acme/customer.yaml"), """
                shopify: customer
                crm: contacts
                fields:
                  name: { from: .name, owner: shopify }
                """);
        Files.writeString(folder.resolve("acme/customer.test.yaml"), """
                sample: ../samples/customer.json
                tests:
                  - name: a name is sent
                    expect: { send: { name: Bo } }
                """);

        assertThat(run("test", folder.toString())).isOne();
        assertThat(out.toString()).contains("customer.test.yaml:3 a name is sent: name: expected \"Bo\", but was \"Ada\"")
                .contains("1 cases, 1 failed");
    }

    @Test
    void mapShowsWhatWouldBeSent(@TempDir Path folder) throws IOException {
        Path payload = Files.writeString(folder.resolve("customer.json"), """
                {"id": 9007199254740993, "email": "ada@example.com", "last_name": "Lindqvist", "verified_email": true}""");

        assertThat(run("map", "--crm", "crm-one", "--payload", payload.toString(), ".")).isZero();
        assertThat(out.toString()).contains("customer 9007199254740993 -> CRM One contacts: created")
                .contains("request PUT /v1/contacts/bulk").contains("main:9007199254740993")
                .containsPattern("last_name +\"Lindqvist\" +if .+ end +sent: the record is new");
    }

    @Test
    void mapReadsLocalNumbersAsTheStoreWould(@TempDir Path folder) throws IOException {
        Path payload = Files.writeString(folder.resolve("customer.json"), """
                {"id": 9007199254740993, "email": "ada@example.com", "phone": "030 901820", "verified_email": true}""");

        assertThat(run("map", "--crm", "crm-one", "--payload", payload.toString(), "--region", "de", ".")).isZero();
        assertThat(out.toString()).contains("+4930901820");
        assertThat(run("map", "--crm", "crm-one", "--payload", payload.toString(), "--region", "XX", ".")).isEqualTo(2);
        assertThat(err.toString()).startsWith("--region: \"XX\" is not a country");
        Files.writeString(payload, Files.readString(payload).replace("030 901820", "044 123 456"));
        assertThat(run("map", "--crm", "crm-one", "--payload", payload.toString(), "--region", "XK", ".")).isZero();
        assertThat(out.toString()).contains("+38344123456");
    }

    private static void aMapping(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("samples"));
        Files.createDirectories(folder.resolve("acme"));
        Files.writeString(folder.resolve("acme/customer.yaml"), "shopify: customer\ncrm: contacts\n");
    }

    private int run(String... arguments) {
        return Commands.line().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
