package io.shopbridge.yaml;

import io.shopbridge.start.StartRefused;
import java.util.List;
import java.util.stream.Collectors;

/** All faults of a mappings folder; the message has one line for each. */
public final class InvalidMappings extends StartRefused {

    private final transient List<Fault> faults;

    public InvalidMappings(List<Fault> faults) {
        super(faults.stream().map(Fault::toString).collect(Collectors.joining("\n")), "Correct the files and start again.");
        this.faults = List.copyOf(faults);
    }

    /**
     * Refuses files that would do harm.
     *
     * @throws InvalidMappings with those of the faults that are more than a missing test
     */
    public static void refuse(List<Fault> faults) throws InvalidMappings {
        List<Fault> harmful = Fault.harmful(faults);
        if (!harmful.isEmpty()) {
            throw new InvalidMappings(harmful);
        }
    }

    public List<Fault> faults() {
        return faults;
    }
}
