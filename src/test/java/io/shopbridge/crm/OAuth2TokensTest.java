package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.shopbridge.store.ShopbridgeSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.test.util.TestSocketUtils;
import org.springframework.util.FileSystemUtils;

/** What token endpoints answer that give no token, each in its own words. */
class OAuth2TokensTest {

    @TempDir
    private static Path mappings;

    private final AtomicInteger calls = new AtomicInteger();
    private final OAuth2Tokens tokens = new OAuth2Tokens();
    private volatile int status;
    private volatile String type = "application/json";
    private volatile String body;
    private HttpServer server;

    /** Tidewater alone: the others' mappings take longer to read than all that is tested here. */
    @BeforeAll
    static void aFolder() throws IOException {
        for (String folder : List.of("samples", "tables")) {
            FileSystemUtils.copyRecursively(Path.of("mappings", folder), mappings.resolve(folder));
        }
        FileSystemUtils.copyRecursively(Path.of("src/test/resources/conformance/mappings"), mappings);
    }

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            calls.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.getResponseHeaders().set("Location", "http://localhost:1/login");
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "200 | {\"error\":\"unsupported_grant_type\"} | 200, unsupported_grant_type",
        "200 | {\"error\":\"invalid_client\",\"error_description\":\"no such app\"} | 200, invalid_client: no such app",
        "200 | {\"status\":\"error\",\"message\":\"wrong secret\"} | 200, wrong secret",
        "400 | {\"error\":\"invalid_client\",\"error_description\":\"no such app\"} | 400, invalid_client: no such app",
        "400 | {\"error\":\"unsupported_grant_type\"} | 400, unsupported_grant_type",
        "401 | {\"error\":\"invalid_client\"} | 401, invalid_client",
        "401 | {\"error\":{\"code\":\"E17\",\"message\":\"the app was removed\"}} | 401, E17: the app was removed",
        "403 | <html>Forbidden</html> | 403",
        "302 | `` | 302"})
    void aRefusalLocksUsOutInTheServersWordsAfterOneCall(int status, String body, String words) {
        answer(status, body);
        Crm crm = tidewater();
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> tokens.token(crm)).isInstanceOf(CrmLockedOut.class)
                    .hasMessage("Tidewater gave no access token; it answered " + words);
        }
        assertThat(calls).hasValue(1);
    }

    @Test
    void anHtmlPageIsNotAToken() {
        type = "text/html";
        answer(200, "<html>Log in</html>");
        assertThatThrownBy(() -> tokens.token(tidewater())).isInstanceOf(CrmLockedOut.class)
                .hasMessage("Tidewater gave no access token; its answer is not JSON");
        answer(200, "");
        assertThatThrownBy(() -> tokens.token(tidewater())).isInstanceOf(CrmLockedOut.class)
                .hasMessage("Tidewater gave no access token; its answer is not JSON");
    }

    @Test
    void troubleIsWaitedFor() {
        answer(503, "");
        Crm crm = tidewater();
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> tokens.token(crm)).isInstanceOf(CrmBusy.class)
                    .hasMessage("Tidewater gave no access token; it answered 503")
                    .satisfies(e -> assertThat(((CrmBusy) e).getUntil()).isAfter(Instant.now()));
        }
        assertThat(calls).hasValue(1);
    }

    @Test
    void anEndpointThatDoesNotAnswerIsNamedInASentence() throws IOException {
        int port = TestSocketUtils.findAvailableTcpPort();
        assertThatThrownBy(() -> tokens.token(tidewater("http://localhost:" + port))).isInstanceOf(CrmBusy.class)
                .hasMessage("The token endpoint of Tidewater did not answer: the connection was refused");
        assertThatThrownBy(() -> tokens.token(tidewater("https://nowhere.invalid"))).isInstanceOf(CrmBusy.class)
                .hasMessage("The token endpoint of Tidewater did not answer: its host name is not known");
    }

    @Test
    void aTokenIsTakenWhateverItsTypeIsCalledAndKept() {
        type = "text/plain";
        answer(200, "{\"access_token\":\"abc\",\"expires_in\":3600}");
        Crm crm = tidewater();
        assertThat(tokens.token(crm)).isEqualTo("abc");
        assertThat(tokens.token(crm)).isEqualTo("abc");
        assertThat(calls).hasValue(1);
    }

    private void answer(int status, String body) {
        this.status = status;
        this.body = body == null ? "" : body;
    }

    private Crm tidewater() {
        return tidewater("http://localhost:" + server.getAddress().getPort());
    }

    private static Crm tidewater(String url) {
        String crm = "shopbridge.crms.tidewater.";
        ShopbridgeSettings settings = new Binder(new MapConfigurationPropertySource(Map.of(
                "shopbridge.mappings-dir", mappings.toString(), crm + "base-url", url, crm + "client-id", "us",
                crm + "client-secret", "s3cret", crm + "timeout", Duration.ofSeconds(5).toSeconds() + "s")))
                .bind("shopbridge", ShopbridgeSettings.class).get();
        return new Crms(settings).get("tidewater");
    }
}
