package io.shopbridge.connect;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.springframework.http.MediaType;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.DefaultMapOAuth2AccessTokenResponseConverter;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * The access token of one account by OAuth 2.0 client credentials: fetched when first needed, kept, and renewed before it
 * expires. One thread fetches, the others wait for what it gets.
 */
public final class ClientCredentials {

    private static final DefaultMapOAuth2AccessTokenResponseConverter TOKEN =
            new DefaultMapOAuth2AccessTokenResponseConverter();
    /**
     * What comes in the meantime is told the same without another call: a token endpoint allows few, and what one caller
     * was told the next will be told too.
     */
    private static final Duration SAME_ANSWER = Duration.ofSeconds(10);
    /** A token is renewed when only this part of its life is left, so that the endpoint may be down for a while. */
    private static final int PART = 10;
    private static final Duration LONGEST_BEFORE = Duration.ofHours(1);

    private final ClientRegistration registration;
    private final InstantSource clock;
    private final RestClientClientCredentialsTokenResponseClient endpoint =
            new RestClientClientCredentialsTokenResponseClient();
    private OAuth2AccessToken token;
    private TokenFailure failure;
    private Instant failsUntil = Instant.MIN;
    private String accepted;

    /** @param timeout how long the token endpoint may take to answer */
    public ClientCredentials(ClientRegistration registration, Duration timeout) {
        this(registration, timeout, InstantSource.system());
    }

    ClientCredentials(ClientRegistration registration, Duration timeout, InstantSource clock) {
        this.registration = registration;
        this.clock = clock;
        endpoint.setRestClient(client(timeout));
    }

    /**
     * The token that calls carry now.
     *
     * @throws TokenFailure where there is none
     */
    public synchronized OAuth2AccessToken token() {
        Instant now = clock.instant();
        if (token != null && now.isBefore(renewal(token))) {
            return token;
        }
        boolean usable = token != null && now.isBefore(token.getExpiresAt());
        if (now.isBefore(failsUntil)) {
            if (usable) {
                return token;
            }
            throw failure;
        }
        try {
            token = endpoint.getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration)).getAccessToken();
            return token;
        } catch (OAuth2AuthorizationException | RestClientException | TokenRefused e) {
            failsUntil = now.plus(SAME_ANSWER);
            failure = failure(e, failsUntil);
            if (usable) {
                return token;
            }
            throw failure;
        }
    }

    private static Instant renewal(OAuth2AccessToken token) {
        Duration before = Duration.between(token.getIssuedAt(), token.getExpiresAt()).dividedBy(PART);
        return token.getExpiresAt().minus(before.compareTo(LONGEST_BEFORE) < 0 ? before : LONGEST_BEFORE);
    }

    private static TokenFailure failure(Exception e, Instant again) {
        TokenRefused refused = ExceptionUtils.throwableOfType(e, TokenRefused.class);
        if (refused != null) {
            Instant until = refused.askedWait() == null ? again : Instant.now().plus(refused.askedWait());
            return TokenFailure.answered(refused.getMessage(), refused.isBusy(), until, e);
        }
        boolean unreadable = ExceptionUtils.indexOfType(e, HttpMessageNotReadableException.class) >= 0
                || ExceptionUtils.indexOfType(e, IOException.class) < 0;
        return unreadable ? TokenFailure.unreadable(e) : TokenFailure.unanswered(e, again);
    }

    /** A call with this token was not refused. */
    public synchronized void accepted(String good) {
        accepted = good;
    }

    /**
     * A call with this token was refused: it is not used again.
     *
     * @return whether a new one may help, because this one was good before or another thread has a newer one by now
     */
    public synchronized boolean refused(String bad) {
        if (token != null && !token.getTokenValue().equals(bad)) {
            return true;
        }
        token = null;
        return bad.equals(accepted);
    }

    private static RestClient client(Duration timeout) {
        var answers = new OAuth2AccessTokenResponseHttpMessageConverter();
        // Not all say that what they answer is JSON.
        answers.setSupportedMediaTypes(List.of(MediaType.ALL));
        answers.setAccessTokenResponseConverter(ClientCredentials::token);
        return RestClient.builder().requestFactory(HttpRequests.factory(timeout, timeout))
                .messageConverters(converters -> {
                    converters.clear();
                    converters.addAll(List.of(new FormHttpMessageConverter(), answers));
                })
                .defaultStatusHandler(status -> !status.is2xxSuccessful(), (request, response) -> {
                    throw TokenRefused.of(response);
                }).build();
    }

    private static OAuth2AccessTokenResponse token(Map<String, Object> body) {
        if (!(body.get(OAuth2ParameterNames.ACCESS_TOKEN) instanceof String value) || value.isBlank()) {
            throw TokenRefused.of(body);
        }
        Map<String, Object> answer = new HashMap<>(body);
        // Some leave it out. It is sent as a bearer token whatever they call it.
        answer.put(OAuth2ParameterNames.TOKEN_TYPE, OAuth2AccessToken.TokenType.BEARER.getValue());
        return TOKEN.convert(answer);
    }
}
