package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.mirror.CustomerFigures;
import io.shopbridge.mirror.PassingDays;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is computed from a customer's orders reaches the CRMs whenever an order changes it. */
class DerivedFieldsIT {

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void ordersChangeTheirBuyersFigures() {
        shopbridge.post("orders/create", order(1, 7, "100.00", "2026-03-01T10:00:00Z", ""));
        shopbridge.post("orders/create", order(2, 7, "50.10", "2026-04-01T10:00:00Z", ""));
        shopbridge.post("orders/create", order(3, 7, "900.00", "2026-05-01T10:00:00Z", ", \"test\": true"));
        shopbridge.awaitIdle();
        assertThat(figures(7)).containsExactly("2", "150.10", "75.05", "2026-03-01T10:00:00Z", "2026-04-01T10:00:00Z");
        assertThat(shopbridge.hubspot("contacts", "shopify_customer_key", "main:7").path("properties")
                .path("shopify_total_spent").asText()).isEqualTo("150.10");

        shopbridge.post("refunds/create", """
                {"id": 91, "order_id": 2, "created_at": "2026-04-02T10:00:00Z",
                 "transactions": [{"kind": "refund", "status": "success", "amount": "20.05", "currency": "USD"}]}""");
        shopbridge.awaitIdle();
        assertThat(figures(7)).startsWith("2", "130.05", "65.03");

        shopbridge.post("orders/cancelled", order(2, 7, "50.10", "2026-04-01T10:00:00Z",
                ", \"cancelled_at\": \"2026-04-03T10:00:00Z\""));
        shopbridge.awaitIdle();
        assertThat(figures(7)).containsExactly("1", "100.00", "100.00", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z");
    }

    @Test
    void anOrderThatIsNotPaidCountsAsOneAndIsNotSpent() {
        String paid = order(1, 7, "100.00", "2026-03-01T10:00:00Z", "");
        shopbridge.post("orders/create", paid.replace("\"paid\"", "\"pending\""));
        shopbridge.awaitIdle();
        assertThat(figures(7)).startsWith("1", "0.00");

        shopbridge.post("orders/paid", paid.replace("\"updated_at\": \"2026-03-01", "\"updated_at\": \"2026-03-02"));
        shopbridge.awaitIdle();
        assertThat(figures(7)).startsWith("1", "100.00", "100.00");
    }

    @Test
    void figuresByAnOlderRuleAreCountedAnew() {
        shopbridge.post("orders/create", order(1, 7, "100.00", "2026-03-01T10:00:00Z", ""));
        shopbridge.awaitIdle();
        shopbridge.jdbc().update("UPDATE order_figures SET net = 1, outdated = true");

        shopbridge.bean(CustomerFigures.class).catchUp();

        assertThat(shopbridge.count("SELECT count(*) FROM order_figures WHERE net = 100 AND NOT outdated")).isEqualTo(1);
    }

    @Test
    void anOrderThatGetsAnotherBuyerCountsThereAndNoLongerHere() {
        shopbridge.post("orders/create", order(1, 7, "100.00", "2026-03-01T10:00:00Z", ""));
        shopbridge.awaitIdle();
        shopbridge.post("orders/updated", order(1, 8, "100.00", "2026-03-01T10:00:00Z",
                ", \"updated_at\": \"2026-03-02T10:00:00Z\""));
        shopbridge.awaitIdle();
        assertThat(figures(7)).startsWith("0", "0.00");
        assertThat(figures(8)).startsWith("1", "100.00");
    }

    @Test
    void anotherDayMarksOnlyForCrmsThatAskAndCostsNoCallWhereNothingElseChanged() {
        shopbridge.post("orders/create", order(1, 7, "100.00", "2026-03-01T10:00:00Z", ""));
        shopbridge.awaitIdle();
        long before = calls();

        shopbridge.bean(PassingDays.class).mark();
        assertThat(shopbridge.count("SELECT count(*) FROM work")).as("no shipped mapping asks for the days").isZero();

        shopbridge.bean(Work.class).mark(List.of(new Mark(new RecordKey("main", RecordKey.CUSTOMER, "7"), null, null)),
                List.of("hubspot", "crm-one"));
        shopbridge.awaitIdle();
        assertThat(calls()).isEqualTo(before);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'unchanged' AND entity = 'customer'"))
                .isEqualTo(2);
    }

    private long calls() {
        return shopbridge.hubspot.calls().values().stream().mapToLong(Long::longValue).sum()
                + shopbridge.crmOne.calls().values().stream().mapToLong(Long::longValue).sum();
    }

    private String[] figures(int customer) {
        JsonNode fields = shopbridge.crmOne("contacts", "main:" + customer).path("fields");
        return new String[] {fields.path("orders_count").asText(), fields.path("total_spent").asText(),
            fields.path("average_order_value").asText(), fields.path("first_order_at").asText(),
            fields.path("last_order_at").asText()};
    }

    private static String order(int id, int customer, String total, String at, String more) {
        String updated = more.contains("updated_at") ? "" : ", \"updated_at\": \""
                + (more.contains("cancelled_at") ? "2026-06-01T00:00:00Z" : at) + "\"";
        return """
                {"id": %d, "name": "#%d", "currency": "USD", "total_price": "%s", "processed_at": "%s",
                 "financial_status": "paid", "source_name": "web", "line_items": [],
                 "customer": {"id": %d, "email": "buyer%d@example.com", "updated_at": "2026-01-01T00:00:00Z"}%s%s}"""
                .formatted(id, id, total, at, customer, customer, updated, more);
    }
}
