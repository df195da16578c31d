package io.shopbridge.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;

/** When a token is fetched, and by whom. What endpoints answer that give none, OAuth2TokensTest knows. */
class ClientCredentialsTest {

    private final AtomicInteger calls = new AtomicInteger();
    private volatile int status = 200;
    private Duration passed = Duration.ZERO;
    private HttpServer server;
    private ClientCredentials credentials;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] token = ("{\"access_token\": \"token" + calls.incrementAndGet() + "\", \"expires_in\": 86399}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, token.length);
            exchange.getResponseBody().write(token);
            exchange.close();
        });
        server.start();
        credentials = new ClientCredentials(ClientRegistration.withRegistrationId("us")
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS).clientId("us").clientSecret("s")
                .tokenUri("http://localhost:" + server.getAddress().getPort()).build(), Duration.ofSeconds(5),
                () -> Instant.now().plus(passed));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void manyThreadsFetchOneToken() {
        assertThat(IntStream.range(0, 40).parallel().mapToObj(i -> token()).distinct()).containsExactly("token1");
        assertThat(calls).hasValue(1);
    }

    @Test
    void aTokenIsRenewedAnHourBeforeItExpires() {
        token();
        passed = Duration.ofHours(22);
        assertThat(token()).isEqualTo("token1");
        passed = Duration.ofHours(23);
        assertThat(token()).isEqualTo("token2");
    }

    @Test
    void whereItCannotBeRenewedTheOldOneIsUsedUntilItExpires() {
        token();
        status = 503;
        passed = Duration.ofHours(23);
        assertThat(token()).isEqualTo("token1");
        assertThat(token()).as("the endpoint is not asked again at once").isEqualTo("token1");
        assertThat(calls).hasValue(2);
        passed = Duration.ofHours(24);
        assertThatThrownBy(this::token).isInstanceOf(TokenFailure.class).hasMessage("it answered 503");
    }

    @Test
    void aRefusedTokenIsFetchedAnewAndOnceOnly() {
        String bad = token();
        credentials.accepted(bad);
        assertThat(credentials.refused(bad)).isTrue();
        String good = token();
        assertThat(good).isEqualTo("token2");
        assertThat(credentials.refused(bad)).as("another thread's call had the old one still").isTrue();
        assertThat(token()).isEqualTo("token2");
        assertThat(credentials.refused(good)).as("it was never good").isFalse();
    }

    private String token() {
        return credentials.token().getTokenValue();
    }
}
