package io.shopbridge.subscribe;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.poll.ExtraPolls;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.Store;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The subscriptions that are missing or wrong, and since when their webhooks may have been missed. From then on the shop is
 * polled again: when a fault is found, and when it is no more.
 */
@Component
public class OpenFaults {

    /**
     * For so long Shopify sends an event again before it deletes the subscription: four hours, and one for clocks and
     * delays (https://shopify.dev/changelog/updates-to-webhook-retry-mechanism).
     */
    private static final Duration SENT_AGAIN = Duration.ofHours(5);

    private final JdbcTemplate jdbc;
    private final Shopify shopify;
    private final ExtraPolls polls;

    OpenFaults(JdbcTemplate jdbc, Shopify shopify, ExtraPolls polls) {
        this.jdbc = jdbc;
        this.shopify = shopify;
        this.polls = polls;
    }

    /**
     * What may have been missed.
     *
     * @param since  null: nothing is known of it
     * @param polled the entities that are polled from then on
     * @param beyond says which of it no poll reaches; empty: all is polled
     */
    record Missed(Instant since, Set<String> polled, String beyond) {

        @Override
        public String toString() {
            return since == null ? "What happened before may have been missed: a backfill brings it."
                    : "What happened since " + since + " may have been missed: " + (polled.isEmpty()
                            ? "a backfill from then on brings it." : "the shop is polled from then on (" + String.join(", ",
                                    polled) + ")." + (beyond.isEmpty() ? "" : " " + beyond));
        }
    }

    /** How many topics are missing or wrong, as far as is known. */
    public long count(String store) {
        Long count = jdbc.queryForObject("SELECT count(*) FROM subscription_fault WHERE store = ?", Long.class, store);
        return count == null ? 0 : count;
    }

    /**
     * Remembers these.
     *
     * @param asked when the shop was asked, our clock
     * @return those that were not known; empty: somebody has mended them since the shop was asked
     */
    @Transactional
    Optional<List<Fault>> found(String store, List<Fault> faults, Instant asked) {
        boolean outdated = instants("SELECT mended_at FROM subscription_check WHERE store = ? FOR UPDATE", store)
                .anyMatch(mended -> !asked.isAfter(mended));
        return outdated ? Optional.empty() : Optional.of(found(store, faults));
    }

    private List<Fault> found(String store, List<Fault> faults) {
        Set<String> known = new HashSet<>(jdbc.queryForList("SELECT topic FROM subscription_fault WHERE store = ?",
                String.class, store));
        List<Fault> news = faults.stream().filter(fault -> !known.contains(fault.topic())).toList();
        news.forEach(fault -> jdbc.update("""
                INSERT INTO subscription_fault (store, topic, because, missed_since) VALUES (?, ?, ?, ?)
                ON CONFLICT (store, topic) DO UPDATE SET missed_since =
                    least(subscription_fault.missed_since, EXCLUDED.missed_since)""", store, fault.topic(), fault.because(),
                // Of what should not be there nothing is missed.
                fault.mending() == Fault.Mending.DELETE ? null : missedSince(store, fault.topic())));
        return news;
    }

    /**
     * Keeps what is left of the faults, and polls for what the new ones and those that are over have missed.
     *
     * @param news  topics
     * @param left  topics, and what is wrong
     * @param asked when the shop was asked, our clock
     */
    @Transactional
    Missed judged(Store store, List<String> news, Map<String, String> left, Instant asked) {
        Set<String> topics = new TreeSet<>(news);
        topics.addAll(jdbc.queryForList("SELECT topic FROM subscription_fault WHERE store = ? AND NOT topic = ANY (?)",
                String.class, store.name(), texts(left.keySet())));
        Missed missed = poll(store, topics);
        over(store.name(), topics.stream().filter(topic -> !left.containsKey(topic)).toList());
        left.forEach((topic, because) -> jdbc.update("UPDATE subscription_fault SET because = ?"
                + " WHERE store = ? AND topic = ?", because, store.name(), topic));
        jdbc.update("INSERT INTO subscription_check (store, at) VALUES (?, ?)"
                + " ON CONFLICT (store) DO UPDATE SET at = EXCLUDED.at", store.name(), Timestamp.from(asked));
        return missed;
    }

    /**
     * These are mended; what they have missed is polled for.
     *
     * @param asked when the shop was asked, our clock: a check since then has found them too, or has found them mended
     */
    @Transactional
    public void mended(Store store, List<Fault> faults, Instant asked) {
        if (instants("SELECT at FROM subscription_check WHERE store = ? FOR UPDATE", store.name())
                .noneMatch(checked -> checked.isAfter(asked))) {
            found(store.name(), faults);
        }
        List<String> topics = faults.stream().map(Fault::topic).distinct().toList();
        poll(store, topics);
        over(store.name(), topics);
        jdbc.update("INSERT INTO subscription_check (store, mended_at) VALUES (?, ?)"
                + " ON CONFLICT (store) DO UPDATE SET mended_at = EXCLUDED.mended_at", store.name(),
                Timestamp.from(Instant.now()));
    }

    private void over(String store, Collection<String> topics) {
        jdbc.update("DELETE FROM subscription_fault WHERE store = ? AND topic = ANY (?)", store, texts(topics));
    }

    private Missed poll(Store store, Collection<String> topics) {
        Set<String> polled = new TreeSet<>();
        for (String entity : polls.of(store.name())) {
            since(store.name(), topics.stream().filter(topic -> shopify.isAbout(topic, entity)).toList())
                    .ifPresent(since -> polled.addAll(polls.start(store, entity::equals, since)));
        }
        Optional<Instant> since = since(store.name(), topics);
        return new Missed(since.orElse(null), polled, since.map(from -> ExtraPolls.beyond(store.name(), polled, from))
                .orElse(""));
    }

    private Optional<Instant> since(String store, Collection<String> topics) {
        return instants("SELECT min(missed_since) FROM subscription_fault WHERE store = ? AND topic = ANY (?)", store,
                texts(topics)).findFirst();
    }

    /** The last event of the topic that came, or the last check, when Shopify had not deleted its subscription yet. */
    private Timestamp missedSince(String store, String topic) {
        Optional<Instant> checked = instants("SELECT at FROM subscription_check WHERE store = ?", store).findFirst()
                .map(at -> at.minus(SENT_AGAIN));
        return instants("SELECT coalesce(triggered_at, received_at) FROM inbox WHERE store = ? AND topic = ?"
                + " AND received_at > ? ORDER BY received_at DESC LIMIT 1", store, topic,
                Timestamp.from(checked.orElse(Instant.EPOCH))).findFirst().or(() -> checked).map(Timestamp::from)
                .orElse(null);
    }

    private Stream<Instant> instants(String sql, Object... parameters) {
        return jdbc.queryForList(sql, Timestamp.class, parameters).stream().filter(Objects::nonNull)
                .map(Timestamp::toInstant);
    }
}
