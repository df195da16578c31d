package io.shopbridge;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.StandardEnvironment;

/** A command silences the log of its process. Which tests run in that process after it is chance, and some read the log. */
public class AudibleLog implements BeforeEachCallback {

    private static final Logger LOG = LoggerFactory.getLogger(AudibleLog.class);

    @Override
    public void beforeEach(ExtensionContext test) {
        if (!LOG.isErrorEnabled()) {
            LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
            logging.beforeInitialize();
            logging.initialize(new LoggingInitializationContext(new StandardEnvironment()), null, null);
        }
    }
}
