package io.shopbridge.store;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The configured shops by name. */
@Component
public class Stores {

    private final Map<String, Store> stores = new LinkedHashMap<>();

    public Stores(ShopbridgeSettings settings) {
        List<String> crms = List.copyOf(settings.crms().keySet());
        settings.stores().forEach((name, store) -> stores.put(name, Store.of(name, store, crms)));
    }

    public Optional<Store> find(String name) {
        return Optional.ofNullable(stores.get(name));
    }

    /** The shop of this name, which a row of the database names: that it is configured no more is an error. */
    public Store get(String name) {
        return find(name).orElseThrow(() -> new IllegalStateException("Store \"" + name
                + "\" has records here but is not configured; add it under shopbridge.stores again"));
    }

    public Collection<Store> all() {
        return stores.values();
    }
}
