package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.RecordingProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the client secret goes, and where it doesn't. */
class OAuth2TokensTest {

    @Test
    void aRedirectOfTheTokenEndpointIsNotFollowed(@TempDir Path mappings) throws Exception {
        Files.createDirectories(mappings.resolve("any"));
        Files.writeString(mappings.resolve("any/crm.yaml"), """
                name: Any CRM
                transport: rest
                auth:
                  oauth2:
                    token-url: /token
                    client-id: ${client-id}
                    client-secret: ${client-secret}
                    client-in: body
                limits: { requests: 10, period: 1s, at-once: 2 }
                answers:
                  - { status: 4xx, means: refused }
                operations:
                  read: { get: "/{object}", gives: ".items[]" }
                """);
        try (RecordingProxy elsewhere = RecordingProxy.to("http://localhost:9");
                RecordingProxy moved = RecordingProxy.to("http://localhost:9")) {
            moved.answerWhere(request -> true, 307, Map.of("Location", elsewhere.baseUrl() + "/token"), "");
            Crm crm = new Crm("any", "any", CrmDefinition.read(mappings, "any"), Map.of("baseurl", moved.baseUrl(),
                    "clientid", "we", "clientsecret", "secret"), List.of());
            assertThatThrownBy(() -> new OAuth2Tokens().token(crm)).isInstanceOf(CrmMisfit.class)
                    .hasMessageContaining("answered 307").hasMessageNotContaining("secret");
            assertThat(moved.requests()).hasSize(1);
            assertThat(elsewhere.requests()).isEmpty();
        }
    }
}
