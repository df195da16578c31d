package io.shopbridge.lint;

import io.shopbridge.cases.AnswerCases;
import io.shopbridge.cases.MappingCases;
import io.shopbridge.crm.CrmReader;
import io.shopbridge.export.ExportFiles;
import io.shopbridge.map.Mappings;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All rules over a mappings folder, a routes folder, or a project folder with both. */
public final class Lint {

    private static final Set<String> NOT_CRMS = Set.of("samples", "tables", "rules", "exports", "shopify");

    private Lint() {
    }

    /**
     * Checks what is there.
     *
     * @param path a mappings folder, or a folder that holds {@code mappings/}, {@code routes/} or both
     * @return everything that is wrong, by file and line; files are named from {@code path}
     * @throws IllegalArgumentException where the path holds neither
     */
    public static List<Fault> check(Path path) {
        Path mappings = path.resolve("mappings");
        Path routes = path.resolve("routes");
        List<Fault> faults = new ArrayList<>();
        if (Files.isDirectory(mappings) || Files.isDirectory(routes)) {
            if (Files.isDirectory(mappings)) {
                under("mappings", mappings(mappings), faults);
            }
            if (Files.isDirectory(routes)) {
                under("routes", RouteRules.check(routes), faults);
            }
        } else if (isMappings(path)) {
            faults.addAll(mappings(path));
        } else {
            throw new IllegalArgumentException(path + " has neither mappings/ nor routes/, and is not a mappings"
                    + " folder;"
                    + " name a project folder or a mappings folder");
        }
        return sorted(faults);
    }

    /**
     * Checks what a start uses of the two folders, wherever each is, but runs no cases; files are named with their
     * folder.
     *
     * @param crms which CRM folders are in use: what is wrong in another one does no harm, and costs time to find
     */
    static List<Fault> check(Path mappings, Predicate<String> crms, Path routes) {
        List<Fault> faults = new ArrayList<>();
        under(mappings.toString(), rules(mappings, crms), faults);
        if (Files.isDirectory(routes) && !files(routes, ".camel.yaml").isEmpty()) {
            under(routes.toString(), RouteRules.check(routes), faults);
        } else {
            faults.add(new Fault(routes.toString(), 0, "", Files.isDirectory(routes)
                    ? "there is no *.camel.yaml in it" : "there is no such folder",
                    "set shopbridge.routes-dir to the folder with the routes, not to a link to it"));
        }
        return sorted(faults);
    }

    /** Checks a mappings folder and runs its cases; files are named from it. */
    public static List<Fault> mappings(Path root) {
        return mappings(root, folder -> true);
    }

    /** The same, but of these CRM folders alone. */
    public static List<Fault> mappings(Path root, Predicate<String> crms) {
        List<Fault> faults = new ArrayList<>(rules(root, crms));
        // Of a broken mapping the cases say the same again in other words, or nothing that is true.
        if (Fault.harmful(faults).isEmpty()) {
            faults.addAll(FailingCases.of(root, crms));
        }
        return sorted(faults);
    }

    /** What of a mappings folder no test would notice if it were wrong. */
    public static List<Fault> untested(Path root) {
        return rules(root).stream().filter(Fault::untested).toList();
    }

    /** Checks a mappings folder without running the cases. */
    private static List<Fault> rules(Path root) {
        return rules(root, folder -> true);
    }

    private static List<Fault> rules(Path root, Predicate<String> crms) {
        List<Fault> faults = new ArrayList<>();
        Mappings mappings = Mappings.read(root, crms, faults);
        if (!Files.isDirectory(root)) {
            return faults;
        }
        try {
            MappingCases.load(root, mappings);
        } catch (InvalidMappings e) {
            faults.addAll(e.faults());
        }
        ExportFiles.read(root, faults);
        Shopify shopify = Shopify.read(root, faults);
        ShopifyRules shopifyRules = new ShopifyRules(root, shopify, AnswerCases.read(root, shopify, faults), faults);
        shopifyRules.checkSamples(faults);
        Map<String, Yaml> tables = new HashMap<>();
        for (Path file : files(root.resolve("tables"), ".yaml")) {
            Yaml.read(root, file, new ArrayList<>()).filter(Yaml::isMap).ifPresent(yaml ->
                    tables.put(name(file), yaml));
        }
        for (Path folder : folders(root)) {
            if (!crms.test(folder.getFileName().toString())) {
                continue;
            }
            List<Yaml> files = new ArrayList<>();
            for (Path file : files(folder, ".yaml")) {
                if (!name(file).endsWith(".test") && !name(file).equals("crm")) {
                    // Read again for its lines: what the loader says of it is among the faults already.
                    Yaml.read(root, file, faults).filter(yaml -> yaml.isMap() && yaml.entries().containsKey("shopify"))
                            .ifPresent(yaml -> {
                                files.add(yaml);
                                shopifyRules.check(yaml);
                                new MappingRules(root, file, yaml, tables).check(mappings.all().stream()
                                        .filter(mapping -> mapping.file().equals(file)).findFirst(), faults);
                            });
                }
            }
            CrmReader.check(root, folder.getFileName().toString(), faults)
                    .ifPresent(crm -> CrmRules.check(root, folder, crm, files, faults));
        }
        return sorted(faults);
    }

    static String lines(List<Fault> faults) {
        return faults.stream().map(Fault::toString).collect(Collectors.joining("\n"));
    }

    private static List<Fault> sorted(List<Fault> faults) {
        return faults.stream().distinct()
                .sorted(Comparator.comparing(Fault::file).thenComparing(Fault::line).thenComparing(Fault::key))
                .toList();
    }

    private static void under(String prefix, List<Fault> from, List<Fault> faults) {
        from.forEach(fault -> faults.add(fault.under(prefix)));
    }

    private static boolean isMappings(Path path) {
        return Files.isDirectory(path) && (Files.isDirectory(path.resolve("samples"))
                || folders(path).stream().anyMatch(folder -> Files.exists(folder.resolve("crm.yaml"))));
    }

    private static List<Path> folders(Path root) {
        try (Stream<Path> paths = Files.list(root)) {
            return paths.filter(Files::isDirectory)
                    .filter(path -> !NOT_CRMS.contains(path.getFileName().toString())).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> files(Path folder, String ending) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> path.getFileName().toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }
}
