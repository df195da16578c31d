package io.shopbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/** The processes of the PostgreSQL server that has this data directory. */
record PostgresProcesses(Path data) {

    /** In MB, each process with its share of what they share (Pss of proc(5)). */
    long megabytes() {
        return all().mapToLong(one -> Child.kilobytes(one.pid(), "smaps_rollup", "Pss:")).sum() / 1024;
    }

    /** The processor time of those that live now, without autovacuum, which comes when it likes. */
    Duration cpu() {
        return all().filter(one -> !commandLine(one).contains("autovacuum"))
                .map(one -> one.info().totalCpuDuration().orElse(Duration.ZERO)).reduce(Duration.ZERO, Duration::plus);
    }

    Optional<ProcessHandle> postmaster() {
        try {
            return ProcessHandle.of(Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).trim()));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private Stream<ProcessHandle> all() {
        return postmaster().stream().flatMap(one -> Stream.concat(Stream.of(one), one.descendants()));
    }

    /** PostgreSQL writes what a process is about in the place of its command line. */
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return "";
        }
    }
}
