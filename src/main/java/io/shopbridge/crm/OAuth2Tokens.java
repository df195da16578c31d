package io.shopbridge.crm;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.springframework.http.MediaType;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.DefaultMapOAuth2AccessTokenResponseConverter;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Access tokens by OAuth 2.0 client credentials: fetched when first needed, cached until they expire. */
@Component
public class OAuth2Tokens {

    private static final String WE = "shopbridge";
    private static final DefaultMapOAuth2AccessTokenResponseConverter TOKEN =
            new DefaultMapOAuth2AccessTokenResponseConverter();
    /**
     * What comes in the meantime is told the same without another call: a token endpoint allows few, and what one
     * delivery was told the next will be told too. The pause that follows keeps further deliveries away.
     */
    private static final Duration SAME_ANSWER = Duration.ofSeconds(10);

    private final Map<String, Account> accounts = new ConcurrentHashMap<>();

    /** What is kept of one CRM account. */
    private static final class Account {

        private final Crm crm;
        private CrmFailure failure;
        private Instant failsUntil = Instant.MIN;
        private final OAuth2AuthorizedClientService kept;
        private final AuthorizedClientServiceOAuth2AuthorizedClientManager manager;
        private String accepted;

        Account(Crm crm) {
            this.crm = crm;
            ClientRegistration registration = registration(crm);
            var registrations = new InMemoryClientRegistrationRepository(registration);
            this.kept = new InMemoryOAuth2AuthorizedClientService(registrations);
            this.manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(registrations, kept);
            var responses = new RestClientClientCredentialsTokenResponseClient();
            responses.setRestClient(client(crm.timeout()));
            manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
                    .clientCredentials(credentials -> credentials.accessTokenResponseClient(responses)).build());
        }
    }

    /**
     * The token that calls carry now.
     *
     * @throws CrmLockedOut where the credentials are not accepted
     * @throws CrmBusy      where the token endpoint does not answer
     */
    String token(Crm crm) {
        return accessToken(crm).getTokenValue();
    }

    /** The same with what is known of it, such as its scopes. */
    public OAuth2AccessToken accessToken(Crm crm) {
        Account account = account(crm);
        // One thread fetches, the others wait for what it gets.
        synchronized (account) {
            if (Instant.now().isBefore(account.failsUntil)) {
                throw account.failure;
            }
            try {
                return account.manager.authorize(OAuth2AuthorizeRequest.withClientRegistrationId(crm.name())
                        .principal(WE).build()).getAccessToken();
            } catch (OAuth2AuthorizationException | RestClientException | TokenRefused e) {
                account.failsUntil = Instant.now().plus(SAME_ANSWER);
                account.failure = failure(crm, e, account.failsUntil);
                throw account.failure;
            }
        }
    }

    private static CrmFailure failure(Crm crm, Throwable e, Instant again) {
        TokenRefused refused = ExceptionUtils.throwableOfType(e, TokenRefused.class);
        if (refused == null && (ExceptionUtils.indexOfType(e, HttpMessageNotReadableException.class) >= 0
                || ExceptionUtils.indexOfType(e, IOException.class) < 0)) {
            return new CrmLockedOut(crm.title() + " gave no access token; its answer is not JSON");
        }
        if (refused == null) {
            return new CrmBusy("The token endpoint of " + crm.title() + " did not answer: " + network(e), again, e);
        }
        String said = crm.title() + " gave no access token; it answered " + refused.getMessage();
        if (!refused.isBusy()) {
            return new CrmLockedOut(said);
        }
        return new CrmBusy(said, refused.askedWait() == null ? again : Instant.now().plus(refused.askedWait()), e);
    }

    /** What the network says, in words: the client's exceptions often have none of their own. */
    private static String network(Throwable e) {
        if (ExceptionUtils.indexOfType(e, UnresolvedAddressException.class) >= 0
                || ExceptionUtils.indexOfType(e, UnknownHostException.class) >= 0) {
            return "its host name is not known";
        }
        if (ExceptionUtils.indexOfType(e, HttpTimeoutException.class) >= 0
                || ExceptionUtils.indexOfType(e, SocketTimeoutException.class) >= 0) {
            return "it took too long";
        }
        if (ExceptionUtils.indexOfType(e, ConnectException.class) >= 0) {
            return "the connection was refused";
        }
        SSLException untrusted = ExceptionUtils.throwableOfType(e, SSLException.class);
        return untrusted != null ? "no trusted connection: " + untrusted.getMessage() : "the connection broke off";
    }

    /** A call with this token was not refused. */
    void accepted(Crm crm, String token) {
        Account account = account(crm);
        synchronized (account) {
            account.accepted = token;
        }
    }

    /**
     * A call with this token was refused: it is not used again.
     *
     * @return whether a new one may help, because this one was good before or another thread has a newer one by now
     */
    boolean refused(Crm crm, String token) {
        Account account = account(crm);
        synchronized (account) {
            var present = account.kept.loadAuthorizedClient(crm.name(), WE);
            if (present != null && !present.getAccessToken().getTokenValue().equals(token)) {
                return true;
            }
            account.kept.removeAuthorizedClient(crm.name(), WE);
            return token.equals(account.accepted);
        }
    }

    /** @throws InvalidCrm where a setting is missing, or the secret may not be sent to the token URL */
    static ClientRegistration registration(Crm crm) {
        CrmDefinition.OAuth2 oauth2 = crm.auth().oauth2();
        ClientRegistration.Builder registration = ClientRegistration.withRegistrationId(crm.name())
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .clientAuthenticationMethod("body".equals(oauth2.clientIn())
                        ? ClientAuthenticationMethod.CLIENT_SECRET_POST : ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                .clientId(crm.fill(oauth2.clientId())).clientSecret(crm.fill(oauth2.clientSecret()))
                .tokenUri(crm.tokenUrl());
        return oauth2.scope() == null ? registration.build()
                : registration.scope(crm.fill(oauth2.scope()).trim().split(" +")).build();
    }

    private Account account(Crm crm) {
        // After a reload the same account may have another endpoint.
        return accounts.compute(crm.name(), (name, known) -> known != null && known.crm == crm ? known
                : new Account(crm));
    }

    private static RestClient client(Duration timeout) {
        var answers = new OAuth2AccessTokenResponseHttpMessageConverter();
        // Not all say that what they answer is JSON.
        answers.setSupportedMediaTypes(List.of(MediaType.ALL));
        answers.setAccessTokenResponseConverter(OAuth2Tokens::token);
        return RestClient.builder().requestFactory(ApiClient.requests(timeout, timeout))
                .messageConverters(converters -> {
                    converters.clear();
                    converters.addAll(List.of(new FormHttpMessageConverter(), answers));
                })
                .defaultStatusHandler(status -> !status.is2xxSuccessful(), (request, response) -> {
                    throw TokenRefused.of(response);
                }).build();
    }

    private static OAuth2AccessTokenResponse token(Map<String, Object> body) {
        if (!(body.get(OAuth2ParameterNames.ACCESS_TOKEN) instanceof String token) || token.isBlank()) {
            throw TokenRefused.of(body);
        }
        Map<String, Object> answer = new HashMap<>(body);
        // Some leave it out. It is sent as a bearer token whatever they call it.
        answer.put(OAuth2ParameterNames.TOKEN_TYPE, OAuth2AccessToken.TokenType.BEARER.getValue());
        return TOKEN.convert(answer);
    }
}
