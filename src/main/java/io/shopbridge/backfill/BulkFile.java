package io.shopbridge.backfill;

import io.shopbridge.store.SecureAddress;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** The file of a bulk operation, line by line. It lies at a signed address of Google's, to which no token is sent. */
final class BulkFile implements AutoCloseable {

    /** Far more than any object of a file has; a line is held in memory. */
    private static final int LONGEST_LINE = 32 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(8192);

    private BulkFile(InputStream in) {
        this.in = in;
    }

    /**
     * @throws Gone        where the address is no longer valid
     * @throws IOException where nobody answers, or something else than a file
     */
    static BulkFile open(String url) throws IOException, InterruptedException {
        String fault = SecureAddress.fault(url).orElse(null);
        if (fault != null) {
            throw new IOException("The address of the file " + fault);
        }
        HttpResponse<InputStream> answer = CLIENT.send(HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build(),
                BodyHandlers.ofInputStream());
        if (answer.statusCode() == 200) {
            return new BulkFile(new BufferedInputStream(answer.body(), 1 << 16));
        }
        answer.body().close();
        if (answer.statusCode() >= 400 && answer.statusCode() < 500 && answer.statusCode() != 429) {
            throw new Gone("The address of the file is no longer valid; it was answered " + answer.statusCode());
        }
        throw new IOException("The server of the file answered " + answer.statusCode());
    }

    /** The next line without its end; null after the last. */
    byte[] next() throws IOException {
        line.reset();
        int read = in.read();
        if (read < 0) {
            return null;
        }
        while (read >= 0 && read != '\n') {
            if (line.size() == LONGEST_LINE) {
                throw new IOException("A line of the file has more than " + LONGEST_LINE + " bytes");
            }
            line.write(read);
            read = in.read();
        }
        return line.toByteArray();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The file is not there any more: it must be exported again. */
    static final class Gone extends IOException {
        private static final long serialVersionUID = 1;

        Gone(String message) {
            super(message);
        }
    }
}
