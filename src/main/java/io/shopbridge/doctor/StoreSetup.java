package io.shopbridge.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.connect.TokenFailure;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.crm.ApiClient;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.admin.AdminCall;
import io.shopbridge.shopify.admin.AdminDenied;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.shopify.admin.AdminTokens;
import io.shopbridge.shopify.admin.AnswerReader;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.store.AdminAccess;
import io.shopbridge.store.ShopDomain;
import io.shopbridge.store.Store;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The Admin API of a shop, where it is configured.
 *
 * @see <a href="https://shopify.dev/docs/api/usage/versioning">Versions are supported for twelve months</a>
 */
final class StoreSetup {

    private static final int MONTHS_OF_SUPPORT = 12;
    private static final String READ_CUSTOMERS = "read_customers";
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final String QUERY =
            "{ shop { myshopifyDomain ianaTimezone } currentAppInstallation { accessScopes { handle } } }";

    /** The newest, since approval may have been withdrawn. */
    private static final String CUSTOMERS = "{ customers(first: 10, sortKey: UPDATED_AT, reverse: true) { nodes {"
            + " firstName lastName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber }"
            + " defaultAddress { address1 city zip } } } }";

    private static final String GRANT = "add it to the app's version and let the merchant accept it";

    private StoreSetup() {
    }

    /** What the app must be allowed to read. */
    static Collection<String> scopes(boolean draftOrders) {
        return draftOrders ? List.of(READ_CUSTOMERS, "read_orders", "read_draft_orders")
                : List.of(READ_CUSTOMERS, "read_orders");
    }

    /**
     * What can be said of the domain without asking anybody.
     *
     * @param setting as it is configured
     * @param domain  as it is read; null: there is none
     */
    static void checkDomain(String name, String setting, String domain, Findings findings) {
        String key = "shopbridge.stores." + name + ".domain";
        if (domain == null) {
            findings.note("no domain is set, so a webhook of any shop that has the secret is taken", "set " + key);
        } else if (!ShopDomain.isShopifys(domain)) {
            findings.problem("webhooks of " + domain + " only are taken, and Shopify's webhooks name a shop by its"
                    + " myshopify.com domain", "set " + key + " to that one; the shop's admin shows it under Settings,"
                    + " Domains");
        } else {
            findings.ok("webhooks of " + domain + " only are taken"
                    + (domain.equals(setting) ? "" : ", which is read out of \"" + setting + "\""));
        }
    }

    /**
     * @param scopes  what the app must be allowed to read
     * @param queries what this shop will be asked
     */
    static void check(Store store, Collection<String> scopes, Collection<GraphqlQuery> queries, Findings findings) {
        AdminAccess admin = store.admin();
        String setting = "shopbridge.stores." + store.name() + ".admin";
        if (admin == null) {
            findings.note("no Admin API access is configured, so only webhooks bring changes", "set " + setting
                    + ".client-id and .client-secret, or " + setting + ".access-token, if the Admin API is to be used");
            if (store.timeZone().equals(UTC)) {
                findings.note("the day of a moment that Shopify tells in UTC is UTC's", "set shopbridge.stores."
                        + store.name() + ".time-zone to that of the shop, as its admin shows it under Settings,"
                        + " General");
            }
            return;
        }
        String todo = "set " + setting + ".version to a newer one; this release is tested with " + AdminAccess.VERSION;
        findings.version(admin.version(), YearMonth.parse(admin.version()).atDay(1).plusMonths(MONTHS_OF_SUPPORT),
                todo);
        try {
            String token = admin.accessToken() != null ? admin.accessToken()
                    : AdminTokens.of(admin).token().getTokenValue();
            ApiClient client = new ApiClient(admin.url(), Map.of("X-Shopify-Access-Token", token));
            if (isRead(store, client, todo, scopes, findings)) {
                queries.forEach(query -> ask(store, client, query, findings));
            }
        } catch (TokenFailure e) {
            findings.problem(e.about("Shopify"), "check " + setting + ".client-id and .client-secret; the app must be"
                    + " installed on the shop and belong to the same organisation");
        }
    }

    private static String path(Store store) {
        return "/admin/api/" + store.admin().version() + "/graphql.json";
    }

