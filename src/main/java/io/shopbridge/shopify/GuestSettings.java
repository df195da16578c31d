package io.shopbridge.shopify;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The settings under {@code shopbridge.guests}.
 *
 * @param key the secret that makes guests' ids, 32 characters or more; absent: a random one, made at the first start
 *            and kept in the database. The ids are made with the first one for good, so it can't be changed
 */
@ConfigurationProperties("shopbridge.guests")
record GuestSettings(String key) {

    @Override
    public String toString() {
        return "GuestSettings[key=" + (key == null ? "absent" : "***") + "]";
    }
}
