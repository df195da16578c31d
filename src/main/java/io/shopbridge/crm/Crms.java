package io.shopbridge.crm;

import io.shopbridge.map.Mappings;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.yaml.InvalidMappings;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The configured CRM accounts, read and checked at the start, and again when told to. */
@Component
public class Crms {

    private final ShopbridgeSettings settings;
    private volatile Map<String, Crm> crms;

    /**
     * @throws InvalidCrm      where a crm.yaml or a setting is missing or wrong
     * @throws InvalidMappings with every fault of every mapping of their folders
     */
    public Crms(ShopbridgeSettings settings) throws InvalidMappings {
        this.settings = settings;
        this.crms = read(settings);
    }

    /**
     * Reads the files again; deliveries that begin from now on use them. Everything stays as it was where they are
     * refused. A CRM or an entity that is new needs a start, since it needs routes.
     *
     * @throws InvalidCrm      where a crm.yaml or a setting is missing or wrong
     * @throws InvalidMappings with every fault of every mapping of their folders
     */
    public void reload() throws InvalidMappings {
        crms = read(settings);
    }

    private static Map<String, Crm> read(ShopbridgeSettings settings) {
        Mappings mappings = Mappings.load(settings.mappingsDir(), folders(settings)::contains);
        Map<String, Crm> crms = new LinkedHashMap<>();
        settings.crms().forEach((name, values) -> {
            String folder = folder(name, values, settings.mappingsDir());
            CrmDefinition definition = CrmDefinition.read(settings.mappingsDir(), folder);
            Crm crm = new Crm(name, folder, definition, values, mappings.of(folder));
            crm.addresses();
            if (crm.isRest()) {
                RestCrm.checkAuthorization(crm);
            }
            crms.put(name, crm);
        });
        return crms;
    }

    /** Names of the folders of {@code mappings/} that the configured CRMs use. */
    public static Set<String> folders(ShopbridgeSettings settings) {
        return settings.crms().entrySet().stream()
                .map(crm -> folder(crm.getKey(), crm.getValue(), settings.mappingsDir())).collect(Collectors.toSet());
    }

    private static String folder(String name, Map<String, String> values, Path mappingsDir) {
        return new CrmSettings(name, values).get("folder").orElseGet(() -> folderOf(name, mappingsDir));
    }

    /** The folder of this name; also crm-one for crmone, since the environment can't spell dashes. */
    private static String folderOf(String name, Path mappingsDir) {
        String[] folders = mappingsDir.toFile().list((dir, folder) -> folder.replace("-", "").equals(name));
        return folders != null && folders.length == 1 ? folders[0] : name;
    }

    /** The CRM of this name, which a route or a row names. */
    public Crm get(String name) {
        Crm crm = crms.get(name);
        if (crm == null) {
            throw new IllegalStateException("CRM \"" + name + "\" is not configured under shopbridge.crms; there are "
                    + crms.keySet());
        }
        return crm;
    }

    public Collection<Crm> all() {
        return crms.values();
    }
}