    /** Whether the shop answers us. */
    private static boolean isRead(Store store, ApiClient client, String todo, Collection<String> scopes,
            Findings findings) {
        AdminAccess admin = store.admin();
        Reply reply = client.post(path(store), JsonNodeFactory.instance.objectNode().put("query", QUERY));
        findings.clock(reply);
        if (reply.status() == 401 || reply.status() == 403) {
            findings.problem("the access token is not accepted", "install the app on the shop again and correct"
                    + " shopbridge.stores." + store.name() + ".admin");
            return false;
        }
        if (!reply.isSuccess() || !reply.body().has("data")) {
            findings.problem("the Admin API answered " + reply.status(), "check the store's domain and admin.url");
            return false;
        }
        findings.ok("the access token is accepted");
        reply.header("X-Shopify-API-Version").filter(served -> !served.equals(admin.version()))
                .ifPresent(served -> findings.problem("Shopify answers version " + served + " instead of "
                        + admin.version() + ", which it no longer has", todo));
        checkTimeZone(store, reply.body().at("/data/shop/ianaTimezone").asText(""), findings);
        if (look(reply.body().path("data"), store.domain(), scopes, findings)) {
            Reply customers = client.post(path(store), JsonNodeFactory.instance.objectNode().put("query", CUSTOMERS));
            customers(customers.body(), findings);
        }
        return true;
    }

    /** One of the queries that will be made, for ten records: which of its fields the app may not read. */
    private static void ask(Store store, ApiClient client, GraphqlQuery query, Findings findings) {
        ObjectNode variables = JsonNodeFactory.instance.objectNode().put("query", "").put("first", 10);
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("query", query.text());
        body.set("variables", variables);
        Reply reply = client.post(path(store), body);
        try {
            new AnswerReader().read(new AdminCall(store.name(), query, variables, Priority.REFRESH), reply.status(),
                    reply.body()).denied().forEach(denied -> findings.problem(query.name() + " does not get "
                    + denied.path() + "; Shopify requires " + denied.access(), GRANT));
        } catch (AdminDenied e) {
            findings.problem(query.name() + " is denied: " + e.getMessage(), GRANT);
        } catch (AdminFailure e) {
            findings.problem(query.name() + " is not answered: " + e.getMessage(), "run doctor again; if it stays,"
                    + " compare mappings/shopify/queries/" + query.name() + ".graphql with the version of the Admin API");
        }
    }

    private static void checkTimeZone(Store store, String theirs, Findings findings) {
        if (!theirs.isEmpty() && !theirs.equals(store.timeZone().getId())) {
            findings.problem("the shop's time zone is " + theirs + ", and days are told in " + store.timeZone(),
                    "set shopbridge.stores." + store.name() + ".time-zone to " + theirs);
        }
    }

    /** Without approval for protected customer data, the fields come as null or are refused. */
    private static void customers(JsonNode answer, Findings findings) {
        boolean isRefused = false;
        for (JsonNode error : answer.path("errors")) {
            isRefused |= error.at("/extensions/code").asText().equals("ACCESS_DENIED");
        }
        JsonNode customers = answer.at("/data/customers/nodes");
        if (isRefused || !customers.isEmpty() && !hasValue(customers)) {
            findings.problem("the newest customers come without e-mail, name, phone and address, as if the app were not"
                    + " approved for protected customer data; nothing is emptied in the CRMs, but nothing new arrives",
                    "ask for access to name, address, phone and e-mail in the app's settings in Shopify (API access,"
                    + " protected customer data)");
        } else if (!customers.isEmpty()) {
            findings.ok("customers come with their names, e-mails, phones or addresses");
        }
    }

    private static boolean hasValue(JsonNode json) {
        if (json.isValueNode()) {
            return !json.isNull() && !json.asText().isBlank();
        }
        for (JsonNode child : json) {
            if (hasValue(child)) {
                return true;
            }
        }
        return false;
    }

    /** Whether customers may be read. */
    private static boolean look(JsonNode data, String domain, Collection<String> needed, Findings findings) {
        String theirs = data.at("/shop/myshopifyDomain").asText();
        if (domain != null && !theirs.equalsIgnoreCase(domain)) {
            findings.problem("the access token is for " + theirs + ", the store is " + domain,
                    "correct the one that is wrong: records of two shops would be mixed");
        }
        TreeSet<String> scopes = new TreeSet<>();
        data.at("/currentAppInstallation/accessScopes").forEach(scope -> scopes.add(scope.path("handle").asText()));
        List<String> absent = needed.stream()
                .filter(scope -> !scopes.contains(scope) && !scopes.contains(scope.replace("read_", "write_"))).toList();
        if (absent.isEmpty()) {
            findings.ok("scopes " + String.join(", ", scopes));
        } else {
            findings.problem("the app lacks the scopes " + absent, "add them to the app's version and let the merchant"
                    + " accept them");
        }
        return !absent.contains(READ_CUSTOMERS);
    }
}
