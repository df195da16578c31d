package io.shopbridge.sandbox.shop;

import io.shopbridge.sandbox.shop.AdminOptions.ProtectedData;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the app may read: by scopes, each type of the API having its own, and by approval for protected customer data.
 *
 * @see <a href="https://shopify.dev/docs/api/usage/access-scopes">Access scopes</a>
 */
final class Access {

    private static final String ORDERS = "`read_orders` access scope.";
    private static final String CUSTOMERS = "`read_customers` access scope.";
    private static final String DRAFT_ORDERS = "`read_draft_orders` access scope.";
    private static final String COMPANIES = "`read_customers` access scope or `read_companies` access scope. Also: The"
            + " shop must have access to B2B. Some operations may require additional plan capabilities.";
    private static final String PRODUCTS = "`read_products` access scope.";

    /** What a type takes, in Shopify's words; any one of the scopes that stand in them is enough. */
    private static final Map<String, String> REQUIRED = Map.ofEntries(Map.entry("Order", ORDERS),
            Map.entry("AbandonedCheckout", ORDERS), Map.entry("Refund", ORDERS), Map.entry("Fulfillment", ORDERS),
            Map.entry("DraftOrder", DRAFT_ORDERS),
            Map.entry("OrderTransaction", ORDERS), Map.entry("Customer", CUSTOMERS), Map.entry("Company", COMPANIES),
            Map.entry("CompanyContact", COMPANIES), Map.entry("CompanyLocation", COMPANIES),
            Map.entry("Product", PRODUCTS), Map.entry("ProductVariant", PRODUCTS),
            Map.entry("Location", "`read_locations` access scope, `read_inventory` access scope or `read_markets_home`"
                    + " access scope."),
            Map.entry("Return", "`read_returns` access scope or `read_marketplace_returns` access scope."));

    /** Fields with a person's name, e-mail, phone or address. */
    private static final Map<String, Set<String>> PROTECTED = Map.of(
            "Customer", Set.of("firstName", "lastName", "defaultEmailAddress", "defaultPhoneNumber", "defaultAddress",
                    "addressesV2"),
            "Order", Set.of("email", "phone", "billingAddress", "shippingAddress"),
            "DraftOrder", Set.of("email", "phone", "billingAddress", "shippingAddress"),
            "AbandonedCheckout", Set.of("billingAddress", "shippingAddress"));

    private final ProtectedData protectedData;
    private volatile Set<String> scopes;

    Access(Set<String> scopes, ProtectedData protectedData) {
        this.scopes = Set.copyOf(scopes);
        this.protectedData = protectedData;
    }

    Set<String> scopes() {
        return new TreeSet<>(scopes);
    }

    void scopes(Set<String> granted) {
        scopes = Set.copyOf(granted);
    }

    boolean has(String scope) {
        return scopes.contains(scope) || scopes.contains(scope.replaceFirst("^read_", "write_"));
    }

    /** Null if objects of this type may be read, else what it takes. */
    String missingFor(String type) {
        String required = REQUIRED.get(type);
        if (required == null) {
            return null;
        }
        for (String word : required.split("`")) {
            if (word.startsWith("read_") && has(word)) {
                return null;
            }
        }
        return required;
    }

    /** Whether this field is withheld. */
    boolean isWithheld(String type, String field) {
        return protectedData != ProtectedData.APPROVED && PROTECTED.getOrDefault(type, Set.of()).contains(field);
    }

    boolean saysWhatIsWithheld() {
        return protectedData == ProtectedData.REFUSED;
    }
}
