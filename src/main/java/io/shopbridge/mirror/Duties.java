package io.shopbridge.mirror;

import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.ledger.EventEntry;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.shopify.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * Topics with privacy requests (GDPR), which a person must do: nothing here erases or collects data yet. Shopify gives
 * 30 days (<a href="https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance">privacy law compliance</a>).
 */
final class Duties {

    private static final Duration TIME = Duration.ofDays(30);
    private static final Map<String, String> WORK = Map.of(
            "customers/redact", "Erase a customer in every CRM",
            "customers/data_request", "Give the store's owner all data about a customer from every CRM",
            "shop/redact", "Erase all of this shop's data in every CRM");

    private Duties() {
    }

    /** The entry that is open until a person confirms that it is done. */
    static EventEntry of(ReceivedEvent event) {
        Instant due = event.receivedAt().plus(TIME);
        return new EventEntry(event.store(), event.topic(), Outcome.HELD, WORK.getOrDefault(event.topic(), "Do what topic " + event.topic() + " asks for") + ", by "
                + DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneOffset.UTC).format(due) + ". The payload says whom and"
                + " what. Then mark it as done. It is not done automatically, and not by a replay", event.id(), due);
    }
}
