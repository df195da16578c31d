package io.shopbridge.doorbell;

import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** {@code doorbell:<name>?threads=2&lookEvery=1000}. */
@UriEndpoint(scheme = "doorbell", title = "Doorbell", syntax = "doorbell:name", consumerOnly = true,
        firstVersion = "1.0.0")
public class DoorbellEndpoint extends DefaultEndpoint {

    /** Set where a step found as much as it could take. */
    private static final String AGAIN = "again";

    private final Doorbell doorbell;
    @UriPath(description = "the name of the signal")
    private final String name;
    @UriParam(defaultValue = "1", description = "how many exchanges run in parallel")
    private int threads = 1;
    @UriParam(defaultValue = "1000", description = "milliseconds after which the route polls without a signal")
    private long lookEvery = 1000;

    @UriParam(defaultValue = "0", description = "milliseconds to collect more after a signal (debounce)")
    private long gather;
    @UriParam(defaultValue = "0", description = "milliseconds from the start of one exchange to that of the next after a"
            + " signal; a signal after a quiet time starts one at once")
    private long spacing;

    DoorbellEndpoint(String uri, DoorbellComponent component, Doorbell doorbell, String name) {
        super(uri, component);
        this.doorbell = doorbell;
        this.name = name;
    }

    /**
     * A step found as much as it could take, so there may be more: the thread comes again, and another one is woken to
     * look at once.
     */
    public static void again(Exchange exchange) {
        exchange.setProperty(AGAIN, true);
        if (exchange.getFromEndpoint() instanceof DoorbellEndpoint endpoint && endpoint.threads > 1) {
            endpoint.doorbell.ringHere(endpoint.name);
        }
    }

    static boolean comesAgain(Exchange exchange) {
        return Boolean.TRUE.equals(exchange.getProperty(AGAIN, Boolean.class));
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        DoorbellConsumer consumer = new DoorbellConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("An endpoint doorbell:<name> can only start a route. To signal it, let a"
                + " bean call Doorbell.ring");
    }

    Doorbell doorbell() {
        return doorbell;
    }

    public String getName() {
        return name;
    }

    public int getThreads() {
        return threads;
    }

    public void setThreads(int threads) {
        this.threads = threads;
    }

    public long getLookEvery() {
        return lookEvery;
    }

    public void setLookEvery(long lookEvery) {
        this.lookEvery = lookEvery;
    }

    public long getGather() {
        return gather;
    }

    public void setGather(long gather) {
        this.gather = gather;
    }

    public long getSpacing() {
        return spacing;
    }

    public void setSpacing(long spacing) {
        this.spacing = spacing;
    }
}
