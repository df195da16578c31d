package io.shopbridge.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.TestDatabase;
import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.store.ShopbridgeSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Which of the waiting events are taken first. */
class WaitingEventsIT {

    private static final int OF_HISTORY = 210;
    private static final String HISTORY = ReceivedEvent.HISTORY + "order";
    private static TestDatabase database;

    @BeforeAll
    static void makeDatabase() {
        database = TestDatabase.migrated();
    }

    @AfterAll
    static void dropDatabase() {
        database.close();
    }

    @Test
    void whatTodaysWebhookSaysDoesNotWaitForHistory() {
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        JdbcTransactionManager transactions = new JdbcTransactionManager(database.dataSource());
        Inbox inbox = new Inbox(jdbc, new Doorbell(), new Binder(new MapConfigurationPropertySource(Map.of(
                "shopbridge.webhook.commit-wait", "3s"))).bind("shopbridge", ShopbridgeSettings.class).get());
        inbox.keepTogether(IntStream.range(0, OF_HISTORY).mapToObj(i -> event(HISTORY, i)).toList());
        inbox.keepTogether(List.of(event("orders/updated", OF_HISTORY)));

        WaitingEvents waiting = new WaitingEvents(jdbc, transactions);
        TransactionTemplate transaction = new TransactionTemplate(transactions);
        Pass first = waiting.oldest();
        List<ReceivedEvent> taken = transaction.execute(status -> waiting.take(first));
        assertThat(taken.stream().map(ReceivedEvent::topic)).contains("orders/updated", HISTORY);
        assertThat(first.isFull()).as("more waits").isTrue();

        Pass second = waiting.oldest();
        List<ReceivedEvent> others = transaction.execute(status -> waiting.take(second));
        assertThat(others).as("a pass of history alone is larger").hasSizeGreaterThan(taken.size());
        assertThat(others).hasSize(OF_HISTORY + 1 - taken.size());
        assertThat(waiting.take(waiting.oldest())).isEmpty();
    }

    private static Event event(String topic, int number) {
        byte[] body = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
        return new Event("main", topic, topic + number, null, null, Event.fingerprint(topic, body), body);
    }
}
