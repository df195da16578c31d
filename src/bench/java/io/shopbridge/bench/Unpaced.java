package io.shopbridge.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The mappings without the pace of one CRM: what Shopbridge could do if the CRM allowed any number of calls, and if
 * changes did not gather before they are sent.
 */
final class Unpaced {

    private static final Pattern REQUESTS = Pattern.compile("\\brequests: [0-9]+");
    /** What slows calls down, or learns from the CRM how many it allows. */
    private static final Pattern PACE = Pattern.compile("(?m)^  (gather|allowed-header): .*\\R");

    private Unpaced() {
    }

    /** Copies them into this directory, which is new, and returns it. */
    static Path copy(Path mappings, String crm, Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(mappings)) {
            files.forEach(file -> copy(file, directory.resolve(mappings.relativize(file))));
        }
        Path file = directory.resolve(crm).resolve("crm.yaml");
        String yaml = Files.readString(file);
        Files.writeString(file, PACE.matcher(REQUESTS.matcher(yaml).replaceAll("requests: 100000")).replaceAll(""));
        return directory;
    }

    private static void copy(Path file, Path to) {
        try {
            Files.copy(file, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
