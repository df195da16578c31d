package io.shopbridge.subscribe;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Looks every hour whether the subscriptions are what they must be. Shopify deletes one after eight webhooks that were
 * not accepted, and says so by e-mail alone (https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks).
 */
@Component("subscriptionCheck")
public class SubscriptionCheck {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionCheck.class);

    private final Subscriptions subscriptions;
    private final SubscriptionSettings settings;
    private final Stores stores;
    private final StorePauses pauses;
    private final AdminApi api;
    private final JdbcTemplate jdbc;

    SubscriptionCheck(Subscriptions subscriptions, SubscriptionSettings settings, Stores stores, StorePauses pauses,
            AdminApi api, JdbcTemplate jdbc) {
        this.subscriptions = subscriptions;
        this.settings = settings;
        this.stores = stores;
        this.pauses = pauses;
        this.api = api;
        this.jdbc = jdbc;
    }

    /** Checks every store whose Admin API may be asked, if it is known where Shopify reaches this installation. */
    public void check() {
        if (settings.address() == null) {
            return;
        }
        for (Store store : stores.all()) {
            if (api.isConfigured(store.name()) && !pauses.isPaused(store.name())) {
                try {
                    check(store);
                } catch (AdminFailure e) {
                    LOG.warn("The webhook subscriptions of store {} could not be checked; the next check is in an hour: {}",
                            store.name(), e.getMessage());
                }
            }
        }
    }

    private void check(Store store) {
        List<Fault> faults = subscriptions.compare(store).faults();
        Set<String> known = known(store.name());
        List<Fault> news = faults.stream().filter(fault -> !known.contains(fault.topic())).toList();
        Map<String, String> refused = new HashMap<>();
        if (settings.mend() && !faults.isEmpty()) {
            refused.putAll(subscriptions.mend(store, faults));
        }
        List<Fault> open = settings.mend() ? faults.stream().filter(fault -> refused.containsKey(fault.topic())).toList()
                : faults;
        keep(store.name(), open, refused);
        if (!news.isEmpty()) {
            tell(store.name(), news, refused);
        }
    }

    /** A fault that is mended is news each time; one that stays is told once. */
    private void tell(String store, List<Fault> news, Map<String, String> refused) {
        String what = news.stream().map(fault -> fault.topic() + " (" + fault.because() + (refused.containsKey(fault.topic())
                ? "; Shopify refused to mend it: " + refused.get(fault.topic()) : "") + ")")
                .collect(Collectors.joining(", "));
        Instant last = lastEvent(store, news.stream().map(Fault::topic).toList());
        LOG.warn("Store {}: webhook subscriptions were missing or wrong: {}. {} What happened since {} may have been missed:"
                + " a poll or backfill from then on brings it.", store, what, !settings.mend()
                ? "Mend them: `webhooks --store " + store + " --apply`." : refused.isEmpty() ? "They are mended."
                        : "The others are mended.", last == null ? "the beginning" : last);
    }

    /** Of these topics, the last event that came; null: none that is still kept. */
    private Instant lastEvent(String store, List<String> topics) {
        Timestamp last = jdbc.queryForObject("SELECT max(received_at) FROM inbox WHERE store = ? AND topic = ANY (?)",
                Timestamp.class, store, texts(topics));
        return last == null ? null : last.toInstant();
    }

    private Set<String> known(String store) {
        return new HashSet<>(jdbc.queryForList("SELECT topic FROM subscription_fault WHERE store = ?", String.class,
                store));
    }

    private void keep(String store, List<Fault> open, Map<String, String> refused) {
        List<String> topics = open.stream().map(Fault::topic).distinct().toList();
        jdbc.update("DELETE FROM subscription_fault WHERE store = ? AND NOT topic = ANY (?)", store, texts(topics));
        open.forEach(fault -> jdbc.update("""
                INSERT INTO subscription_fault (store, topic, because) VALUES (?, ?, ?)
                ON CONFLICT (store, topic) DO UPDATE SET because = EXCLUDED.because""", store, fault.topic(),
                refused.getOrDefault(fault.topic(), fault.because())));
    }

    /** How many topics the last check found missing or wrong. */
    public long faulty(String store) {
        Long faulty = jdbc.queryForObject("SELECT count(*) FROM subscription_fault WHERE store = ?", Long.class, store);
        return faulty == null ? 0 : faulty;
    }

    /** What was mended is no fault any more; within the caller's transaction. */
    public void mended(String store, List<String> topics) {
        jdbc.update("DELETE FROM subscription_fault WHERE store = ? AND topic = ANY (?)", store, texts(topics));
    }
}
