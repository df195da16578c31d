package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.store.RecordKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What several topics say of one record, put together, in whatever order they came. */
class FacetsOfTopicsTest {

    private static final Topics TOPICS = new Topics(new GuestBuyer(store -> "US", GuestKey.ofNoInstallation()));
    private static final String ORDER = "'id': 5, 'name': '#5', 'total_price': '10.00', 'currency': 'USD'";

    private record Said(String topic, String body, Instant triggeredAt) {

        Said(String topic, String body) {
            this(topic, body, null);
        }
    }

    @Test
    void upperAndLowerCaseAreOneTag() {
        Said list = new Said("customers/update", "{'id': 7, 'email': 'a@example.com', 'tags': 'VIP, vip, Linen',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}");
        assertThat(customer(list).path("tags")).map(JsonNode::asText).containsExactly("Linen", "VIP");
        assertThat(customer(list, tags("removed", "vip", 1)).path("tags")).map(JsonNode::asText)
                .containsExactly("Linen");
        assertThat(customer(list, tags("added", "LINEN", 1)).path("tags")).map(JsonNode::asText)
                .containsExactly("Linen", "VIP");
        assertThat(customer(list, tags("removed", "VIP", 1), tags("added", "Vip", 2)).path("tags"))
                .map(JsonNode::asText).as("as the list writes it").containsExactly("Linen", "VIP");
        assertThat(customer(list, tags("removed", "LINEN", -1)).path("tags")).map(JsonNode::asText)
                .as("older than the list").containsExactly("Linen", "VIP");
    }

    @Test
    void consentToWhatsAppIsInTheShapeOfTheOtherChannels() {
        JsonNode customer = customer(new Said("customers_whats_app_marketing_consent/update",
                "{'customer_id': 7, 'phone_number': '+16135550142', 'whats_app_marketing_consent':"
                + " {'state': 'subscribed', 'opt_in_level': 'single_opt_in',"
                + " 'updated_at': '2026-03-01T05:00:00-05:00', 'collected_from': 'other'}}"),
                new Said("customers_whats_app_marketing_consent/update", "{'customer_id': 7,"
                + " 'whats_app_marketing_consent': {'state': 'unsubscribed', 'updated_at': '2026-02-01T05:00:00Z'}}"));
        assertThat(customer.path("whats_app_marketing_consent")).isEqualTo(node("{'state': 'subscribed',"
                + " 'opt_in_level': 'single_opt_in', 'consent_updated_at': '2026-03-01T10:00:00Z',"
                + " 'consent_collected_from': 'other'}"));
    }

    @Test
    void ofTwoThatTellOneConsentTheOneCountsThatKnowsWhereItWasGiven() {
        String consent = "{'customer_id': 7, 'email_marketing_consent': {'state': '%s', 'consent_updated_at':"
                + " '2026-03-01T10:00:00Z', 'consent_collected_from': %s}}";
        String topic = "customers_email_marketing_consent/update";
        Said webhook = new Said(topic, consent.formatted("subscribed", "null"));
        Said answer = new Said(topic, consent.formatted("subscribed", "'Main Street'"));
        Said no = new Said(topic, consent.formatted("unsubscribed", "null"));
        for (List<Said> said : List.of(List.of(webhook, answer), List.of(answer, webhook))) {
            JsonNode customer = customer(said.toArray(Said[]::new));
            assertThat(customer.at("/email_marketing_consent/consent_collected_from").asText())
                    .isEqualTo("Main Street");
        }
        assertThat(customer(no, answer).at("/email_marketing_consent/state").asText()).isEqualTo("unsubscribed");
    }

    /** Shopify's own time of an answer counts, and not when it said so: that is in a header which nobody signed. */
    @Test
    void anUnsubscriptionOfAnEarlierTimeIsNotTheLastWord() {
        Said yes = email("subscribed", "'2026-03-01T10:00:00Z'", "2026-03-01T10:00:01Z");
        for (String said : List.of("2026-02-01T10:00:01Z", "2026-03-01T18:00:00Z")) {
            assertThat(customer(yes, email("unsubscribed", "'2026-02-01T10:00:00Z'", said))
                    .at("/email_marketing_consent/state").asText()).isEqualTo("subscribed");
        }
        assertThat(customer(yes, email("unsubscribed", "'2026-03-01T10:00:00Z'", "2026-03-01T09:00:00Z"))
                .at("/email_marketing_consent/state").asText()).as("of the same time: in doubt, no")
                .isEqualTo("unsubscribed");
        assertThat(customer(yes, email("unsubscribed", "null", "2026-03-01T18:00:00Z"))
                .at("/email_marketing_consent/state").asText()).as("of no time: when it was said counts")
                .isEqualTo("unsubscribed");
    }

    @Test
    void theConsentKeepsTheAddressThatItIsAbout() {
        assertThat(customer(email("unsubscribed", "'2026-03-01T10:00:00Z'", "2026-03-01T10:00:01Z"))
                .at("/email_marketing_consent/email_address").asText()).isEqualTo("ada@example.com");
    }

    private static Said email(String state, String at, String triggeredAt) {
        return new Said("customers_email_marketing_consent/update", "{'customer_id': 7, 'email_address':"
                + " 'ada@example.com', 'email_marketing_consent': {'state': '" + state + "', 'consent_updated_at': " + at
                + "}}", Instant.parse(triggeredAt));
    }

