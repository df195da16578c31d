package io.shopbridge.crm;

import io.shopbridge.connect.ClientCredentials;
import io.shopbridge.connect.TokenFailure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.stereotype.Component;

/** Access tokens of the CRMs whose crm.yaml says {@code oauth2}. */
@Component
public class OAuth2Tokens {

    private final Map<String, Account> accounts = new ConcurrentHashMap<>();

    private record Account(Crm crm, ClientCredentials credentials) {
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
        try {
            return credentials(crm).token();
        } catch (TokenFailure e) {
            throw e.getUntil() == null ? new CrmLockedOut(e.about(crm.title()))
                    : new CrmBusy(e.about(crm.title()), e.getUntil(), e);
        }
    }

    /** A call with this token was not refused. */
    void accepted(Crm crm, String token) {
        credentials(crm).accepted(token);
    }

    /**
     * A call with this token was refused: it is not used again.
     *
     * @return whether a new one may help, because this one was good before or another thread has a newer one by now
     */
    boolean refused(Crm crm, String token) {
        return credentials(crm).refused(token);
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

    private ClientCredentials credentials(Crm crm) {
        // After a reload the same account may have another endpoint.
        return accounts.compute(crm.name(), (name, known) -> known != null && known.crm == crm ? known
                : new Account(crm, new ClientCredentials(registration(crm), crm.timeout()))).credentials();
    }
}
