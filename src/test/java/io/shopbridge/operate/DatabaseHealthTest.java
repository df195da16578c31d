package io.shopbridge.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.health.Status;
import org.springframework.jdbc.datasource.AbstractDataSource;

class DatabaseHealthTest {

    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch answering = new CountDownLatch(1);
    private volatile boolean hangs;

    private final DatabaseHealth health = new DatabaseHealth(new AbstractDataSource() {
        @Override
        public Connection getConnection() throws SQLException {
            asked.incrementAndGet();
            if (hangs) {
                try {
                    answering.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            throw new SQLException("away");
        }

        @Override
        public Connection getConnection(String username, String password) throws SQLException {
            return getConnection();
        }
    });

    @Test
    void manyWhoAskCostTheDatabaseOneQuestion() {
        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
        int once = asked.get();
        for (int i = 0; i < 1000; i++) {
            health.health();
        }
        assertThat(asked.get()).isEqualTo(once);
    }

    @Test
    void whileOneWaitsForTheDatabaseTheOthersDoNot() {
        health.health();
        int once = asked.get();
        hangs = true;
        CompletableFuture<?> waiting = CompletableFuture.runAsync(() ->
                await().atMost(10, TimeUnit.SECONDS).until(() -> {
                    health.health();
                    return asked.get() > once;
                }));
        await().atMost(10, TimeUnit.SECONDS).until(() -> asked.get() > once);
        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(waiting).isNotDone();
        answering.countDown();
        waiting.join();
    }
}
