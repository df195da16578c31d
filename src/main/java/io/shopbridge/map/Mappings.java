package io.shopbridge.map;

import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** All mapping files of a mappings folder, checked. */
public final class Mappings {

    private final List<Mapping> mappings;

    Mappings(List<Mapping> mappings) {
        this.mappings = List.copyOf(mappings);
    }

    /**
     * Reads every {@code <folder>/<name>.yaml} that begins with {@code shopify:}; other files, such as
     * {@code crm.yaml}, and the folders {@code samples}, {@code tables} and {@code shopify} are someone else's.
     *
     * @throws InvalidMappings with everything that is wrong in any of them
     */
    public static Mappings load(Path mappingsDir) throws InvalidMappings {
        return load(mappingsDir, folder -> true);
    }

    /** As {@link #load(Path)}, but of these CRM folders alone. */
    public static Mappings load(Path mappingsDir, Predicate<String> folders) throws InvalidMappings {
        List<Fault> faults = new ArrayList<>();
        Mappings mappings = MappingFiles.read(mappingsDir, folders, faults);
        InvalidMappings.refuse(faults);
        return mappings;
    }

    /** The mapping of an entity for a CRM folder; of orders, that to an object of their own. */
    public Optional<Mapping> find(String folder, String entity) {
        return mappings.stream()
                .filter(mapping -> mapping.folder().equals(folder) && mapping.entity().equals(entity))
                .filter(mapping -> mapping.orders() == null || mapping.orders().equals(Mapping.ORDERS.get(0)))
                .findFirst();
    }

    /** All mappings of a CRM folder, in the order of their file names; of orders there may be one for each form. */
    public List<Mapping> of(String folder) {
        return mappings.stream().filter(mapping -> mapping.folder().equals(folder)).toList();
    }

    /** All mappings. */
    public List<Mapping> all() {
        return mappings;
    }

    /**
     * As {@link #load}, but what is wrong is added to the faults, and the mappings that are right are given.
     */
    public static Mappings read(Path mappingsDir, List<Fault> faults) {
        return read(mappingsDir, folder -> true, faults);
    }

    /** As {@link #read(Path, List)}, but of these CRM folders alone. */
    public static Mappings read(Path mappingsDir, Predicate<String> folders, List<Fault> faults) {
        return MappingFiles.read(mappingsDir, folders, faults);
    }
}
