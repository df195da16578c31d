package io.shopbridge.shopify;

import io.shopbridge.store.InvalidSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.StringUtils;

/** The key that {@link KeyedGuestIds} has made ids with: of the settings, or else of the database. */
@Configuration(proxyBeanMethods = false)
class GuestKeyConfiguration {

    private static final String REMEDY = " Guest ids depend on it, so it can't change: set the key of the first"
            + " start";

    private record Stored(String key, String fingerprint) {

        @Override
        public String toString() {
            return "Stored[fingerprint=" + fingerprint + "]";
        }
    }

    /** @throws InvalidSettings if the settings have another key than ids were made with */
    @Bean
    GuestKey guestKey(JdbcClient database, GuestSettings settings) {
        Stored stored = database.sql("SELECT key, fingerprint FROM guest_key").query(Stored.class).single();
        if (!StringUtils.hasText(settings.key())) {
            if (stored.key() == null) {
                throw new InvalidSettings("shopbridge.guests.key is missing." + REMEDY);
            }
            return GuestKey.of(stored.key());
        }
        GuestKey key = GuestKey.of(settings);
        if (!key.fingerprint().equals(stored.fingerprint())) {
            throw new InvalidSettings("shopbridge.guests.key is not the key of this database." + REMEDY
                    + (stored.key() == null ? "" : ", or no key, because the database has it"));
        }
        return key;
    }
}
