package io.shopbridge.yaml;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * One fault in a YAML file, written for the person who edits it.
 *
 * @param file path relative to the mappings folder
 * @param line 1-based, 0 where the whole file is meant
 * @param key dotted path of the key, empty where the whole file is meant
 * @param wrong what is wrong
 * @param right what is right
 * @param untested nothing wrong would be sent, only a test is missing: a start says so and goes on
 */
public record Fault(String file, int line, String key, String wrong, String right, @JsonIgnore boolean untested) {

    public Fault(String file, int line, String key, String wrong, String right) {
        this(file, line, key, wrong, right, false);
    }

    /** Those that a start or a reload is refused for. */
    public static List<Fault> harmful(List<Fault> faults) {
        return faults.stream().filter(fault -> !fault.untested).toList();
    }

    /** The same, its file named from another folder. */
    public Fault under(String folder) {
        return new Fault(folder + "/" + file, line, key, wrong, right, untested);
    }

    @Override
    public String toString() {
        String place = line > 0 ? file + ":" + line : file;
        return (key.isEmpty() ? place : place + " " + key) + ": " + wrong + "; " + right;
    }
}
