package io.shopbridge.inbox;

import org.apache.camel.Exchange;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.service.ServiceSupport;
import org.springframework.stereotype.Component;

/**
 * The inbox as the repository of Camel's idempotent consumer: the key and the event it stands for are one row and
 * commit together, so there is no moment at which one of them exists without the other.
 */
@Component("inboxRepository")
public class InboxRepository extends ServiceSupport implements IdempotentRepository {

    private final Inbox inbox;

    public InboxRepository(Inbox inbox) {
        this.inbox = inbox;
    }

    /** Keeps the event that is the exchange's body. */
    @Override
    public boolean add(Exchange exchange, String key) {
        return inbox.keep(exchange.getMessage().getBody(Event.class));
    }

    /** What was committed was acknowledged, or will be when it is sent again: nothing is taken back. */
    @Override
    public boolean remove(String key) {
        return false;
    }

    @Override
    public boolean confirm(String key) {
        return true;
    }

    @Override
    public boolean add(String key) {
        throw new UnsupportedOperationException("An event is kept with its bytes, which only the exchange has");
    }

    @Override
    public boolean contains(String key) {
        throw new UnsupportedOperationException("Asked for nowhere: the idempotent consumer of webhooks is eager");
    }

    @Override
    public void clear() {
        throw new UnsupportedOperationException("The inbox expires by retention, it is never cleared");
    }
}
