package io.shopbridge.shopify;

import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Reads {@code mappings/shopify} once, at the start: records that are stored by it stay. */
@Configuration(proxyBeanMethods = false)
class ShopifyConfiguration {

    /** @throws InvalidMappings where the folder is broken, or says of no topic what to do with it */
    @Bean
    Shopify shopify(ShopbridgeSettings settings) {
        Shopify shopify = Shopify.load(settings.mappingsDir());
        if (shopify.handled().isEmpty()) {
            throw new InvalidMappings(List.of(new Fault(settings.mappingsDir() + "/" + TopicsReader.FILE, 0, "",
                    "has no topic", "describe each topic; without them nothing reaches a CRM")));
        }
        return shopify;
    }
}
