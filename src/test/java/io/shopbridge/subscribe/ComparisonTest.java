package io.shopbridge.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.InvalidSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final String HERE = "https://bridge.example.com/webhooks/shopify/main";
    private static final String ELSEWHERE = "https://other.example.com/hooks";
    private static final Path SCHEMA = Path.of("../shared/specs/shopify/admin_2026-10.schema.graphql");

    @Test
    void whatIsMissingWrongOrOfNoUseIsFound() {
        List<Subscription> registered = List.of(
                new Subscription("1", "orders/updated", HERE, "JSON", "", List.of()),
                new Subscription("2", "orders/paid", HERE, "JSON", "total_price:>100", List.of()),
                new Subscription("3", "customers/update", HERE, "JSON", "", List.of("id", "email")),
                new Subscription("4", "refunds/create", HERE, "XML", "", List.of()),
                new Subscription("5", "refunds/create", HERE, "JSON", "", List.of()),
                new Subscription("6", "THEMES_UPDATE", HERE, "JSON", "", List.of()),
                new Subscription("7", "THEMES_UPDATE", ELSEWHERE, "JSON", "", List.of()),
                new Subscription("8", "customers/create", ELSEWHERE, "JSON", "", List.of()));

        Comparison found = Comparison.of(HERE, Set.of("orders/updated", "orders/paid", "customers/update",
                "customers/create", "refunds/create", "orders/create"), registered, topic -> topic.contains("/"));

        assertThat(found.faults()).extracting(fault -> fault.topic() + " " + fault.mending() + " " + fault.id())
                .containsExactlyInAnyOrder("orders/paid UPDATE 2", "customers/update UPDATE 3",
                        "refunds/create DELETE 4", "THEMES_UPDATE DELETE 6", "customers/create CREATE null",
                        "orders/create CREATE null");
        assertThat(found.faults()).filteredOn(fault -> fault.topic().equals("customers/create"))
                .singleElement().satisfies(fault -> assertThat(fault.because()).contains("only for " + ELSEWHERE));
    }

    /** Shopify refuses to make two of them the same, so that they would be mended every hour and never be whole. */
    @Test
    void ofSeveralWithDifferentFiltersOneIsKept() {
        List<Subscription> registered = List.of(
                new Subscription("1", "orders/updated", HERE, "JSON", "total_price:>100", List.of()),
                new Subscription("2", "orders/updated", HERE, "JSON", "", List.of()),
                new Subscription("3", "orders/paid", HERE, "JSON", "total_price:>100", List.of()),
                new Subscription("4", "orders/paid", HERE, "JSON", "total_price:<=100", List.of()),
                new Subscription("5", "orders/paid", ELSEWHERE, "JSON", "total_price:<=100", List.of()));

        assertThat(Comparison.of(HERE, Set.of("orders/updated", "orders/paid"), registered, topic -> true).faults())
                .extracting(fault -> fault.topic() + " " + fault.mending() + " " + fault.id()).containsExactly(
                        "orders/updated DELETE 1", "orders/paid UPDATE 3", "orders/paid DELETE 4");
    }

    @Test
    void withoutAnAddressNothingIsWrong() {
        assertThat(Comparison.of(null, Set.of("orders/updated"), List.of(), topic -> true).faults()).isEmpty();
    }

    @Test
    void anAddressThatShopifyRefusesIsRefusedAtTheStart() {
        assertThat(new SubscriptionSettings(" https://bridge.example.com/ ", true).endpoint("main")).isEqualTo(HERE);
        assertThat(new SubscriptionSettings("", false).endpoint("main")).isNull();
        assertThatThrownBy(() -> new SubscriptionSettings("http://bridge.example.com", false))
                .isInstanceOf(InvalidSettings.class).hasMessageContaining("https://");
        assertThatThrownBy(() -> new SubscriptionSettings(null, true)).isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("needs shopbridge.subscriptions.address");
    }

    /** Shopify has a word for each, and no mapping in use subscribes to what is optional. */
    @Test
    void everyTopicThatIsNeededCanBeSubscribedTo() throws IOException {
        Shopify shopify = Shopify.load(Path.of("mappings"));
        Set<String> all = shopify.subscribed(entity -> true);
        assertThat(all).contains("app/uninstalled", "app/scopes_update", "customer.tags_added", "products/update")
                .doesNotContain("customers/redact", "bulk_operations/finish", "returns/close", "customer.left_segment");
        assertThat(shopify.subscribed(entity -> false)).containsExactly("app/scopes_update", "app/uninstalled");
        Assumptions.assumeTrue(Files.exists(SCHEMA), "there is no " + SCHEMA);
        String schema = Files.readString(SCHEMA);
        String topics = schema.substring(schema.indexOf("enum WebhookSubscriptionTopic {"));
        String words = topics.substring(0, topics.indexOf("\n}"));
        assertThat(all).allSatisfy(topic -> assertThat(words).containsPattern("\n  " + Subscriptions.enumOf(topic)
                + "\\b"));
    }
}
