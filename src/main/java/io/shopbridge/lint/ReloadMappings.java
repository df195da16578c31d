package io.shopbridge.lint;

import io.shopbridge.crm.Crms;
import io.shopbridge.map.MappingsAccepted;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.yaml.Fault;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.support.FileWatcherResourceReloadStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Reloads a mapping when it is saved, for development: what the linter refuses is logged and not used. Switched on by
 * {@code shopbridge.reload-mappings}; in production, a mapping changes with a release.
 */
@Component
@ConditionalOnProperty(ReloadMappings.SETTING)
class ReloadMappings implements CamelContextConfiguration {

    static final String SETTING = "shopbridge.reload-mappings";

    private static final Logger LOG = LoggerFactory.getLogger(ReloadMappings.class);

    private final Crms crms;
    private final Path mappings;
    private final ApplicationEventPublisher events;

    ReloadMappings(Crms crms, ShopbridgeSettings settings, ApplicationEventPublisher events) {
        this.crms = crms;
        this.events = events;
        this.mappings = settings.mappingsDir();
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        // The files were read at the start; only later changes are of interest.
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        FileWatcherResourceReloadStrategy watcher =
                new FileWatcherResourceReloadStrategy(mappings.toAbsolutePath().toString(), true);
        watcher.setFileFilter(file -> file.getName().matches(".*[.](yaml|json|jq)"));
        watcher.setPollTimeout(500);
        watcher.setResourceReload((name, resource) -> reload(resource.getLocation()));
        try {
            context.addService(watcher);
        } catch (Exception e) {
            LOG.warn("Mappings are not reloaded when they are saved: {} can't be watched.", mappings, e);
        }
    }

    private void reload(String file) {
        List<Fault> faults = Lint.mappings(mappings);
        if (!Fault.harmful(faults).isEmpty()) {
            LOG.warn("The mappings are not reloaded until these faults are corrected:\n{}", Lint.lines(faults));
            return;
        }
        events.publishEvent(new MappingsAccepted());
        crms.reload();
        LOG.info("Reloaded the mappings after a change of {}.", file);
        if (file.endsWith("/topics.yaml") || file.endsWith("/entities.yaml")) {
            LOG.info("topics.yaml and entities.yaml are read at the start only: restart to use the change.");
        }
        if (!faults.isEmpty()) {
            LOG.warn("Tests are missing:\n{}", Lint.lines(faults));
        }
    }
}
