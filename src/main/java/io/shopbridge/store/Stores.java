package io.shopbridge.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The configured shops by name. */
@Component
public class Stores {

    private static final Logger LOG = LoggerFactory.getLogger(Stores.class);

    private final Map<String, Store> stores = new LinkedHashMap<>();

    /** @throws InvalidSettings with everything that is wrong with the settings of all shops */
    public Stores(ShopbridgeSettings settings) {
        List<String> crms = List.copyOf(settings.crms().keySet());
        List<String> problems = new ArrayList<>();
        settings.stores().forEach((name, store) -> stores.put(name, Store.of(name, store, crms, problems)));
        if (!problems.isEmpty()) {
            throw new InvalidSettings(String.join("\n", problems));
        }
        stores.values().stream().filter(store -> store.domain() != null && !ShopDomain.isShopifys(store.domain()))
                .forEach(store -> LOG.warn("shopbridge.stores.{}.domain is {}. Shopify's webhooks name a shop by its"
                        + " myshopify.com domain, so this store's webhooks are refused unless they name this one",
                        store.name(), store.domain()));
    }

    public Optional<Store> find(String name) {
        return Optional.ofNullable(stores.get(name));
    }

    /** The shop of this name, which a row of the database names: that it is configured no more is an error. */
    public Store get(String name) {
        return find(name).orElseThrow(() -> new IllegalStateException("Store \"" + name
                + "\" has records here but is not configured; add it under shopbridge.stores again"));
    }

    /** Whether there is such a shop and it feeds this CRM: links of one that was removed from the settings stay. */
    public boolean feeds(String name, String crm) {
        return find(name).filter(store -> store.crms().contains(crm)).isPresent();
    }

    public Collection<Store> all() {
        return stores.values();
    }
}
