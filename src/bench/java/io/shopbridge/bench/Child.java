package io.shopbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that this one started, with its output in a file. Only such processes are ever ended. */
final class Child implements AutoCloseable {

    private final Process process;
    private final Path log;

    private Child(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static Child start(Path directory, Path log, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        return new Child(process, log);
    }

    static String java() {
        return ProcessHandle.current().info().command().orElse("java");
    }

    boolean alive() {
        return process.isAlive();
    }

    Path log() {
        return log;
    }

    /** The most memory that the process has had resident so far, in MB (VmHWM of proc(5)). */
    long peakMegabytes() {
        return kilobytes(process.pid(), "status", "VmHWM:") / 1024;
    }

    /** The memory that it has now, in MB, with its share of what it shares with others (Pss of proc(5)). */
    long megabytes() {
        return kilobytes(process.pid(), "smaps_rollup", "Pss:") / 1024;
    }

    /** The processor time of its threads. */
    ThreadTimes threads() {
        return ThreadTimes.of(process.pid());
    }

    static long kilobytes(long pid, String file, String key) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), file))) {
            return lines.filter(line -> line.startsWith(key))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElse(0);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    /** Asks it to end; insists after a while. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
