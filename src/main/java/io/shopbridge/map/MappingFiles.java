package io.shopbridge.map;

import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Yaml;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/** Finds and reads the files of a mappings folder and reports everything that is wrong with them at once. */
final class MappingFiles {

    private static final Set<String> NOT_CRMS = Set.of("samples", "tables", "rules", "exports", "shopify");

    private final Path root;
    private final List<Fault> faults = new ArrayList<>();
    private final Map<String, ValueTable> tables = new TreeMap<>();
    private final Map<String, JsonNode> samples = new HashMap<>();
    /** A mapping means another thing where any table or rule does, or the crm.yaml beside it. */
    private String tablesFingerprint = "";
    /** jq by the name of the file; empty where it is broken. */
    private final Map<String, Optional<String>> rules = new TreeMap<>();

    private MappingFiles(Path root) {
        this.root = root;
    }

    /** @param crms which CRM folders are read */
    static Mappings read(Path root, Predicate<String> crms, List<Fault> faults) {
        if (!Files.isDirectory(root)) {
            faults.add(new Fault(root.toString(), 0, "", "there is no such folder",
                    "set shopbridge.mappings-dir to the folder with the mappings"));
            return new Mappings(List.of());
        }
        MappingFiles files = new MappingFiles(root);
        List<Mapping> mappings = files.readAll(crms);
        files.faults.stream().distinct().forEach(faults::add);
        return new Mappings(mappings);
    }

    private List<Mapping> readAll(Predicate<String> crms) {
        for (Path file : list(root.resolve("tables"), ".yaml")) {
            String name = baseName(file);
            Yaml.read(root, file, faults).ifPresent(yaml -> tables.put(name, ValueTable.read(name, yaml)));
            tablesFingerprint = DigestUtils.sha256Hex(tablesFingerprint + fingerprint(file));
        }
        for (Path file : list(root.resolve("rules"), ".yaml")) {
            Yaml.read(root, file, faults).ifPresent(yaml -> rules.put(baseName(file), RulesFile.read(yaml)));
            tablesFingerprint = DigestUtils.sha256Hex(tablesFingerprint + fingerprint(file));
        }
        for (Path file : list(root.resolve("samples"), ".json")) {
            String name = root.relativize(file).toString().replace('\\', '/');
            try {
                samples.put(baseName(file), Values.read(file));
            } catch (JsonProcessingException e) {
                samples.put(baseName(file), null);
                faults.add(new Fault(name, e.getLocation() == null ? 0 : e.getLocation().getLineNr(), "",
                        "is not JSON: " + e.getOriginalMessage(), "write one complete canonical record"));
            } catch (IOException e) {
                samples.put(baseName(file), null);
                faults.add(new Fault(name, 0, "", "can't be read", "make it a readable UTF-8 file"));
            }
        }
        List<Mapping> mappings = new ArrayList<>();
        folders().stream().filter(folder -> crms.test(folder.getFileName().toString()))
                .forEach(folder -> mappings.addAll(readFolder(folder)));
        return mappings;
    }

    private List<Mapping> readFolder(Path folder) {
        Map<String, Yaml> found = new TreeMap<>();
        Set<String> entities = new HashSet<>();
        for (Path file : list(folder, ".yaml")) {
            String name = baseName(file);
            if (name.endsWith(".test")) {
                mappingOf(file);
            } else if (!name.equals("crm")) {
                Optional<Yaml> yaml = Yaml.read(root, file, faults);
                if (yaml.isEmpty() || !isDescription(yaml.get()) && !isMapping(yaml.get())) {
                    // Links to what it maps are right, whatever is wrong in it
                    entities.add(name.split("-to-")[0]);
                } else if (!isDescription(yaml.get())) {
                    found.put(name, yaml.get());
                }
            }
        }
        Set<String> forms = new HashSet<>();
        found.values().forEach(yaml -> text(yaml, "shopify").ifPresent(entity -> {
            entities.add(entity);
            if (!forms.add(entity + " " + text(yaml, "orders").orElse(Mapping.ORDERS.get(0)))) {
                yaml.fault(entity + " is mapped twice in this folder", "keep one file for each entity"
                        + (entity.equals("order") ? ", or one for each form: `orders: deal`" : ""));
            }
        }));
        Path crm = folder.resolve("crm.yaml");
        TextLengths lengths = lengths(crm);
        // How long texts may be and which settings mappings see: what a mapping gives depends on it, too.
        String aroundFingerprint = tablesFingerprint + fingerprint(crm);
        List<Mapping> mappings = new ArrayList<>();
        found.forEach((name, yaml) -> {
            if (!Files.exists(folder.resolve(name + ".test.yaml"))) {
                yaml.untested("has no tests", "write " + name + ".test.yaml beside it");
            }
            Path file = folder.resolve(name + ".yaml");
            new MappingReader(yaml, file, folder.getFileName().toString(), entities, tables, rules, samples, lengths,
                    DigestUtils.sha256Hex(fingerprint(file) + aroundFingerprint)).read().ifPresent(mappings::add);
        });
        return mappings;
    }

    /** The key {@code texts} of crm.yaml: {@code { counted-in: utf-16, longest: 255 }}. */
    private TextLengths lengths(Path crm) {
        List<Fault> found = new ArrayList<>();
        TextLengths lengths = !Files.exists(crm) ? TextLengths.UNKNOWN
                : Yaml.read(root, crm, found).filter(Yaml::isMap).map(yaml -> yaml.entries().get("texts"))
                        .map(TextLengths::read).orElse(TextLengths.UNKNOWN);
        // What else is wrong in the file is its own reader's business.
        found.stream().filter(fault -> fault.key().startsWith("texts")).forEach(faults::add);
        return lengths;
    }

    private static String fingerprint(Path file) {
        try {
            return DigestUtils.sha256Hex(Files.readAllBytes(file));
        } catch (IOException e) {
            return "";      // that it can't be read is among the faults
        }
    }

    private boolean isMapping(Yaml yaml) {
        if (!yaml.isMap()) {
            yaml.fault("is not a mapping file", "begin with `shopify: <entity>` and `crm: <object>`");
            return false;
        }
        if (!yaml.entries().containsKey("shopify")) {
            yaml.fault("the key shopify is missing", "begin with `shopify: <entity>`, as in `shopify: customer`");
            return false;
        }
        return true;
    }

    private void mappingOf(Path tests) {
        String name = tests.getFileName().toString().replace(".test.yaml", ".yaml");
        if (!Files.exists(tests.resolveSibling(name))) {
            faults.add(new Fault(root.relativize(tests).toString().replace('\\', '/'), 0, "", "tests a mapping that"
                    + " does not exist",
                    "write " + name + " beside it, or delete it"));
        }
    }

    /** The CRM's own description of its objects and fields, which crm.yaml points to. */
    private static boolean isDescription(Yaml yaml) {
        return yaml.isMap() && yaml.entries().containsKey("objects") && !yaml.entries().containsKey("shopify");
    }

    private static Optional<String> text(Yaml yaml, String key) {
        return Optional.ofNullable(yaml.entries().get(key)).flatMap(Yaml::text);
    }

    private List<Path> folders() {
        try (Stream<Path> paths = Files.list(root)) {
            return paths.filter(Files::isDirectory)
                    .filter(path -> !NOT_CRMS.contains(path.getFileName().toString())).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> list(Path folder, String ending) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> path.getFileName().toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String baseName(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }
}
