package io.shopbridge.conformance;

import io.shopbridge.RunningShopbridge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Stores that all feed the same four CRMs, each CRM with its own limits. */
final class OneShopAndEveryCrm implements AutoCloseable {

    static final String MAPPINGS = "--shopbridge.mappings-dir=";

    private final Map<String, CrmAdapter> crms = new TreeMap<>();
    private final List<String> settings;
    private RunningShopbridge shopbridge;

    OneShopAndEveryCrm(String... stores) {
        this(List.of(), stores);
    }

    /** @param more settings, each as {@code --name=value} */
    OneShopAndEveryCrm(List<String> more, String... stores) {
        settings = new ArrayList<>(more);
        if (more.stream().noneMatch(setting -> setting.startsWith(MAPPINGS))) {
            settings.add(MAPPINGS + RunningShopbridge.fastMappings());
        }
        CrmAdapter.SHIPPED.forEach((folder, adapter) -> {
            CrmAdapter crm = adapter.apply(RunningShopbridge.options());
            crms.put(folder, crm);
            settings.add("--shopbridge.crms." + account(folder) + ".folder=" + folder);
            crm.settings().forEach((name, value) ->
                    settings.add("--shopbridge.crms." + account(folder) + "." + name + "=" + value));
        });
        for (String store : stores) {
            settings.add("--shopbridge.stores." + store + ".domain=" + domain(store));
            settings.add("--shopbridge.stores." + store + ".webhook-secrets=" + RunningShopbridge.SECRET);
            settings.add("--shopbridge.stores." + store + ".region=US");
            settings.add("--shopbridge.stores." + store + ".crms="
                    + String.join(",", crms.keySet().stream().map(OneShopAndEveryCrm::account).toList()));
        }
        start();
    }

    void start() {
        shopbridge = RunningShopbridge.with(settings.toArray(String[]::new));
    }

    /** The CRMs stay as they are; the next start needs a database that the settings name. */
    void stop() {
        shopbridge.close();
    }

    /** By their folders. */
    Map<String, CrmAdapter> crms() {
        return crms;
    }

    RunningShopbridge shopbridge() {
        return shopbridge;
    }

    void clear() {
        shopbridge.reset();
        crms.values().forEach(CrmAdapter::clear);
    }

    static String domain(String store) {
        return store + ".myshopify.com";
    }

    private static String account(String folder) {
        return "one-" + folder;
    }

    @Override
    public void close() {
        shopbridge.close();
        crms.values().forEach(CrmAdapter::close);
    }
}
