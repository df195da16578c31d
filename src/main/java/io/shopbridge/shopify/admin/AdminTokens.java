package io.shopbridge.shopify.admin;

import io.shopbridge.connect.ClientCredentials;
import io.shopbridge.connect.TokenFailure;
import io.shopbridge.shopify.admin.AdminBusy.Again;
import io.shopbridge.store.AdminAccess;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.stereotype.Component;

/**
 * The access tokens of the shops: those that are configured, and those that Shopify gives an app for its client id and
 * secret. The latter are valid for 24 hours.
 *
 * @see <a href="https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant">
 *      Client credentials grant</a>
 */
@Component
public class AdminTokens {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Stores stores;
    private final Map<String, ClientCredentials> credentials = new ConcurrentHashMap<>();

    AdminTokens(Stores stores) {
        this.stores = stores;
    }

    /**
     * The token that calls to this shop carry now.
     *
     * @throws AdminDenied where Shopify does not accept the app's client id and secret
     * @throws AdminBusy   where its token endpoint does not answer
     */
    String token(String store) {
        AdminAccess access = stores.get(store).admin();
        if (access.accessToken() != null) {
            return access.accessToken();
        }
        try {
            return credentials(store).token().getTokenValue();
        } catch (TokenFailure e) {
            String said = e.about("Store \"" + store + "\"");
            throw e.getUntil() != null ? new AdminBusy(said, e.getUntil(), Again.LATER, e)
                    : new AdminDenied(said + ". Correct shopbridge.stores." + store + ".admin.client-id and"
                            + " .client-secret; the app must be installed on the shop and belong to the same organisation");
        }
    }

    /** A call with this token was not refused. */
    void accepted(String store, String token) {
        if (isFetched(store)) {
            credentials(store).accepted(token);
        }
    }

    /**
     * A call with this token was refused: it is not used again, if another can be fetched.
     *
     * @return whether a new one may help
     */
    boolean refused(String store, String token) {
        return isFetched(store) && credentials(store).refused(token);
    }

    private boolean isFetched(String store) {
        return stores.get(store).admin().accessToken() == null;
    }

    private ClientCredentials credentials(String store) {
        return credentials.computeIfAbsent(store, name -> of(stores.get(name).admin()));
    }

    /** The tokens that an app's client id and secret get. */
    public static ClientCredentials of(AdminAccess access) {
        return new ClientCredentials(ClientRegistration.withRegistrationId("shopify")
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
                .clientId(access.clientId()).clientSecret(access.clientSecret())
                .tokenUri(access.url() + "/admin/oauth/access_token").build(), TIMEOUT);
    }
}
