package io.shopbridge.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import io.zonky.test.db.postgres.util.LinuxUtils;

/**
 * The server process that works on a data directory, proven to be that and not another program which got its pid.
 * The layout of {@code postmaster.pid} is in
 * <a href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/utils/pidfile.h">pidfile.h</a>.
 *
 * @param process the running server
 * @param dataDir its data directory
 */
record Postmaster(ProcessHandle process, Path dataDir) {

    /** The server that runs on this directory; empty where none does, whatever postmaster.pid says. */
    static Optional<Postmaster> of(Path dataDir) {
        return pidIn(dataDir).flatMap(ProcessHandle::of)
                .filter(ProcessHandle::isAlive)
                .filter(process -> worksOn(process, dataDir))
                .map(process -> new Postmaster(process, dataDir));
    }

    static Path pidFile(Path dataDir) {
        return dataDir.resolve("postmaster.pid");
    }

    static Optional<Long> pidIn(Path dataDir) {
        try {
            return Files.readAllLines(pidFile(dataDir)).stream().findFirst().map(String::strip).map(Long::valueOf);
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static boolean worksOn(ProcessHandle process, Path dataDir) {
        String program = process.info().command().map(command -> Path.of(command).getFileName().toString()).orElse("");
        if (!program.equals("postgres") && !program.equals("postgres.exe")) {
            return false;
        }
        Path workingDirectory = Path.of("/proc", Long.toString(process.pid()), "cwd");
        try {
            // A postmaster's working directory is its data directory.
            return Files.isSameFile(workingDirectory.toRealPath(), dataDir);
        } catch (IOException e) {
            // No /proc here: its command line names the directory.
            return process.info().commandLine().orElse("").contains(dataDir.toString());
        }
    }

    /** Ends the server in order, dropping its connections, and waits for up to a minute. */
    void stop() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (LinuxUtils.isUnshareAvailable()) {
            command.addAll(List.of("unshare", "-U"));   // pg_ctl refuses to run as root
        }
        String postgres = process.info().command().orElseThrow();
        command.add(Path.of(postgres).resolveSibling(postgres.endsWith(".exe") ? "pg_ctl.exe" : "pg_ctl").toString());
        command.addAll(List.of("stop", "-D", dataDir.toString(), "-m", "fast", "-w", "-t", "60"));
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor(70, TimeUnit.SECONDS);
        if (of(dataDir).isPresent()) {
            throw new IOException("PostgreSQL (pid " + process.pid() + ") on " + dataDir + " does not stop");
        }
    }
}
