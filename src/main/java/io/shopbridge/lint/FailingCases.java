package io.shopbridge.lint;

import io.shopbridge.cases.AnswerCases;
import io.shopbridge.cases.MappingCases;
import io.shopbridge.map.Mappings;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.yaml.Fault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Reports failing cases of {@code *.test.yaml} files as faults of these files, which must be valid otherwise. */
final class FailingCases {

    private static final String RIGHT = "correct the mapping, or the case if it expects the wrong result";

    private FailingCases() {
    }

    /** Of these CRM folders, and of what Shopify's answers mean; files are named from the mappings folder. */
    static List<Fault> of(Path root, Predicate<String> folders) {
        List<Fault> faults = new ArrayList<>();
        MappingCases.load(root, Mappings.load(root, folders))
                .forEach(one -> add(root, one.file(), one.line(), one.name(), one.differences(), faults));
        AnswerCases.load(root, Shopify.load(root))
                .forEach(one -> add(root, one.file(), one.line(), one.name(), one.differences(), faults));
        return faults;
    }

    private static void add(Path root, Path file, int line, String name, List<String> differences,
            List<Fault> faults) {
        if (!differences.isEmpty()) {
            faults.add(new Fault(root.relativize(file).toString().replace('\\', '/'), line, "",
                    "the case \"" + name + "\" fails: " + String.join("; ", differences), RIGHT));
        }
    }
}
