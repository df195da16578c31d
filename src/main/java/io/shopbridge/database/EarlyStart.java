package io.shopbridge.database;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;

/**
 * Starts the embedded server before any bean is created, in a thread of its own: {@code initdb} and the server take
 * seconds, in which all that needs no database starts too. Whoever asks for the server waits for it.
 */
final class EarlyStart implements BeanFactoryPostProcessor, PriorityOrdered, AutoCloseable {

    private final FutureTask<EmbeddedServer> start;
    /** Whether somebody must stop the server who has not asked for it. */
    private boolean unclaimed;

    EarlyStart(Environment environment) {
        // So early there is no bean of the settings.
        start = new FutureTask<>(() -> EmbeddedServer.start(Binder.get(environment)
                .bindOrCreate(EmbeddedPostgresSettings.PREFIX, EmbeddedPostgresSettings.class)));
    }

    /** After the look whether it may start at all. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 1;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Thread thread = new Thread(start, "embedded-postgres");
        thread.setDaemon(true);
        thread.start();
        unclaimed = true;
    }

    /**
     * The running server, which whoever asks must close.
     *
     * @throws DatabaseUnusable if it cannot be started; says why and what to do
     */
    EmbeddedServer server() {
        unclaimed = false;
        try {
            return start.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException("The embedded PostgreSQL could not be started", e.getCause());
        } catch (InterruptedException e) {
            unclaimed = true;
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The start was interrupted", e);
        }
    }

    /** Stops the server if the start ended before anybody has asked for it. */
    @Override
    public void close() throws InterruptedException {
        if (unclaimed) {
            try {
                start.get().close();
            } catch (ExecutionException e) {
                // It does not run, and what ended the start is reported already.
            }
        }
    }
}
