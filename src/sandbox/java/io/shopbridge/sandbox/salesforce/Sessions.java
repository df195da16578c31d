package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tokens, as an External Client App gets them: by client credentials, or by a signed assertion (JWT bearer).
 *
 * @see <a href="https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm">JWT bearer
 *     flow</a>
 */
final class Sessions {

    static final String CLIENT_ID = "sandbox-client";
    static final String USERNAME = "integration@example.com";
    private static final String JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final Set<String> AUDIENCES =
            Set.of("https://login.salesforce.com", "https://test.salesforce.com");
    private static final Duration LONGEST_ASSERTION = Duration.ofMinutes(5);

    private final String secret;
    private final Duration lasts;
    private final PublicKey signer;
    private final Map<String, Instant> endsAt = new ConcurrentHashMap<>();
    private volatile boolean secretIsToken = true;

    /** @param secret the client secret, which is itself taken as a token until {@link #expire} */
    Sessions(String secret, Org org) {
        this.secret = secret;
        this.lasts = org.sessionLasts();
        this.signer = org.certificate() == null ? null : signer(org);
    }

    private static PublicKey signer(Org org) {
        try (InputStream pem = Files.newInputStream(org.certificate())) {
            return CertificateFactory.getInstance("X.509").generateCertificate(pem).getPublicKey();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("The certificate " + org.certificate() + " for the simulated Salesforce "
                    + "cannot be read; give an X.509 certificate in PEM form", e);
        }
    }

    boolean isOpen(Call call) {
        String header = call.headers().getOrDefault("Authorization", "");
        String token = header.replaceFirst("^(Bearer|OAuth) ", "");
        if (token.equals(header)) {
            return false;
        }
        Instant end = endsAt.get(token);
        return end != null ? Instant.now().isBefore(end) : secretIsToken && token.equals(secret);
    }

    /** Ends every session, as an administrator may. */
    void expire() {
        endsAt.clear();
        secretIsToken = false;
    }

    void revoke(String token) {
        endsAt.remove(token);
    }

    Answer token(Map<String, String> form, String instanceUrl, String userId) {
        String grant = form.getOrDefault("grant_type", "");
        if (grant.equals("client_credentials")) {
            Call.Credentials basic = Call.Credentials.of(form.get("authorization"));
            String id = basic == null ? form.get("client_id") : basic.user();
            String given = basic == null ? form.get("client_secret") : basic.password();
            if (!CLIENT_ID.equals(id)) {
                return error("invalid_client_id", "client identifier invalid");
            }
            return secret.equals(given) ? opened(instanceUrl, userId)
                    : error("invalid_client", "invalid client credentials");
        }
        if (grant.equals(JWT_GRANT)) {
            String wrong = wrongAssertion(form.getOrDefault("assertion", ""));
            return wrong == null ? opened(instanceUrl, userId) : error("invalid_grant", wrong);
        }
        return error("unsupported_grant_type", "grant type not supported");
    }

    private Answer opened(String instanceUrl, String userId) {
        String token = "00DSb0000000001!" + UUID.randomUUID().toString().replace("-", "");
        endsAt.put(token, Instant.now().plus(lasts));
        return Answer.read(200, Json.object().put("access_token", token).put("signature", "simulated")
                .put("scope", "api").put("instance_url", instanceUrl)
                .put("id", instanceUrl + "/id/00DSb0000000001MAA/" + userId).put("token_type", "Bearer")
                .put("issued_at", String.valueOf(System.currentTimeMillis())));
    }

    private static Answer error(String code, String description) {
        return Answer.read(400, Json.object().put("error", code).put("error_description", description));
    }

    private String wrongAssertion(String assertion) {
        List<String> parts = List.of(assertion.split("\\."));
        if (signer == null) {
            return "user hasn't approved this consumer";
        }
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(signer);
            signature.update((parts.get(0) + "." + parts.get(1)).getBytes(StandardCharsets.US_ASCII));
            if (parts.size() != 3 || !"RS256".equals(part(parts.get(0)).path("alg").asText())
                    || !signature.verify(Base64.getUrlDecoder().decode(parts.get(2)))) {
                return "invalid assertion";
            }
            return wrongClaim(part(parts.get(1)));
        } catch (IOException | GeneralSecurityException | RuntimeException notAnAssertion) {
            return "invalid assertion";
        }
    }

    private static String wrongClaim(JsonNode claims) {
        Instant end = Instant.ofEpochSecond(claims.path("exp").asLong());
        Instant now = Instant.now();
        if (!AUDIENCES.contains(claims.path("aud").asText())) {
            return "audience is invalid";
        }
        if (end.isBefore(now)) {
            return "expired authorization code";
        }
        if (end.isAfter(now.plus(LONGEST_ASSERTION))) {
            return "invalid assertion: exp is more than five minutes ahead";
        }
        boolean known = CLIENT_ID.equals(claims.path("iss").asText()) && USERNAME.equals(claims.path("sub").asText());
        return known ? null : "user hasn't approved this consumer";
    }

    private static JsonNode part(String encoded) throws IOException {
        return Json.parse(Base64.getUrlDecoder().decode(encoded));
    }
}
