package io.shopbridge.store;

import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One shop, as configured under {@code shopbridge.stores.<store>}.
 *
 * @param domain         the shop's myshopify.com domain, or an address with it; a webhook that names another is refused
 * @param webhookSecrets the app's client secrets. Two during a rotation: Shopify may sign with the old one for an hour
 *                       (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries)
 * @param region         ISO 3166-1 alpha-2 country in which local phone numbers of this shop are read
 * @param crms           names of the CRMs that this shop feeds; empty: all configured
 */
public record StoreSettings(
        String domain,
        @DefaultValue List<String> webhookSecrets,
        @DefaultValue("US") String region,
        @DefaultValue List<String> crms) {
}
