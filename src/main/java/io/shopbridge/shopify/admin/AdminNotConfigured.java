package io.shopbridge.shopify.admin;

/** No access to the Admin API is configured for the store. */
public final class AdminNotConfigured extends AdminFailure {

    AdminNotConfigured(String store) {
        super("No access to the Admin API of store \"" + store + "\" is configured; set shopbridge.stores." + store
                + ".admin.client-id and .admin.client-secret, or .admin.access-token", null);
    }
}
