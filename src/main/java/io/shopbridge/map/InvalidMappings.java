package io.shopbridge.map;

import java.util.List;
import java.util.stream.Collectors;

/** Everything that is wrong in a mappings folder, all at once; its message has one line for each fault. */
public final class InvalidMappings extends RuntimeException {

    private final transient List<Fault> faults;

    public InvalidMappings(List<Fault> faults) {
        super(faults.stream().map(Fault::toString).collect(Collectors.joining("\n")));
        this.faults = List.copyOf(faults);
    }

    public List<Fault> faults() {
        return faults;
    }
}