    @Test
    void aStateThatSaysNothingOfTheVisitTakesNothingAway() {
        JsonNode order = order(order(1, "'landing_site': '/a?utm_source=ad', 'referring_site': 'https://b.example/'"),
                order(2, "'landing_site': null, 'referring_site': null, 'first_visit': {'source': 'search'},"
                        + " 'channel_name': 'Online Store'"),
                order(3, "'landing_site': '', 'note': 'later'"));
        assertThat(order.at("/attribution/utm/source").asText()).isEqualTo("ad");
        assertThat(order.at("/attribution/referring_host").asText()).isEqualTo("b.example");
        assertThat(order.at("/first_visit/source").asText()).isEqualTo("search");
        assertThat(order.at("/attribution/channel").asText()).isEqualTo("Online Store");
        assertThat(order.path("note").asText()).isEqualTo("later");
    }

    @Test
    void theRiskIsTheWorstThatSomebodySays() {
        Said shopify = risk("null", "medium", 1);
        Said other = risk("12", "HIGH", 2);
        assertThat(order(order(1, "")).path("risk_level").isNull()).isTrue();
        assertThat(order(order(1, ""), shopify, other).path("risk_level").asText()).isEqualTo("high");
        assertThat(order(order(1, ""), shopify, other, risk("12", "low", 3)).path("risk_level").asText())
                .isEqualTo("medium");
    }

    @Test
    void anOrdersStageIsTheFurthestThatIsTrue() {
        assertThat(stage("")).isEqualTo("open");
        assertThat(stage("'financial_status': 'PAID'")).isEqualTo("processed");
        assertThat(stage("'financial_status': 'paid', 'fulfillment_status': 'partial'")).isEqualTo("shipped");
        String parcels = "'fulfillment_status': 'fulfilled', 'fulfillments': [{'id': 1, 'status': 'cancelled'},"
                + " {'id': 2, 'status': 'success', 'shipment_status': '%s'}]";
        assertThat(stage(parcels.formatted("in_transit"))).isEqualTo("shipped");
        assertThat(stage(parcels.formatted("delivered"))).isEqualTo("delivered");
        assertThat(stage("'cancelled_at': '2026-03-01T10:00:00Z', 'fulfillment_status': 'fulfilled'"))
                .isEqualTo("cancelled");
    }

    @Test
    void theStateOfReturnsIsReadOutOfThemWhereShopifyDoesNotSayIt() {
        String[][] cases = {{"", ""}, {"'return_status': 'inspection_complete', 'returns': []", "inspection_complete"},
            {"'returns': []", "no_return"}, {"'returns': [{'status': 'closed'}, {'status': 'open'}]", "in_progress"},
            {"'returns': [{'status': 'requested'}, {'status': 'closed'}]", "return_requested"},
            {"'returns': [{'status': 'canceled'}, {'status': 'closed'}]", "returned"}};
        for (String[] one : cases) {
            assertThat(order(order(1, one[0])).path("return_status").asText("")).as(one[0]).isEqualTo(one[1]);
        }
    }

    private static String stage(String fields) {
        return order(order(1, fields)).path("stage").asText();
    }

    private static Said order(int minute, String fields) {
        return new Said("orders/updated", "{" + ORDER + ", 'updated_at': '2026-03-01T10:0" + minute + ":00Z'"
                + (fields.isEmpty() ? "" : ", " + fields) + "}");
    }

    private static Said risk(String provider, String level, int minute) {
        return new Said("orders/risk_assessment_changed", "{'order_id': 5, 'provider_id': " + provider
                + ", 'risk_level': '" + level + "', 'created_at': '2026-03-01T10:0" + minute + ":00Z'}");
    }

    private static Said tags(String what, String tag, int hour) {
        return new Said("customer.tags_" + what,
                "{'customerId': 7, 'tags': ['%s'], 'occurredAt': '2026-03-01T%02d:00:00Z'}".formatted(tag, 10 + hour));
    }

    private static JsonNode customer(Said... said) {
        return record("customer", said);
    }

    private static JsonNode order(Said... said) {
        return record("order", said);
    }

    /** The same whichever came first. */
    private static JsonNode record(String entity, Said... said) {
        List<Said> all = new ArrayList<>(List.of(said));
        JsonNode record = assembled(entity, all);
        Collections.reverse(all);
        assertThat(assembled(entity, all)).isEqualTo(record);
        return record;
    }

    private static JsonNode assembled(String entity, List<Said> said) {
        Map<String, FacetChange> newest = new TreeMap<>();
        RecordKey key = new RecordKey("main", entity, entity.equals("order") ? "5" : "7");
        for (Said one : said) {
            ReceivedEvent event = new ReceivedEvent(1, "main", one.topic(), one.triggeredAt(),
                    Instant.parse("2026-03-02T00:00:00Z"),
                    one.body().replace('\'', '"').getBytes(StandardCharsets.UTF_8));
            TOPICS.read(event).orElseThrow().stream().filter(change -> change.key().equals(key)).forEach(change ->
                    newest.merge(change.facet(), change, (before, after) ->
                            before.version().compareTo(after.version()) >= 0 ? before : after));
        }
        return CanonicalRecords.assemble(key, newest.values().stream().map(change ->
                new StoredFacet(change.facet(), change.version().at(), change.value())).toList()).json();
    }

    private static JsonNode node(String json) {
        return Json.readOwn(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
