package io.shopbridge.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/** One request that is not as it should be, written to a socket byte for byte. Seed and number give the same one again. */
final class BrokenRequest {

    /** The server closed the connection, or waits for more. */
    static final int NO_ANSWER = 0;
    private static final int PATIENCE_MS = 5000;
    private static final Pattern PAGE = Pattern.compile("HTTP Status (\\d{3})");
    private static final List<String> METHODS = List.of("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH",
            "CONNECT", "post", "P\u0080ST", "", "POST POST", "X".repeat(9000));
    private static final List<String> PATHS = List.of("/webhooks/shopify/nobody", "/webhooks/shopify/", "/webhooks/shopify",
            "/webhooks/shopify/main/x", "/webhooks/shopify/main/../../actuator/env", "/webhooks/shopify/%2e%2e/main",
            "/webhooks/shopify/main%2f..", "/webhooks/shopify/main;a=b", "/webhooks/shopify//main", "/webhooks/shopify/%00",
            "/webhooks/shopify/main?%00", "/webhooks/shopify/main?a=%zz&&=", "/webhooks/shopify/\\main", "*", "",
            "http://127.0.0.1/webhooks/shopify/main", "/webhooks/shopify/%ff%fe", "/webhooks/shopify/${jndi:x}",
            "/webhooks/shopify/{{env:PATH}}", "/webhooks/shopify/" + "a".repeat(7000),
            "/webhooks/shopify/main?X-Shopify-Hmac-Sha256=AAAA", "/actuator/health/%00", "/api/v1/status?%00=", "/%");
    private static final List<String> HEADERS = List.of("X-Shopify-Event-Id: \u009b", "X-Shopify-Topic: \u0080\u009f",
            "X-Shopify-Topic:", "X-Shopify-Webhook-Id: " + "w".repeat(5000), "X-Shopify-Triggered-At: +999999999-01-01",
            "X-Shopify-Hmac-Sha256: \u00ff\u00fe", "X-Shopify-Hmac-Sha256: =", ": empty", "No colon", "A\u0000B: c",
            " folded: x", "Cookie: " + "c".repeat(12_000), "Host: a\r\nHost: b", "Expect: 100-continue", "Expect: x",
            "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: \u000bchunked",
            "Connection: upgrade\r\nUpgrade: h2c", "Accept-Encoding: *;q=x", "X-Forwarded-For: \u0080",
            "X-Forwarded-Proto: x\r\nX-Forwarded-Host: a b", "Forwarded: for=\"", "Origin: null", "Range: bytes=-1-");
    private static final List<String> TYPES = List.of("application/json", "application/x-www-form-urlencoded",
            "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x",
            "application/x-java-serialized-object", "text/xml", "", "application/json; charset=none", "\u0080/\u0081",
            "application/" + "x".repeat(3000));
    private static final List<String> LENGTHS = List.of("-1", "99999999999999999999", "6291456", "1e3", "5, 5", "0x10",
            "+5", "", "1000", "2147483648");

    private final Random random;
    private final String name;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean hangUp;

    BrokenRequest(long seed, int number) {
        this.random = new Random(seed * 7_000_003 + number);
        this.name = "request " + number;
        build();
    }

    /** Sends it and gives the status of the answer, or {@link #NO_ANSWER}. */
    int send(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), PATIENCE_MS);
            socket.setSoTimeout(PATIENCE_MS);
            if (hangUp) {
                // With a reset instead of an end
                socket.setSoLinger(true, 0);
            }
            socket.getOutputStream().write(bytes.toByteArray());
            socket.getOutputStream().flush();
            return hangUp ? NO_ANSWER : status(socket.getInputStream());
        } catch (SocketTimeoutException e) {
            return NO_ANSWER;
        } catch (IOException e) {
            if (e.getMessage() != null && e.getMessage().contains("refused")) {
                throw e;
            }
            // Closed or reset while we still wrote: it was cut off.
            return NO_ANSWER;
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private static int status(InputStream answer) throws IOException {
        String line = new String(answer.readNBytes("HTTP/1.1 200".length()), StandardCharsets.ISO_8859_1);
        if (line.length() < 12) {
            return NO_ANSWER;
        }
        if (line.startsWith("HTTP/")) {
            return Integer.parseInt(line.substring(9));
        }
        // A request without a version is one of HTTP/0.9, whose answer is a page alone.
        Matcher page = PAGE.matcher(line + new String(answer.readAllBytes(), StandardCharsets.ISO_8859_1));
        return page.find() ? Integer.parseInt(page.group(1)) : NO_ANSWER;
    }

    private void build() {
        byte[] body = body();
        String method = random.nextInt(6) == 0 ? pick(METHODS) : "POST";
        String path = random.nextInt(3) == 0 ? pick(PATHS) : "/webhooks/shopify/" + (random.nextBoolean() ? "main" : "no");
        String version = random.nextInt(25) == 0 ? pick(List.of("HTTP/1.0", "HTTP/9.9", "HTTP/1.1 x", "", "ICY")) : "HTTP/1.1";
        line(method + " " + path + " " + version);
        if (random.nextInt(20) > 0) {
            line("Host: 127.0.0.1");
        }
        line("Content-Type: " + pick(TYPES));
        for (int i = random.nextInt(4); i > 0; i--) {
            line(pick(HEADERS));
        }
        if (random.nextInt(4) == 0) {
            line("Content-Encoding: " + pick(List.of("gzip", "deflate", "br", "gzip, gzip", "x", "identity")));
        }
        boolean chunked = random.nextInt(4) == 0;
        if (chunked) {
            line("Transfer-Encoding: chunked");
        }
        if (!chunked || random.nextInt(4) == 0) {
            line("Content-Length: " + (random.nextInt(3) == 0 ? pick(LENGTHS) : Integer.toString(body.length)));
        }
        line("Connection: close");
        line("");
        if (chunked) {
            line(random.nextInt(3) == 0 ? pick(List.of("zz", "-1", "FFFFFFFFFFFFFFFF", "5;x=\"", ""))
                    : Integer.toHexString(body.length));
        }
        bytes.writeBytes(body);
        if (chunked && random.nextBoolean()) {
            line("");
            line("0");
            line("");
        }
        hangUp = random.nextInt(8) == 0;
        if (random.nextInt(12) == 0) {
            byte[] whole = bytes.toByteArray();
            bytes.reset();
            bytes.write(whole, 0, random.nextInt(whole.length));
        }
    }

    private byte[] body() {
        String json = "{\"id\": 1, \"first_name\": \"" + Mutation.PERSON + "\", \"email\": \"a@" + Mutation.MAIL_DOMAIN
                + "\"}";
        return switch (random.nextInt(6)) {
            case 0 -> new byte[0];
            case 1 -> zipped(json.repeat(1 + random.nextInt(20_000)).getBytes(StandardCharsets.UTF_8));
            case 2 -> ("--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n" + json)
                    .getBytes(StandardCharsets.UTF_8);
            case 3 -> ("a=%zz&" + json + "=&%00\nERROR forged").getBytes(StandardCharsets.UTF_8);
            case 4 -> {
                byte[] noise = new byte[random.nextInt(2000)];
                random.nextBytes(noise);
                yield noise;
            }
            default -> json.getBytes(StandardCharsets.UTF_8);
        };
    }

    private static byte[] zipped(byte[] plain) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return zipped.toByteArray();
    }

    private void line(String text) {
        bytes.writeBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private String pick(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }
}
