package io.shopbridge.export;

import io.shopbridge.audit.Audit;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Writes exports to a folder, a file for each with the day in its name. All files of a day are of one moment, so that an
 * order's customer and lines are in theirs: one transaction reads what was committed when it began. As long as it lasts,
 * PostgreSQL keeps older versions of rows. A file is there under its name only when it is whole. Files of before are
 * deleted after their time.
 */
@Component("scheduledExports")
public class ScheduledExports {

    private static final Logger LOG = LoggerFactory.getLogger(ScheduledExports.class);
    private static final String PART = ".part";
    private static final Pattern FILE = Pattern.compile("(" + ExportFiles.NAME
            + ")-(\\d{4}-\\d\\d-\\d\\d)\\.(csv|jsonl)(\\.part)?");
    private static final int WHAT = 1;
    private static final int DAY = 2;
    private static final int IS_PART = 4;

    private final Exports exports;
    private final ExportSettings settings;
    private final Audit audit;
    private final TransactionTemplate snapshot;
    /** An export within the snapshot: what the database refuses of one does not end the snapshot of the others. */
    private final TransactionTemplate within;

    ScheduledExports(Exports exports, ExportSettings settings, Audit audit, PlatformTransactionManager transactions) {
        this.exports = exports;
        this.settings = settings;
        this.audit = audit;
        this.snapshot = new TransactionTemplate(transactions);
        this.snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.snapshot.setReadOnly(true);
        this.within = new TransactionTemplate(transactions);
        this.within.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
    }

    /** Does nothing where no folder is set. Old files go first, whatever then becomes of the new ones. */
    public void write() {
        if (settings.folder() != null) {
            LocalDate today = LocalDate.now(ZoneId.systemDefault());
            expire(today);
            List<String> written = new ArrayList<>();
            try {
                snapshot.executeWithoutResult(status ->
                        settings.what().forEach(what -> write(what, today).ifPresent(written::add)));
            } catch (RuntimeException e) {
                LOG.error("The exports to {} have ended early: {}. They are written again at the next scheduled time.",
                        settings.folder(), e.toString());
            }
            // The snapshot itself can write nothing.
            written.forEach(what -> audit.did("exported", what));
        }
    }

    private Optional<String> write(String what, LocalDate day) {
        ExportRequest request = new ExportRequest(what, settings.format(), null, null, null, null);
        Path file = settings.folder().resolve(what + "-" + day + "." + request.format().word());
        Path part = file.resolveSibling(file.getFileName() + PART);
        try {
            Files.createDirectories(settings.folder());
            Long rows = within.execute(status -> write(request, part));
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return Optional.of(rows + " rows of " + what + " to " + file);
        } catch (IOException | RuntimeException e) {
            // Whatever it is, such as mappings that somebody edits just now: the next export may be well.
            LOG.error("Export {} was not written to {}: {}. Correct that, or shopbridge.exports; it is tried again at the"
                    + " next scheduled time.", what, file, e.toString());
            return Optional.empty();
        }
    }

    private long write(ExportRequest request, Path part) {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
            return exports.write(request, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Only files that are named as ours. */
    private void expire(LocalDate today) {
        // Compared as texts: a name may have a day that no calendar has.
        String first = today.minusDays(settings.keep().toDays()).toString();
        try {
            Files.createDirectories(settings.folder());
            for (Path file : files(name -> name.group(DAY).compareTo(first) < 0)) {
                Files.delete(file);
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("Exports of before were not deleted from {}, which keeps personal data longer than"
                    + " shopbridge.exports.keep says: {}. Delete them by hand.", settings.folder(), e.toString());
        }
    }

    /** How long ago the last whole file of an export was written, by whichever instance; empty: there is none. */
    Optional<Duration> age(String what) throws IOException {
        List<Instant> written = new ArrayList<>();
        for (Path file : files(name -> name.group(WHAT).equals(what) && name.group(IS_PART) == null)) {
            written.add(Files.getLastModifiedTime(file).toInstant());
        }
        return written.stream().max(Comparator.naturalOrder()).map(at -> Duration.between(at, Instant.now()));
    }

    private List<Path> files(Predicate<Matcher> wanted) throws IOException {
        try (Stream<Path> files = Files.list(settings.folder())) {
            return files.filter(file -> {
                Matcher name = FILE.matcher(file.getFileName().toString());
                return name.matches() && wanted.test(name);
            }).toList();
        }
    }
}
