package io.shopbridge.receive;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.stereotype.Component;

/**
 * The route of webhooks while it is ready. The web server starts before the routes and may stop after them; a webhook
 * that arrives in between must be redelivered, and not get a 404.
 */
@Component
class WebhookRoute {

    private final AtomicReference<WebhookConsumer> open = new AtomicReference<>();

    Optional<WebhookConsumer> open() {
        return Optional.ofNullable(open.get());
    }

    void opens(WebhookConsumer consumer) {
        open.set(consumer);
    }

    void closes(WebhookConsumer consumer) {
        open.compareAndSet(consumer, null);
    }
}
