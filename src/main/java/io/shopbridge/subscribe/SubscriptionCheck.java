package io.shopbridge.subscribe;

import io.shopbridge.schedule.Jobs;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Looks every hour whether the subscriptions are what they must be. Shopify deletes one after eight webhooks that were
 * not accepted, and says so by e-mail alone (https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks).
 */
@Component("subscriptionCheck")
public class SubscriptionCheck {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionCheck.class);

    /** As routes/5-watch names it. */
    private static final String JOB = "subscriptions";

    private final Subscriptions subscriptions;
    private final SubscriptionSettings settings;
    private final Stores stores;
    private final StorePauses pauses;
    private final AdminApi api;
    private final OpenFaults open;
    private final Jobs jobs;

    SubscriptionCheck(Subscriptions subscriptions, SubscriptionSettings settings, Stores stores, StorePauses pauses,
            AdminApi api, OpenFaults open, Jobs jobs) {
        this.subscriptions = subscriptions;
        this.settings = settings;
        this.stores = stores;
        this.pauses = pauses;
        this.api = api;
        this.open = open;
        this.jobs = jobs;
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
        Instant asked = Instant.now();
        List<Fault> faults = subscriptions.compare(store).faults();
        // First: what an ended process mended must not be forgotten.
        Optional<List<Fault>> found = open.found(store.name(), faults, asked);
        if (found.isEmpty()) {
            return;
        }
        List<Fault> news = found.get();
        Map<String, String> refused = settings.mend() && !faults.isEmpty() ? subscriptions.mend(store, faults) : Map.of();
        Map<String, String> left = new TreeMap<>();
        faults.stream().filter(fault -> !settings.mend() || refused.containsKey(fault.topic())).forEach(fault ->
                left.put(fault.topic(), refused.getOrDefault(fault.topic(), fault.because())));
        OpenFaults.Missed missed = open.judged(store, news.stream().map(Fault::topic).toList(), left, asked);
        if (!news.isEmpty()) {
            tell(store.name(), news, refused, missed);
        }
    }

    /** A fault that is mended is news each time; one that stays is told once. */
    private void tell(String store, List<Fault> news, Map<String, String> refused, OpenFaults.Missed missed) {
        String what = news.stream().map(fault -> fault.topic() + " (" + fault.because() + (refused.containsKey(fault.topic())
                ? "; Shopify refused to mend it: " + refused.get(fault.topic()) : "") + ")")
                .collect(Collectors.joining(", "));
        LOG.warn("Store {}: webhook subscriptions were missing or wrong: {}. {} {}", store, what, !settings.mend()
                ? "Mend them: `webhooks --store " + store + " --apply`." : refused.isEmpty() ? "They are mended."
                        : "The others are mended.", missed);
    }

    /** Checks soon, once the caller's transaction is committed, and not in an hour. */
    public void soon() {
        jobs.runSoon(null, JOB);
    }
}
