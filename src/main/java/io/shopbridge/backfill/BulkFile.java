package io.shopbridge.backfill;

import io.shopbridge.store.SecureAddress;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The file of a bulk operation, line by line. It lies at a signed address of Google's, to which no token is sent. */
final class BulkFile implements AutoCloseable {

    /** Far more than any object of a file has; a line is held in memory. */
    private static final int LONGEST_LINE = 32 << 20;
    private static final int MILLIS_TO_CONNECT = 10_000;
    /** Also between two parts of the file, unlike the timeout of the newer HTTP client. */
    private static final int MILLIS_TO_READ = 60_000;

    private static final int TOO_MANY = 429;
    /** Storage that keeps a file compressed may send it so, although nobody asks for it. */
    private static final String GZIP = "gzip";
    private static final long UNKNOWN = -1;

    private final InputStream in;
    private final byte[] read = new byte[1 << 16];
    private int at;
    private int end;
    private long missing;

    /** @param length of the file in bytes; negative: not known, or the stream itself notices where it is cut */
    private BulkFile(InputStream in, long length) {
        this.in = in;
        this.missing = length;
    }

    /**
     * @throws Unusable    where the address is no longer valid
     * @throws IOException where nobody answers, or something else than a file
     */
    static BulkFile open(String url) throws IOException {
        String fault = SecureAddress.fault(url).orElse(null);
        if (fault != null) {
            throw new IOException("The address of the file " + fault);
        }
        HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setConnectTimeout(MILLIS_TO_CONNECT);
        connection.setReadTimeout(MILLIS_TO_READ);
        connection.setInstanceFollowRedirects(false);
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_OK) {
            InputStream in = connection.getInputStream();
            return GZIP.equalsIgnoreCase(connection.getContentEncoding())
                    ? new BulkFile(unzipped(in), UNKNOWN) : new BulkFile(in, connection.getContentLengthLong());
        }
        connection.disconnect();
        if (status >= 400 && status < 500 && status != TOO_MANY) {
            throw new Unusable("The address of the file is no longer valid; it was answered " + status);
        }
        throw new IOException("The server of the file answered " + status);
    }

    private static InputStream unzipped(InputStream in) throws IOException {
        try {
            return new GZIPInputStream(in);
        } catch (ZipException e) {
            throw notZipped(e);
        }
    }

    private static Unusable notZipped(ZipException e) {
        return new Unusable("The file can't be unzipped: " + e.getMessage());
    }

    /**
     * The next line without its end; null after the last.
     *
     * @throws Unusable where it is longer than any object can be, or can't be unzipped
     */
    byte[] next() throws IOException {
        ByteArrayOutputStream line = null;
        while (at < end || fill()) {
            int from = at;
            while (at < end && read[at] != '\n') {
                at++;
            }
            boolean whole = at < end;
            if (line == null && whole) {
                return Arrays.copyOfRange(read, from, at++);
            }
            line = line == null ? new ByteArrayOutputStream(read.length) : line;
            line.write(read, from, at - from);
            if (line.size() > LONGEST_LINE) {
                throw new Unusable("A line of the file has more than " + LONGEST_LINE + " bytes");
            }
            if (whole) {
                at++;
                return line.toByteArray();
            }
        }
        return line == null ? null : line.toByteArray();
    }

    private boolean fill() throws IOException {
        at = 0;
        try {
            end = Math.max(0, in.read(read));
        } catch (ZipException e) {
            throw notZipped(e);
        }
        if (missing > 0) {
            missing -= end;
            // Java takes the end of a connection for the end of the file.
            if (end == 0) {
                throw new EOFException("it was cut " + missing + " bytes before its end");
            }
        }
        return end > 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The file is not there any more, or never was of use: it must be exported again. */
    static final class Unusable extends IOException {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }
}
