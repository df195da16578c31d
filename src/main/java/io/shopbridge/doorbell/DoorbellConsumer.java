package io.shopbridge.doorbell;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** Sends an empty exchange to its route after a signal, and again while the route finds as much as it can process. */
class DoorbellConsumer extends DefaultConsumer {

    /** Milliseconds. */
    private static final long AFTER_FAILURE = 1000;

    private final DoorbellEndpoint endpoint;
    private final ReentrantLock forming = new ReentrantLock();
    /** In {@link System#nanoTime}. */
    private final AtomicLong lastPoll = new AtomicLong(System.nanoTime());
    /** Of an exchange after a signal, in {@link System#nanoTime}; guarded by the lock. */
    private long lastStart = System.nanoTime();
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
            threads.execute(this::consume);
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (threads == null) {
            // Another failure kept the context from starting, and is reported.
            super.doStop();
            return;
        }
        // Running exchanges end by themselves: the loop checks between exchanges whether to continue.
        ended.countDown();
        threads.shutdown();
        endpoint.doorbell().wake(endpoint.getName(), endpoint.getThreads());
        if (!threads.awaitTermination(20, TimeUnit.SECONDS)) {
            threads.shutdownNow();
        }
        super.doStop();
    }

    private void consume() {
        while (goesOn()) {
            try {
                boolean comesAgain = run();
                while (!comesAgain && goesOn()) {
                    awaitSignalOrPoll();
                    comesAgain = letABatchForm();
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

    /** Without a signal, one of the threads polls: it finds what all of them would. */
    private void awaitSignalOrPoll() throws InterruptedException {
        long interval = TimeUnit.MILLISECONDS.toNanos(endpoint.getLookEvery());
        while (goesOn()) {
            long last = lastPoll.get();
            long left = last + interval - System.nanoTime();
            if (left <= 0 ? lastPoll.compareAndSet(last, System.nanoTime())
                    : endpoint.doorbell().await(endpoint.getName(), Duration.ofNanos(left))) {
                return;
            }
        }
    }

    /** Consumers are stopped one after another, but none starts an exchange after the first was stopped. */
    private boolean goesOn() {
        return isRunAllowed() && !isStopping() && !endpoint.getCamelContext().isStopping();
    }

    /**
     * The exchange that follows finds all that was signalled until now, so no other thread has to look for it.
     *
     * @return false where another thread does it already
     */
    private boolean letABatchForm() throws InterruptedException {
        if (!forming.tryLock()) {
            return false;
        }
        try {
            long spacing = lastStart + TimeUnit.MILLISECONDS.toNanos(endpoint.getSpacing()) - System.nanoTime();
            ended.await(Math.max(TimeUnit.MILLISECONDS.toNanos(endpoint.getGather()), spacing), TimeUnit.NANOSECONDS);
            lastStart = System.nanoTime();
            if (goesOn()) {
                endpoint.doorbell().heard(endpoint.getName());
            }
            return true;
        } finally {
            forming.unlock();
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

    /** A failing route must not spin, not even while signals keep coming. */
    private void pauseAfterFailure() {
        try {
            ended.await(Math.min(endpoint.getLookEvery(), AFTER_FAILURE), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
