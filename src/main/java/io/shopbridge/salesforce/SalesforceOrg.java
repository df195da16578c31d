package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmLockedOut;
import io.shopbridge.crm.CrmMisfit;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.crm.InvalidCrm;
import io.shopbridge.map.ExpressionFailed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.component.salesforce.AuthenticationType;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.SalesforceLoginConfig;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.internal.SalesforceSession;
import org.apache.camel.support.LRUCacheFactory;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.eclipse.jetty.client.transport.HttpResponse;
import org.eclipse.jetty.http.HttpField;

/**
 * One configured org: how to log in, and what is cached of it. The cache only saves calls; after a restart it is read
 * again.
 *
 * @see <a href="https://help.salesforce.com/s/articleView?id=005228017">External client apps</a>
 */
final class SalesforceOrg {

    private static final String AUDIENCE = "https://login.salesforce.com";
    private static final int LOGIN_REFUSED = 400;
    private static final int REMEMBERED = 50_000;
    /** Two hundred rows with an org's own triggers take long. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** Address and headers of a call: the component's own 8 kB fail a query for 200 e-mail addresses. */
    private static final int LONGEST_REQUEST_HEAD = 32 * 1024;
    /** A page of 2,000 contacts with long notes, or a job's results; the component's own limit is 4 MB. */
    private static final int LARGEST_ANSWER = 64 * 1024 * 1024;

    static final String ALLOW_DUPLICATES = "allow-duplicates";

    /** What comes back under {@link #exposeRetryAfter}'s name. */
    static final String RETRY_AFTER = "Sforce-Retry-After";

    private final Crm crm;
    private final SalesforceComponent component;
    private final DailyCalls dailyCalls;
    private final AccountLocks accountLocks = new AccountLocks();
    private final KnownAccounts accounts = new KnownAccounts(InstantSource.system());
    private final Map<String, String> entries = LRUCacheFactory.newLRUCache(REMEMBERED);
    private volatile Boolean multiCurrency;

    /** @throws InvalidCrm where a setting is missing or wrong */
    SalesforceOrg(Crm crm) {
        this.crm = crm;
        if (path("").startsWith("$")) {
            throw new InvalidCrm(crm.folder() + "/crm.yaml has no base path for an API version; write it"
                    + " under api-versions: the version, and data: /services/data/v<version>");
        }
        crm.isOn(ALLOW_DUPLICATES);     // said now, and not by the first call
        this.dailyCalls = new DailyCalls(crm);
        this.component = new SalesforceComponent();
        component.setLoginConfig(login(crm));
        // The package of generated record classes: there is none, but without a name the start logs a warning.
        component.setPackages(SalesforceOrg.class.getPackageName());
        // Otherwise the client secret would be sent to the target of a redirect.
        component.setHttpClientProperties(new HashMap<>(Map.of("followRedirects", false)));
        component.setHttpRequestBufferSize(LONGEST_REQUEST_HEAD);
        component.setHttpMaxContentLength(LARGEST_ANSWER);
        component.setHttpClientIdleTimeout(crm.timeout(TIMEOUT).toMillis());
    }

    private static SalesforceLoginConfig login(Crm crm) {
        SalesforceLoginConfig login = new SalesforceLoginConfig();
        login.setLoginUrl(crm.baseUrl());
        login.setInstanceUrl(crm.baseUrl());
        login.setClientId(needed(crm, "client-id", "the consumer key of the external client app"));
        // Otherwise a start without a reachable Salesforce would fail.
        login.setLazyLogin(true);
        if (crm.setting("client-secret").isPresent()) {
            login.setType(AuthenticationType.CLIENT_CREDENTIALS);
            login.setClientSecret(crm.setting("client-secret").get());
            return login;
        }
        KeyStoreParameters keystore = new KeyStoreParameters();
        String path = needed(crm, "keystore", "the PKCS #12 file with the app's private key, for the JWT bearer flow;"
                + " or set client-secret for the client credentials flow");
        keystore.setResource(path.contains(":") ? path : "file:" + path);
        keystore.setType("PKCS12");
        keystore.setPassword(needed(crm, "keystore-password", "the password of that file"));
        login.setType(AuthenticationType.JWT);
        login.setUserName(needed(crm, "username", "the integration user that the app was approved for"));
        login.setKeystore(keystore);
        login.setJwtAudience(crm.setting("jwt-audience").orElse(AUDIENCE));
        return login;
    }

