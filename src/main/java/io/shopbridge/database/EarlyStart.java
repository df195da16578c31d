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
    private boolean asked;

    EarlyStart(Environment environment) {
        // So early there is no bean of the settings.
        start = new FutureTask<>(() -> EmbeddedServer.start(Binder.get(environment)
                .bindOrCreate(EmbeddedPostgresSettings.PREFIX, EmbeddedPostgresSettings.class)));
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Thread thread = new Thread(start, "embedded-postgres");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The running server, which whoever asks must close.
     *
     * @throws DatabaseUnusable if it cannot be started; says why and what to do
     */
    EmbeddedServer server() {
        asked = true;
        try {
            return start.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException("The embedded PostgreSQL could not be started", e.getCause());
        } catch (InterruptedException e) {
            asked = false;
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The start was interrupted", e);
        }
    }

    /** Stops the server if the start ended before anybody has asked for it. */
    @Override
    public void close() throws InterruptedException {
        if (!asked) {
            try {
                start.get().close();
            } catch (ExecutionException e) {
                // It does not run, and what ended the start is reported already.
            }
        }
    }
}
