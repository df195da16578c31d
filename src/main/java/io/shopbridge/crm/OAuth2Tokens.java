package io.shopbridge.crm;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;

/** Access tokens by OAuth 2.0 client credentials: fetched when first needed, kept while they last. */
@Component
class OAuth2Tokens {

    private static final String WE = "shopbridge";
    private static final Set<String> OUR_FAULT = Set.of(OAuth2ErrorCodes.INVALID_CLIENT,
            OAuth2ErrorCodes.UNAUTHORIZED_CLIENT, OAuth2ErrorCodes.INVALID_SCOPE, OAuth2ErrorCodes.INVALID_GRANT,
            OAuth2ErrorCodes.INVALID_REQUEST, OAuth2ErrorCodes.UNSUPPORTED_GRANT_TYPE, OAuth2ErrorCodes.ACCESS_DENIED);

    private final Map<String, Account> accounts = new ConcurrentHashMap<>();

    /** What is kept of one CRM account. */
    private static final class Account {

        private final OAuth2AuthorizedClientService kept;
        private final AuthorizedClientServiceOAuth2AuthorizedClientManager manager;
        private String accepted;

        Account(Crm crm) {
            ClientRegistration registration = registration(crm);
            var registrations = new InMemoryClientRegistrationRepository(registration);
            this.kept = new InMemoryOAuth2AuthorizedClientService(registrations);
            this.manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(registrations, kept);
            var responses = new RestClientClientCredentialsTokenResponseClient();
            responses.setRestClient(client(Duration.ofMillis(crm.timeoutMillis())));
            manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
                    .clientCredentials(credentials -> credentials.accessTokenResponseClient(responses)).build());
        }
    }

    /**
     * The token that calls carry now.
     *
     * @throws CrmLockedOut where the credentials are not accepted
     * @throws CrmBusy      where the token endpoint does not answer
     * @throws CrmMisfit    where it answers with a redirect
     */
    String token(Crm crm) {
        Account account = account(crm);
        // One thread fetches, the others wait for what it gets.
        synchronized (account) {
            try {
                return account.manager.authorize(OAuth2AuthorizeRequest.withClientRegistrationId(crm.name())
                        .principal(WE).build()).getAccessToken().getTokenValue();
            } catch (OAuth2AuthorizationException e) {
                String said = crm.title() + " gave no access token: " + e.getError();
                if (OUR_FAULT.contains(e.getError().getErrorCode())
                        || e.getCause() instanceof HttpClientErrorException) {
                    throw new CrmLockedOut(said);
                }
                throw new CrmBusy(said, null, e);
            }
        }
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

    /** @throws InvalidCrm where a setting is missing */
    static ClientRegistration registration(Crm crm) {
        CrmDefinition.OAuth2 oauth2 = crm.auth().oauth2();
        String url = crm.fill(oauth2.tokenUrl());
        ClientRegistration.Builder registration = ClientRegistration.withRegistrationId(crm.name())
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .clientAuthenticationMethod("body".equals(oauth2.clientIn())
                        ? ClientAuthenticationMethod.CLIENT_SECRET_POST : ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                .clientId(crm.fill(oauth2.clientId())).clientSecret(crm.fill(oauth2.clientSecret()))
                .tokenUri(url.startsWith("/") ? crm.baseUrl() + url : url);
        return oauth2.scope() == null ? registration.build()
                : registration.scope(crm.fill(oauth2.scope()).trim().split(" +")).build();
    }

    private Account account(Crm crm) {
        return accounts.computeIfAbsent(crm.name(), name -> new Account(crm));
    }

    private static RestClient client(Duration timeout) {
        var requests = new JdkClientHttpRequestFactory(HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(timeout).build());
        requests.setReadTimeout(timeout);
        return RestClient.builder().requestFactory(requests)
                .messageConverters(converters -> {
                    converters.clear();
                    converters.addAll(List.of(new FormHttpMessageConverter(),
                            new OAuth2AccessTokenResponseHttpMessageConverter()));
                })
                .defaultStatusHandler(HttpStatusCode::is3xxRedirection, (request, response) -> {
                    throw new CrmMisfit(request.getURI().getHost() + " answered " + response.getStatusCode().value()
                            + " where an access token was asked for. Nothing is sent to where it leads; correct the"
                            + " address of the token endpoint");
                })
                .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler()).build();
    }
}
