package io.shopbridge.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import io.shopbridge.audit.Audit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
                Duration.ofDays(30)), mock(Audit.class)).write();
        LocalDate today = LocalDate.now();
        assertThat(folder.resolve("customers-" + today + ".csv")).hasContent("rows");
        assertThat(folder.resolve("orders-" + today + ".csv")).doesNotExist();
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(
                    "customers-" + today + ".csv", "orders-" + today + ".csv.part", "mine-2020.csv", "notes.txt");
        }
    }

    @Test
    void withoutAFolderNothingIsWritten() {
        Exports exports = mock(Exports.class);
        new ScheduledExports(exports, new ExportSettings(null, List.of("customers"), ExportRequest.Format.CSV,
                Duration.ofDays(30)), mock(Audit.class)).write();
        org.mockito.Mockito.verifyNoInteractions(exports);
    }
}
