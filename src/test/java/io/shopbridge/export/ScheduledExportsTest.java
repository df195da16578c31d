package io.shopbridge.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.audit.Audit;
import io.shopbridge.store.RecordKey;
import io.shopbridge.yaml.Fault;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.transaction.PlatformTransactionManager;

class ScheduledExportsTest {

    @TempDir
    private Path folder;

    @Test
    void aFileIsThereWhenItIsWholeAndOldOnesOfOursGo() throws IOException {
        Exports exports = mock(Exports.class);
        doAnswer(call -> {
            ExportRequest request = call.getArgument(0);
            OutputStream out = call.getArgument(1);
            out.write("rows".getBytes(StandardCharsets.UTF_8));
            if (request.what().equals("orders")) {
                throw new IOException("the disk is full");
            }
            return 1L;
        }).when(exports).write(any(), any());
        for (String before : List.of("customers-2020-01-31.csv", "orders-2020-01-31.jsonl.part", "mine-2020.csv", "notes.txt")) {
            Files.writeString(folder.resolve(before), "x");
        }
        new ScheduledExports(exports, new ExportSettings(folder, List.of("customers", "orders"), ExportRequest.Format.CSV,
                Duration.ofDays(30), Duration.ofHours(1)), mock(Audit.class), mock(PlatformTransactionManager.class))
                .write();
        LocalDate today = LocalDate.now();
        assertThat(folder.resolve("customers-" + today + ".csv")).hasContent("rows");
        assertThat(folder.resolve("orders-" + today + ".csv")).doesNotExist();
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(
                    "customers-" + today + ".csv", "orders-" + today + ".csv.part", "mine-2020.csv", "notes.txt");
        }
    }

    /** Such as mappings that somebody edits just then, or a database that is not there for a moment. */
    @Test
    void whateverFailsOnlyThatExportIsMissingAndOldFilesGo() throws IOException {
        Exports exports = mock(Exports.class);
        doAnswer(call -> {
            ExportRequest request = call.getArgument(0);
            if (request.what().equals("customers")) {
                throw new QueryTimeoutException("the database is busy");
            }
            return 1L;
        }).when(exports).write(any(), any());
        Files.writeString(folder.resolve("orders-2020-01-31.csv"), "x");
        Files.writeString(folder.resolve("orders-2020-99-99.csv"), "of no day");
        ExportSettings settings = new ExportSettings(folder, List.of("customers", "orders"), ExportRequest.Format.CSV,
                Duration.ofDays(30), Duration.ofHours(1));
        ScheduledExports scheduled = new ScheduledExports(exports, settings, mock(Audit.class), mock(PlatformTransactionManager.class));
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new ExportMetrics(scheduled, settings).bindTo(meters);

        scheduled.write();
        Path written = folder.resolve("orders-" + LocalDate.now() + ".csv");
        assertThat(written).exists();
        assertThat(folder.resolve("orders-2020-01-31.csv")).doesNotExist();
        assertThat(age(meters, "orders")).isBetween(0.0, 60.0);
        assertThat(age(meters, "customers")).as("what is not whole does not count").isNaN();
        Files.setLastModifiedTime(written, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        assertThat(age(meters, "orders")).isGreaterThan(170_000);
    }

    private static double age(SimpleMeterRegistry meters, String export) {
        return meters.get("shopbridge.export.age").tag("export", export).gauge().value();
    }

    /** Its old files would not be known as ours, and stay. */
    @Test
    void anExportHasAPlainName() throws IOException {
        Files.createDirectories(folder.resolve("exports"));
        Files.createDirectories(folder.resolve("samples"));
        Files.writeString(folder.resolve("samples/order.json"), "{}");
        Files.writeString(folder.resolve("exports/Big.orders.yaml"), "entity: order\ncolumns:\n  id: .id\n");
        List<Fault> faults = new ArrayList<>();
        ExportFiles.read(folder, faults);
        assertThat(faults).singleElement().satisfies(fault ->
                assertThat(fault.toString()).contains("no name of an export"));
    }

    /** A wrong expression fails for every row of every record: one line says it. */
    @Test
    void aFailingExpressionIsLoggedOnce() {
        Logger logger = (Logger) LoggerFactory.getLogger(Exports.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        Exports.Failures failures = new Exports.Failures(new Export("orders", "order", null, Map.of()));
        for (int i = 1; i <= 1000; i++) {
            failures.add("column email", new RecordKey("main", "order", "" + i));
        }
        failures.log();
        logger.detachAppender(lines);
        assertThat(lines.list).singleElement().satisfies(line -> assertThat(line.getFormattedMessage())
                .contains("column email", "1000 times", "order/1,", "mappings/exports/orders.yaml"));
    }

    @Test
    void withoutAFolderNothingIsWritten() {
        Exports exports = mock(Exports.class);
        new ScheduledExports(exports, new ExportSettings(null, List.of("customers"), ExportRequest.Format.CSV,
                Duration.ofDays(30), Duration.ofHours(1)), mock(Audit.class), mock(PlatformTransactionManager.class))
                .write();
        org.mockito.Mockito.verifyNoInteractions(exports);
    }
}
