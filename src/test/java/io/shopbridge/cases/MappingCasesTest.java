package io.shopbridge.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.shopbridge.map.Mappings;
import io.shopbridge.yaml.InvalidMappings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runner itself: a case that doesn't hold says what was expected and what was. */
class MappingCasesTest {

    @TempDir
    private Path root;

    @BeforeEach
    void aMapping() throws IOException {
        write("samples/customer.json",
                "{\"id\":\"1\",\"name\":\"Ada\",\"note\":null,\"gone\":false,\"state\":\"new\"}");
        write("crm/customer.yaml", """
                shopify: customer
                crm: Contact
                identity:
                  external-id: { field: Key, from: .id }
                  match:
                    - { field: Name, from: .name, clean: lower }
                skip:
                  - { when: .gone, because: it is gone }
                fields:
                  Name: { from: .name, owner: shopify, required: true }
                  Note: { from: .note, owner: shopify-on-create }
                  Stage: { from: .state, owner: newest-wins }
                """);
    }

    @Test
    void aCaseThatPassesReportsNothing() throws IOException {
        assertThat(differences("expect: { send: { Name: Ada }, leave: [Note], match: [Name ada] }")).isEmpty();
        assertThat(differences("synced: true", "expect: { nothing: true }")).isEmpty();
        assertThat(differences("given: { gone: true }", "expect: { skip: it is gone }")).isEmpty();
        assertThat(differences("base: { Name: Ada }", "given: { name: Bo }", "expect: { send: { Name: Bo } }"))
                .isEmpty();
        assertThat(differences("base: { Stage: old }", "crm-has: { Stage: own }",
                "shopify-time: 2026-01-01T00:00:00Z", "crm-time: 2026-01-02T00:00:00Z",
                "expect: { leave: [Stage], conflict: [Stage crm] }")).isEmpty();
    }

    /** Whoever adds a field to the parts of a list need not edit the cases that are there. */
    @Test
    void whatIsSentIsNamedAmongOthers() throws IOException {
        write("crm/customer.yaml", Files.readString(root.resolve("crm/customer.yaml"))
                + "  Parts: { from: '[{a: 1, b: .name}]', owner: shopify }\n");
        assertThat(differences("expect: { send: { Parts: [{ a: 1 }] } }")).isEmpty();
        for (String other : List.of("[]", "[{ a: 2 }]", "[{ c: 1 }]", "[{ a: 1 }, { a: 1 }]", "[1]")) {
            assertThat(differences("expect: { send: { Parts: " + other + " } }")).as(other).hasSize(1);
        }
        assertThat(differences("expect: { send-exactly: { Key: \"1\", Name: Ada, Stage: new, Parts: [{ a: 1 }] } }"))
                .hasSize(1);
    }

    @Test
    void aCaseThatDoesNotHoldShowsEachField() throws IOException {
        assertThat(differences("expect: { send-exactly: { Name: Bo, Key: \"1\" }, external-id: \"2\" }"))
                .containsExactlyInAnyOrder(
                        "external-id: expected \"2\", but was \"1\"",
                        "Name: expected \"Bo\", but was \"Ada\"",
                        "Stage: expected not sent, but was \"new\"");
        assertThat(differences("expect: { leave: [Name] }"))
                .containsExactly("Name: expected not sent, but was \"Ada\"");
        assertThat(differences("given: { gone: true }", "expect: { send: { Name: Ada } }"))
                .containsExactly("skip: expected none, but was \"it is gone\"");
        assertThat(differences("given: { name: null }", "expect: { send: { Key: \"1\" } }"))
                .containsExactly("refuse: expected none, but was \"Name: is required, and .name gives nothing\"");
        assertThat(differences("synced: true", "given: { name: Bo }", "expect: { nothing: true }"))
                .containsExactly("Name: expected not sent, but was \"Bo\"");
        assertThat(differences("expect: { refuse: too bad }"))
                .containsExactly("refuse: expected \"too bad\", but was none");
    }

    @Test
    void aCaseMaySayWhichStoreItIsAbout() throws IOException {
        Files.writeString(root.resolve("crm/customer.yaml"), "stores: { outlet: { fields: { Stage: { from: '\"o\"' } } } }\n",
                java.nio.file.StandardOpenOption.APPEND);
        assertThat(differences("store: outlet", "expect: { send: { Stage: o } }")).isEmpty();
        assertThat(differences("store: main", "expect: { send: { Stage: new } }")).isEmpty();
    }

    @Test
    void whatIsWrongInATestFileIsReportedWithItsLine() throws IOException {
        write("crm/customer.test.yaml", """
                sample: ../samples/customer.json
                tests:
                  - name: a typo
                    crm-has: { Nmae: x }
                    expect: { sned: {}, leave: [Stag] }
                  - expect: { nothing: true }
                  - name: a time
                    crm-time: yesterday
                    expect: { nothing: true }
                """);

        InvalidMappings invalid = catchThrowableOfType(InvalidMappings.class,
                () -> MappingCases.load(root, Mappings.load(root)));

        assertThat(invalid.getMessage().lines()).hasSize(5)
                .anyMatch(line -> line.startsWith("crm/customer.test.yaml:4 tests[0].crm-has.Nmae: "))
                .anyMatch(line -> line.startsWith("crm/customer.test.yaml:5 tests[0].expect.sned: unknown key; "
                        + "did you mean \"send\"?"))
                .anyMatch(line -> line.startsWith("crm/customer.test.yaml:5 tests[0].expect.leave[0]: \"Stag\""))
                .anyMatch(line -> line.startsWith("crm/customer.test.yaml:6 tests[1]: name or expect is missing"))
                .anyMatch(line -> line.startsWith("crm/customer.test.yaml:8 tests[2].crm-time: is not a UTC time"));
    }

    private List<String> differences(String... lines) throws IOException {
        write("crm/customer.test.yaml", "sample: ../samples/customer.json\ntests:\n  - name: it\n    "
                + String.join("\n    ", lines) + "\n");
        return MappingCases.load(root, Mappings.load(root)).get(0).differences();
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), text);
    }
}
