package io.shopbridge.shopify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules that are shipped. */
class RefreshRuleTest {

    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    private final Shopify shopify = Shopify.load(Path.of("mappings"));

    @Test
    void aFirstVisitIsAskedForOnlyOfRecentOrdersAndUntilShopifySaysThatThereIsNone() throws IOException {
        RefreshRule rule = shopify.refreshRulesOf("order").get("first-visit");
        assertThat(rule.after()).containsExactly(Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofHours(24));
        assertThat(rule.isMissing(Stream.of("order", "channel_name"))).isTrue();
        assertThat(rule.isMissing(Stream.of("order", "first_visit"))).isFalse();
        assertThat(rule.concerns(json("{'created_at': '2026-11-01T12:00:00+01:00'}"), NOW)).isTrue();
        assertThat(rule.concerns(json("{'created_at': '2026-10-01T12:00:00Z'}"), NOW)).isFalse();
        assertThat(rule.concerns(json("{'updated_at': '2026-11-27T12:00:00Z'}"), NOW)).as("age not known").isFalse();
        assertThat(rule.isLast(json("{'customerJourneySummary': {'ready': true}}"))).isTrue();
        assertThat(rule.isLast(json("{'customerJourneySummary': {'ready': false}}"))).isFalse();
        assertThat(rule.isLast(json("{'customerJourneySummary': null}"))).isFalse();
    }

    @Test
    void refundsAreAskedForWhereTheStatusSaysThatThereAreSome() throws IOException {
        RefreshRule rule = shopify.refreshRulesOf("order").get("refunds");
        assertThat(rule.isMissing(Stream.of("order", "refund:1"))).isFalse();
        assertThat(rule.isMissing(Stream.of("order", "refunds"))).isTrue();
        assertThat(rule.concerns(json("{'financial_status': 'partially_refunded'}"), NOW)).isTrue();
        assertThat(rule.concerns(json("{'financial_status': 'paid'}"), NOW)).isFalse();
        assertThat(rule.concerns(json("{}"), NOW)).isFalse();
    }

    @Test
    void anOrderNamesTheCompanyThatIsAskedFor() throws IOException {
        Map<String, RefreshRule> rules = shopify.refreshRulesOf("company");
        assertThat(rules).containsOnlyKeys("companies");
        assertThat(rules.get("companies").other().in(json("{'company': {'id': '311'}}"))).isEqualTo(List.of("311"));
        assertThat(rules.get("companies").other().in(json("{'company': null}"))).isEmpty();
        assertThat(rules.get("companies").other().in(json("{'company': 'none'}"))).as("not as Shopify sends it").isEmpty();
        assertThat(shopify.refreshRulesOf("order")).doesNotContainKey("companies");
        assertThat(shopify.refreshed()).containsExactly("company", "customer", "order");
    }

    private static JsonNode json(String text) throws IOException {
        return Json.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
