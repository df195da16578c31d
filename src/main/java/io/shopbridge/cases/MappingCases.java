package io.shopbridge.cases;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.map.Values;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The cases in the {@code *.test.yaml} files beside the mappings.
 *
 * <pre>
 * sample: ../samples/customer.json   # every test starts from this
 * store: main                        # the default
 * region: US                         # the default
 * tests:
 *   - name: a sentence about the business
 *     store: outlet       # region and time-zone: too; for this test alone
 *     settings: { … }     # those of the CRM that the mapping sees
 *     given: { … }        # merged into the sample, however deep; a list replaces a list
 *     synced: true        # the sample itself was delivered before: base and CRM hold what it gives
 *     base: { … }         # fields last written, over what synced says
 *     crm-has: { … }      # the CRM's present values, over the base's
 *     shopify-time: …     # for newest-wins; without them Shopify's edit is the later one
 *     crm-time: …
 *     expect: { send, send-exactly, leave, refuse, skip, nothing, external-id, match, links, children, conflict }
 * </pre>
 */
public final class MappingCases {

    /** Of the shop that the samples are from. */
    private static final String DOMAIN = "shop.example";

    private final Path root;
    private final List<Fault> faults = new ArrayList<>();
    private final List<MappingCase> cases = new ArrayList<>();

    private MappingCases(Path root) {
        this.root = root;
    }

    /**
     * Reads the cases of all mappings.
     *
     * @throws InvalidMappings with everything that is wrong in the test files
     */
    public static List<MappingCase> load(Path mappingsDir, Mappings mappings) throws InvalidMappings {
        MappingCases tests = new MappingCases(mappingsDir);
        mappings.all().forEach(tests::read);
        if (!tests.faults.isEmpty()) {
            throw new InvalidMappings(tests.faults.stream().distinct().toList());
        }
        return List.copyOf(tests.cases);
    }

    private void read(Mapping mapping) {
        String name = mapping.file().getFileName().toString();
        Path file = mapping.file().resolveSibling(name.substring(0, name.length() - ".yaml".length()) + ".test.yaml");
        if (Files.exists(file)) {
            Yaml.read(root, file, faults).ifPresent(yaml -> read(mapping, file, yaml));
        }
    }

    private void read(Mapping mapping, Path file, Yaml yaml) {
        Map<String, Yaml> entries = yaml.entries("sample", "store", "region", "tests");
        if (!entries.containsKey("sample") || !entries.containsKey("tests")) {
            yaml.fault("sample or tests is missing", "write `sample: ../samples/" + mapping.entity()
                    + ".json` and at least one test under `tests:`");
            return;
        }
        JsonNode sample;
        try {
            sample = Values.read(file.resolveSibling(entries.get("sample").text().orElse("")));
        } catch (IOException e) {
            entries.get("sample").fault("is not a file with JSON", "name a canonical record, relative to this file");
            return;
        }
        String store = entries.containsKey("store") ? entries.get("store").text().orElse("main") : "main";
        String region = entries.containsKey("region") ? entries.get("region").text().orElse("US") : "US";
        MappingContext context = new MappingContext(store, region, ZoneOffset.UTC, DOMAIN, Map.of());
        for (Yaml test : entries.get("tests").items()) {
            MappingCase.read(mapping, file, sample, context, test).ifPresent(cases::add);
        }
    }
}
