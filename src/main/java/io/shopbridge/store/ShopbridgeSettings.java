package io.shopbridge.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
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
 */
@ConfigurationProperties("shopbridge")
public record ShopbridgeSettings(
        @DefaultValue("routes") Path routesDir,
        @DefaultValue("mappings") Path mappingsDir,
        @DefaultValue Map<String, StoreSettings> stores,
        @DefaultValue Map<String, Map<String, String>> crms,
        @DefaultValue Webhook webhook,
        @DefaultValue Retention retention) {

    /**
     * @param maxBody    largest body that is read; a larger one is answered 413
     * @param commitWait longest wait for the database before 503 is answered: Shopify gives up after 5 s
     * @param maxAge     how long ago an event may have been triggered when it comes: Shopify sends it again for four
     *                   hours only; an older one that would change something waits for a person
     */
    public record Webhook(@DefaultValue("5MB") DataSize maxBody, @DefaultValue("3s") Duration commitWait,
            @DefaultValue("3d") Duration maxAge) {
    }

    /**
     * @param inbox    how long the bytes of received events are kept for replay
     * @param outcomes how long outcomes and settled rejections are kept
     */
    public record Retention(@DefaultValue("30d") Duration inbox, @DefaultValue("90d") Duration outcomes) {
    }
}