    private static String needed(Crm crm, String setting, String what) {
        return crm.setting(setting).orElseThrow(() -> new InvalidCrm("shopbridge.crms." + crm.name() + "." + setting
                + ": missing; set it to " + what));
    }

    Crm crm() {
        return crm;
    }

    SalesforceComponent component() {
        return component;
    }

    DailyCalls dailyCalls() {
        return dailyCalls;
    }

    /** The locks by account. */
    AccountLocks accountLocks() {
        return accountLocks;
    }

    /** The accounts that contacts, orders and opportunities belong to. */
    KnownAccounts accounts() {
        return accounts;
    }

    /** Ids of price books, and of price book entries by price book, product and currency. */
    Map<String, String> entries() {
        return entries;
    }

    /** Whether records carry a currency; null until it was asked. */
    Boolean multiCurrency() {
        return multiCurrency;
    }

    void multiCurrency(boolean value) {
        multiCurrency = value;
    }

    /**
     * The component hands on those headers of an answer that begin with Sforce, and no others. A busy org's Retry-After
     * is therefore repeated under such a name. To be called once the component has started.
     */
    void exposeRetryAfter() {
        component.getHttpClient().getRequestListeners().addBeginListener(request ->
                request.onResponseHeader((response, field) -> {
                    if (field.is("Retry-After") && response instanceof HttpResponse answer) {
                        answer.addHeader(new HttpField(RETRY_AFTER, field.getValue()));
                    }
                    return true;
                }));
    }

    /** The request that crm.yaml makes of a call. */
    CrmRequest request(CrmCall call) {
        try {
            return crm.request(call);
        } catch (ExpressionFailed e) {
            // Nothing was sent, so this is not an unreadable answer.
            throw new CrmRefused("the call can't be made: " + e.getMessage(), null);
        }
    }

    /** What crm.yaml says that the answer to a call means. */
    List<JsonNode> gives(CrmCall call, JsonNode answer) {
        try {
            return crm.operations().gives(call, answer);
        } catch (ExpressionFailed e) {
            throw CrmRefused.unreadable(crm.title() + " answered " + call.operation()
                    + " in another shape than crm.yaml says: " + e.getMessage());
        }
    }

    String path(String path) {
        return path.startsWith("/services/") ? path : crm.path("${data}" + path);
    }

    /**
     * Logs in where there is no session yet. A session that ends later is renewed by the component.
     *
     * @throws CrmLockedOut where the credentials are not accepted
     * @throws CrmBusy      if there is no answer
     * @throws CrmMisfit    if the login answers with a redirect
     */
    void login() {
        SalesforceSession session = component.getSession();
        if (session.getAccessToken() != null) {
            return;
        }
        try {
            session.login(null);
        } catch (SalesforceException e) {
            if (e.getStatusCode() == LOGIN_REFUSED || e.getStatusCode() == 401 || e.getStatusCode() == 403) {
                throw new CrmLockedOut(crm.title() + " refuses the login: " + e.getMessage());
            }
            if (e.getStatusCode() >= 300 && e.getStatusCode() < 400) {
                throw new CrmMisfit(crm.title() + " answered " + e.getStatusCode()
                        + " to our login, which leads to another address and is not followed. Correct shopbridge.crms."
                        + crm.name() + ".base-url");
            }
            throw new CrmBusy(crm.title() + " does not answer the login: " + e.getMessage(), null, e);
        }
    }
}
