package io.shopbridge.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BulkFileTest {

    /** Lines that are longer than what is read at a time, end at its end, or follow without one. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 200_000})
    void aFileIsReadLineByLineHoweverLongTheyAre(int length) throws IOException {
        List<String> lines = List.of("a".repeat(length), "", "é" + "b".repeat(length), "c");
        assertThat(read(200, String.join("\n", lines))).isEqualTo(lines);
        assertThat(read(200, String.join("\n", lines) + "\n")).isEqualTo(lines);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 410})
    void aFileThatIsGoneMustBeExportedAgain(int status) {
        assertThatThrownBy(() -> read(status, "")).isInstanceOf(BulkFile.Unusable.class)
                .hasMessageContaining("answered " + status);
    }

    /** It would be taken for all there is, and Shopify asked for another export. */
    @Test
    void aFileThatIsCutAtTheEndOfALineIsNotWhole() {
        byte[] part = "{}\n{}\n".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> read(200, null, part, part.length + 3)).isInstanceOf(EOFException.class)
                .hasMessageContaining("cut 3 bytes before its end");
    }

    @Test
    void aCompressedFileIsRead() throws IOException {
        byte[] zipped = gzip("a\nb\n");
        assertThat(read(200, "gzip", zipped, zipped.length)).containsExactly("a", "b");
        byte[] part = Arrays.copyOf(zipped, zipped.length - 9);
        assertThatThrownBy(() -> read(200, "gzip", part, part.length)).isInstanceOf(EOFException.class);
        byte[] damaged = zipped.clone();
        damaged[damaged.length - 8]++;
        for (byte[] file : List.of(damaged, "a\nb\n".getBytes(StandardCharsets.UTF_8))) {
            assertThatThrownBy(() -> read(200, "gzip", file, file.length)).isInstanceOf(BulkFile.Unusable.class)
                    .hasMessageStartingWith("The file can't be unzipped: ");
        }
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static List<String> read(int status, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return read(status, null, bytes, bytes.length);
    }

    private static List<String> read(int status, String encoding, byte[] bytes, int length) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", call -> {
            try (call) {
                if (encoding != null) {
                    call.getResponseHeaders().set("Content-Encoding", encoding);
                }
                call.sendResponseHeaders(status, length == 0 ? -1 : length);
                call.getResponseBody().write(bytes);
            }
        });
        server.start();
        try (BulkFile file = BulkFile.open("http://127.0.0.1:" + server.getAddress().getPort() + "/file.jsonl")) {
            List<String> lines = new ArrayList<>();
            for (byte[] line = file.next(); line != null; line = file.next()) {
                lines.add(new String(line, StandardCharsets.UTF_8));
            }
            return lines;
        } finally {
            server.stop(0);
        }
    }
}
