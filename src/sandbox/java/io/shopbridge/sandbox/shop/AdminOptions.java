package io.shopbridge.sandbox.shop;

import io.shopbridge.sandbox.server.Options;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * How the simulated Admin API behaves.
 *
 * @param domain the shop's, as {@code shop { myshopifyDomain }} tells it
 * @param accessToken an access token that never ends, such as an older custom app's
 * @param clientSecret for the client-credentials grant, with any client id; tokens of that grant end
 * @param tokenLife how long such a token is accepted; Shopify's for a day
 * @param scopes what the merchant granted
 * @param protectedData whether the app may read names, addresses, e-mails and phones
 * @param bucket points that may be saved up; Shopify's Standard plan has 2000
 * @param restoreRate points that come back in a second; 100 on the Standard plan
 * @param searchLag how long a change stays invisible to searches
 * @param journeyDelay how long after an order {@code customerJourneySummary} is ready, by the shop's own time
 * @param bulkTime how long a bulk operation takes at least; during the first half it has not begun
 * @param versions those that the API still has, oldest first
 * @param clock for tokens, points and search; the times in records are the shop's own
 */
public record AdminOptions(String domain, String accessToken, String clientSecret, Duration tokenLife,
        Set<String> scopes, ProtectedData protectedData, int bucket, int restoreRate, Duration searchLag,
        Duration journeyDelay, Duration bulkTime, List<String> versions, Clock clock) {

    /** What becomes of fields that hold a person's data. */
    public enum ProtectedData {
        /** They are given. */
        APPROVED,
        /** They are null. */
        NULLS,
        /** They are null, and the answer has an error of each. */
        REFUSED
    }

    /**
     * Everything is granted and found at once, with the points of the Standard plan.
     *
     * @see <a href="https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits">Rate limits</a>
     */
    public static AdminOptions defaults() {
        return new AdminOptions("sandbox.myshopify.com", Options.DEFAULT_TOKEN, "sandbox-secret", Duration.ofHours(24),
                Set.of("read_all_orders", "read_companies", "read_customers", "read_draft_orders", "read_locations",
                        "read_orders", "read_products", "read_returns"),
                ProtectedData.APPROVED, 2000, 100, Duration.ZERO, Duration.ofMinutes(5), Duration.ofSeconds(1),
                List.of("2026-01", "2026-04", "2026-07", "2026-10"), Clock.systemUTC());
    }

    public AdminOptions withDomain(String value) {
        return new AdminOptions(value, accessToken, clientSecret, tokenLife, scopes, protectedData, bucket, restoreRate,
                searchLag, journeyDelay, bulkTime, versions, clock);
    }

    public AdminOptions withAccessToken(String value) {
        return new AdminOptions(domain, value, clientSecret, tokenLife, scopes, protectedData, bucket, restoreRate,
                searchLag, journeyDelay, bulkTime, versions, clock);
    }

    public AdminOptions withClientSecret(String value) {
        return new AdminOptions(domain, accessToken, value, tokenLife, scopes, protectedData, bucket, restoreRate,
                searchLag, journeyDelay, bulkTime, versions, clock);
    }

    public AdminOptions withTokenLife(Duration value) {
        return new AdminOptions(domain, accessToken, clientSecret, value, scopes, protectedData, bucket, restoreRate,
                searchLag, journeyDelay, bulkTime, versions, clock);
    }

    public AdminOptions withScopes(String... values) {
        return new AdminOptions(domain, accessToken, clientSecret, tokenLife, Set.of(values), protectedData, bucket,
                restoreRate, searchLag, journeyDelay, bulkTime, versions, clock);
    }

    /** Without one of the scopes. */
    public AdminOptions without(String scope) {
        TreeSet<String> fewer = new TreeSet<>(scopes);
        fewer.remove(scope);
        return withScopes(fewer.toArray(String[]::new));
    }

    public AdminOptions withProtectedData(ProtectedData value) {
        return new AdminOptions(domain, accessToken, clientSecret, tokenLife, scopes, value, bucket, restoreRate,
                searchLag, journeyDelay, bulkTime, versions, clock);
    }

    public AdminOptions withPoints(int mostSaved, int perSecond) {
        return new AdminOptions(domain, accessToken, clientSecret, tokenLife, scopes, protectedData, mostSaved,
                perSecond, searchLag, journeyDelay, bulkTime, versions, clock);
    }

    public AdminOptions withSearchLag(Duration value) {
        return new AdminOptions(domain, accessToken, clientSecret, tokenLife, scopes, protectedData, bucket,
                restoreRate, value, journeyDelay, bulkTime, versions, clock);
    }

    public AdminOptions withJourneyDelay(Duration value) {
        return new AdminOptions(domain, accessToken, clientSecret, tokenLife, scopes, protectedData, bucket,
                restoreRate, searchLag, value, bulkTime, versions, clock);
    }

    public AdminOptions withBulkTime(Duration value) {
        return new AdminOptions(domain, accessToken, clientSecret, tokenLife, scopes, protectedData, bucket,
                restoreRate, searchLag, journeyDelay, value, versions, clock);
    }

    public AdminOptions withVersions(String... oldestFirst) {
        return new AdminOptions(domain, accessToken, clientSecret, tokenLife, scopes, protectedData, bucket,
                restoreRate, searchLag, journeyDelay, bulkTime, List.of(oldestFirst), clock);
    }

    public AdminOptions withClock(Clock value) {
        return new AdminOptions(domain, accessToken, clientSecret, tokenLife, scopes, protectedData, bucket,
                restoreRate, searchLag, journeyDelay, bulkTime, versions, value);
    }

    @Override
    public String toString() {
        return "AdminOptions[domain=" + domain + ", scopes=" + scopes + ", versions=" + versions + "]";
    }
}
