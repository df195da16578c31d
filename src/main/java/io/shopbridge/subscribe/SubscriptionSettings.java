package io.shopbridge.subscribe;

import io.shopbridge.store.InvalidSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The settings under {@code shopbridge.subscriptions}.
 *
 * @param address where Shopify reaches this installation, as in https://bridge.example.com; null: not known
 * @param mend    whether the hourly check registers again what is missing, and does not only tell of it
 */
@ConfigurationProperties("shopbridge.subscriptions")
public record SubscriptionSettings(String address, boolean mend) {

    private static final String HTTPS = "https://";

    /** @throws InvalidSettings where it is an address that Shopify refuses */
    public SubscriptionSettings {
        address = address == null || address.isBlank() ? null : address.strip().replaceFirst("/+$", "");
        if (address != null && !address.startsWith(HTTPS)) {
            throw new InvalidSettings("shopbridge.subscriptions.address: Shopify sends webhooks to " + HTTPS
                    + " alone; write the address at which the internet reaches this installation, as in " + HTTPS
                    + "bridge.example.com");
        }
        if (address == null && mend) {
            throw new InvalidSettings("shopbridge.subscriptions.mend: needs shopbridge.subscriptions.address, since"
                    + " nothing else says where Shopify is to send webhooks");
        }
    }

    /** Where the webhooks of a store go; null: not known. */
    String endpoint(String store) {
        return address == null ? null : address + "/webhooks/shopify/" + store;
    }
}
