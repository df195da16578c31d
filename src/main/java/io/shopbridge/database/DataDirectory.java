package io.shopbridge.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * A data directory that only this process uses while it is open. The lock is the operating system's, so it ends with a
 * killed process.
 */
final class DataDirectory implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

    private final Path path;
    private final FileChannel lock;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Takes the directory over and makes it fit to start a server on.
     *
     * @param major the major version of the server that will be started
     * @throws DatabaseUnusable if another process holds it, or another major version wrote it
     */
    static DataDirectory open(Path path, int major) throws IOException, InterruptedException {
        Files.createDirectories(path.getParent());
        DataDirectory directory = new DataDirectory(path, lock(path));
        try {
            directory.stopOrphan();
            directory.dropUnfinished();
            directory.checkVersion(major);
            directory.beginLog();
            return directory;
        } catch (IOException | InterruptedException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    static Path beside(Path path, String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    private static FileChannel lock(Path path) throws IOException {
        Path file = beside(path, ".lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock held = channel.tryLock();
            if (held != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: the same answer as for any other.
        }
        channel.close();
        throw new DatabaseUnusable("Another running Shopbridge uses the embedded database in " + path
                + " (it holds " + file.getFileName() + ").",
                "Stop the other one, or set another directory for this one in"
                        + " shopbridge.embedded-postgres.data-dir. Two instances that share their work need an external"
                        + " PostgreSQL: set SPRING_DATASOURCE_URL for both.");
    }

    /** A killed Shopbridge leaves its server running. We have the lock, so no other process uses it. */
    private void stopOrphan() throws IOException, InterruptedException {
        Optional<Postmaster> orphan = Postmaster.of(path);
        if (orphan.isPresent()) {
            log.info("Stopping the PostgreSQL (pid {}) that a killed Shopbridge left running on {}",
                    orphan.get().process().pid(), path);
            orphan.get().stop();
        } else if (Postmaster.pidIn(path).flatMap(ProcessHandle::of).filter(ProcessHandle::isAlive).isPresent()) {
            // PostgreSQL would refuse to start because the pid lives. A file whose pid is dead it clears up itself,
            // after it has checked that no backend of the old server lives on.
            log.info("Removing {}: its pid belongs to another program now", Postmaster.pidFile(path));
            Files.delete(Postmaster.pidFile(path));
        }
    }

    /** What a process killed in the middle of initdb left behind never held any data. */
    private void dropUnfinished() throws IOException {
        if (Files.exists(unfinished())) {
            FileSystemUtils.deleteRecursively(path);
        } else if (Files.notExists(path.resolve("PG_VERSION"))) {
            if (Files.isDirectory(path) && !isEmpty()) {
                throw new DatabaseUnusable(path + " contains files, but not a PostgreSQL database.",
                        "Name an empty or a new directory in shopbridge.embedded-postgres.data-dir.");
            }
            Files.writeString(unfinished(), "initdb has not finished in this directory\n");
        }
    }

    private boolean isEmpty() throws IOException {
        try (var files = Files.list(path)) {
            return files.findAny().isEmpty();
        }
    }

    private void checkVersion(int major) throws IOException {
        Path file = path.resolve("PG_VERSION");
        if (Files.notExists(file)) {
            return;
        }
        String written = Files.readString(file).strip();
        if (!written.equals(Integer.toString(major))) {
            throw new DatabaseUnusable("The data in " + path + " was written by PostgreSQL " + written
                    + ", but this Shopbridge contains PostgreSQL " + major + ", which can't read it.",
                    "To keep the data: start a PostgreSQL " + written + " on the directory, pg_dump its database"
                            + " \"postgres\" (if it asks for a password: " + Roles.file(path).getFileName()
                            + " there is the password file), restore the dump into a newer PostgreSQL and set"
                            + " SPRING_DATASOURCE_URL to that. To start from empty: move the directory away and start"
                            + " again. A backfill brings Shopify's records back, but links, the ledger and undelivered"
                            + " changes are lost.");
        }
    }

    /** One log for each run; the one before it is kept, to see how that run ended. */
    void beginLog() throws IOException {
        if (Files.exists(log())) {
            Files.move(log(), beside(path, ".log.old"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** From here on the directory holds data that must be kept. */
    void ready() throws IOException {
        Files.deleteIfExists(unfinished());
    }

    private Path unfinished() {
        return beside(path, ".unfinished");
    }

    Path path() {
        return path;
    }

    Path log() {
        return beside(path, ".log");
    }

    /** The last lines of the server's log: empty while there is none. */
    List<String> lastWords() {
        try {
            List<String> lines = Files.readAllLines(log());
            return lines.subList(Math.max(0, lines.size() - 8), lines.size());
        } catch (IOException e) {
            return List.of();
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
