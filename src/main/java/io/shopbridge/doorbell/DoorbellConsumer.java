package io.shopbridge.doorbell;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** Sends an empty exchange down its route after a ring, and again while the route finds all it can take. */
class DoorbellConsumer extends DefaultConsumer {

    private final DoorbellEndpoint endpoint;
    private final ReentrantLock gathering = new ReentrantLock();
    private volatile CountDownLatch ended = new CountDownLatch(1);
    private ExecutorService threads;

    DoorbellConsumer(DoorbellEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ended = new CountDownLatch(1);
        threads = endpoint.getCamelContext().getExecutorServiceManager()
                .newFixedThreadPool(this, "doorbell-" + endpoint.getName(), endpoint.getThreads());
        for (int i = 0; i < endpoint.getThreads(); i++) {
            threads.execute(this::answerTheDoor);
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (threads == null) {
            // Something else kept the context from starting, and says so better.
            super.doStop();
            return;
        }
        // What is under way ends by itself: the loop looks whether it goes on between exchanges.
        ended.countDown();
        threads.shutdown();
        endpoint.doorbell().wake(endpoint.getName(), endpoint.getThreads());
        if (!threads.awaitTermination(20, TimeUnit.SECONDS)) {
            threads.shutdownNow();
        }
        super.doStop();
    }

    private void answerTheDoor() {
        Doorbell doorbell = endpoint.doorbell();
        while (goesOn()) {
            try {
                if (!run() && goesOn()) {
                    doorbell.await(endpoint.getName(), Duration.ofMillis(endpoint.getLookEvery()));
                    gather();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (Exception e) {
                getExceptionHandler().handleException("The route of " + endpoint.getEndpointUri() + " failed", e);
                pauseAfterFailure();
            }
        }
    }

    /** Consumers are stopped one after the other, but none of them begins anything once the first is. */
    private boolean goesOn() {
        return isRunAllowed() && !isStopping() && !endpoint.getCamelContext().isStopping();
    }

    /** One thread at a time: two that gather side by side would halve what each finds. */
    private void gather() throws InterruptedException {
        if (endpoint.getGather() > 0) {
            gathering.lockInterruptibly();
            try {
                ended.await(endpoint.getGather(), TimeUnit.MILLISECONDS);
            } finally {
                gathering.unlock();
            }
        }
    }

    private boolean run() throws Exception {
        Exchange exchange = createExchange(false);
        try {
            getProcessor().process(exchange);
            if (exchange.getException() != null) {
                throw exchange.getException();
            }
            return DoorbellEndpoint.comesAgain(exchange);
        } finally {
            releaseExchange(exchange, false);
        }
    }

    /** A failing route must not spin, not even while the bell keeps ringing. */
    private void pauseAfterFailure() {
        try {
            ended.await(endpoint.getLookEvery(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
