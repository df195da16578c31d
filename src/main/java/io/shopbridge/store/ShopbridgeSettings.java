package io.shopbridge.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * The settings under {@code shopbridge}.
 *
 * @param routesDir   folder with the Camel routes
 * @param mappingsDir folder with one folder a CRM
 * @param stores      the Shopify shops by a name of the operator's own, which is also in the webhook path
 * @param crms        the CRM accounts by a name of the operator's own; keys are {@code folder}, {@code base-url} and
 *                    whatever the folder's crm.yaml asks for
 * @param webhook     limits of the webhook endpoint
 * @param retention   how long what was received and recorded is kept
 * @param retry       how long work waits after a failure
 */
@ConfigurationProperties("shopbridge")
public record ShopbridgeSettings(
        @DefaultValue("routes") Path routesDir,
        @DefaultValue("mappings") Path mappingsDir,
        @DefaultValue Map<String, StoreSettings> stores,
        @DefaultValue Map<String, Map<String, String>> crms,
        @DefaultValue Webhook webhook,
        @DefaultValue Retention retention,
        @DefaultValue Retry retry) {

    /**
     * @param maxBody    largest body that is read; a larger one is answered 413
     * @param bodyWait   longest time for a whole body to come in before 408 is answered
     * @param bodyMemory what the bodies under way may take together before 503 is answered; null: an eighth of the heap
     * @param commitWait longest wait for the database before 503 is answered: Shopify gives up after 5 s
     * @param maxAge     how long ago an event may have been triggered when it comes: Shopify sends it again for four
     *                   hours only; an older one that would change something waits for a person
     */
    public record Webhook(@DefaultValue("5MB") DataSize maxBody, @DefaultValue("3s") Duration bodyWait,
            DataSize bodyMemory, @DefaultValue("3s") Duration commitWait, @DefaultValue("3d") Duration maxAge) {
    }

    /**
     * Personal data is on loan. What is let go of never makes a second CRM record or another total: links and amounts
     * stay. The routes of {@code 5-watch/expiry} read these by their names; here they are checked at the start.
     *
     * @param inbox          the bytes of received events, for replay
     * @param outcomes       outcomes and settled rejections
     * @param conflicts      which side's value stayed where both had changed it
     * @param rejections     what a CRM said of an open rejection; the rejection itself stays open
     * @param deleted        the mirror of a record after its deletion in Shopify
     * @param checkouts      the mirror of a checkout after its last change
     * @param guests         the mirror of a buyer without an account after the last order
     * @param orders         the mirror of an order after its last change
     * @param baseValues     the values last written to a CRM record, after the last write
     * @param plans          what a plan of changed mappings found, with examples, after it was made
     * @param identityClaims who is creating whose CRM record; by then every CRM's search finds what was created
     */
    public record Retention(Duration inbox, Duration outcomes, Duration conflicts, Duration rejections,
            Duration deleted, Duration checkouts, Duration guests, Duration orders, Duration baseValues,
            Duration plans, Duration identityClaims) {
    }

    /**
     * Waits after the short retries of {@code routes/errors.camel.yaml}.
     *
     * @param firstWait   of a record that failed; each further wait is twice as long
     * @param longestWait at most; it never gives up
     * @param lockedOut   until credentials that a CRM does not accept are tried again
     * @param refused     until a call that a CRM refused as a whole is tried again
     */
    public record Retry(@DefaultValue("20s") Duration firstWait, @DefaultValue("1h") Duration longestWait,
            @DefaultValue("2m") Duration lockedOut, @DefaultValue("5m") Duration refused) {

        /** Where nothing is set. */
        public static Retry defaults() {
            return new Binder().bindOrCreate("shopbridge.retry", Retry.class);
        }
    }

    /** The settings of an application that is not running, or not yet. */
    public static ShopbridgeSettings of(Environment environment) {
        return Binder.get(environment).bindOrCreate("shopbridge", ShopbridgeSettings.class);
    }

    /** As these, but with this CRM alone, which can then be looked at whatever is wrong with the others. */
    public ShopbridgeSettings ofCrm(String name) {
        return new ShopbridgeSettings(routesDir, mappingsDir, Map.of(), Map.of(name, crms.get(name)), webhook,
                retention, retry);
    }

    /** As these, but with the mappings of another folder. */
    public ShopbridgeSettings ofMappings(Path folder) {
        return new ShopbridgeSettings(routesDir, folder, stores, crms, webhook, retention, retry);
    }

    /** As these, but with this store alone. */
    public ShopbridgeSettings ofStore(String name) {
        return new ShopbridgeSettings(routesDir, mappingsDir, Map.of(name, stores.get(name)), crms, webhook,
                retention, retry);
    }

    /** The names of stores and CRMs: what is set for them holds secrets. */
    @Override
    public String toString() {
        return "ShopbridgeSettings[stores=" + stores.keySet() + ", crms=" + crms.keySet() + "]";
    }
}
