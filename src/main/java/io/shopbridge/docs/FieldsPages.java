package io.shopbridge.docs;

import io.shopbridge.map.Mappings;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The page {@code FIELDS.md} of every CRM folder. */
public final class FieldsPages {

    private static final String PAGE = "FIELDS.md";

    private FieldsPages() {
    }

    /**
     * Makes the pages.
     *
     * @param routes the routes folder, whose error policies say how short retries go; may be missing
     * @return text by file, in the order of the folders' names
     * @throws InvalidMappings with everything that is wrong in the mappings
     */
    public static Map<Path, String> of(Path mappingsDir, Path routes) throws InvalidMappings {
        List<Fault> faults = new ArrayList<>();
        Mappings mappings = Mappings.load(mappingsDir);
        Map<Path, String> pages = new TreeMap<>();
        for (Path folder : folders(mappingsDir)) {
            Yaml.read(mappingsDir, folder.resolve("crm.yaml"), faults).filter(Yaml::isMap).ifPresent(crm ->
                    pages.put(folder.resolve(PAGE), new FieldsPage(mappingsDir, crm.json(),
                            mappings.of(folder.getFileName().toString()), retries(routes)).text()));
        }
        if (!faults.isEmpty()) {
            throw new InvalidMappings(faults);
        }
        return pages;
    }

    /** The pages that the folders have otherwise than they should, or not at all. */
    public static List<Path> stale(Map<Path, String> pages) {
        return pages.entrySet().stream().filter(page -> !page.getValue().equals(read(page.getKey())))
                .map(Map.Entry::getKey).toList();
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> folders(Path root) {
        try (Stream<Path> paths = Files.list(root)) {
            return paths.filter(folder -> Files.exists(folder.resolve("crm.yaml"))).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The redelivery policy for a CRM that doesn't answer. */
    private static Optional<Yaml> retries(Path routes) {
        return Optional.of(routes.resolve("errors.camel.yaml")).filter(Files::exists)
                .flatMap(file -> Yaml.read(routes, file, new ArrayList<>()))
                .flatMap(file -> file.items().stream()
                        .map(item -> at(item, "routeConfiguration")).flatMap(Optional::stream)
                        .map(policy -> at(policy, "onException")).flatMap(Optional::stream)
                        .flatMap(list -> list.items().stream())
                        .map(item -> at(item, "onException")).flatMap(Optional::stream)
                        .map(one -> at(one, "redeliveryPolicy")).flatMap(Optional::stream).findFirst());
    }

    private static Optional<Yaml> at(Yaml yaml, String key) {
        return yaml.isMap() ? Optional.ofNullable(yaml.entries().get(key)) : Optional.empty();
    }
}
