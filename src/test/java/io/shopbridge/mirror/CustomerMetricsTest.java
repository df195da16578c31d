package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.mirror.CustomerMetrics.Part;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomerMetricsTest {

    private static final Instant JANUARY = Instant.parse("2026-01-10T08:00:00Z");
    private static final Instant MARCH = Instant.parse("2026-03-01T10:00:00Z");

    @Test
    void theAverageIsRoundedToTheCurrencysDigits() {
        Part euros = new Part("EUR", 3, 3, new BigDecimal("100.00"), JANUARY, MARCH, "web", day(JANUARY), day(MARCH));
        Part yen = new Part("JPY", 3, 3, new BigDecimal("1000"), JANUARY, MARCH, "web", day(JANUARY), day(MARCH));
        assertThat(CustomerMetrics.of(List.of(euros), MARCH).get("average_order_value").asText()).isEqualTo("33.33");
        assertThat(CustomerMetrics.of(List.of(yen), MARCH).get("average_order_value").asText()).isEqualTo("333");
    }

    @Test
    void amountsOfACurrencyThatTheShopHasLeftAreNotAdded() {
        Part before = new Part("USD", 2, 2, new BigDecimal("50.00"), JANUARY, JANUARY, "pos", day(JANUARY), day(JANUARY));
        Part now = new Part("CAD", 1, 1, new BigDecimal("20.00"), MARCH, MARCH, "web", day(MARCH), day(MARCH));
        ObjectNode metrics = CustomerMetrics.of(List.of(before, now), MARCH.plusSeconds(3 * 86_400 - 1));
        assertThat(metrics.get("orders_count").asLong()).isEqualTo(3);
        assertThat(metrics.get("total_spent").asText()).isEqualTo("20.00");
        assertThat(metrics.get("currency").asText()).isEqualTo("CAD");
        assertThat(metrics.get("first_order_source").asText()).isEqualTo("pos");
        assertThat(metrics.get("days_since_last_order").asLong()).isEqualTo(2);
    }

    @Test
    void whatWasSpentAtNoKnownTimeWasSpent() {
        Part unknown = new Part("USD", 1, 1, new BigDecimal("100.00"), null, null, null, null, null);
        Part before = new Part("CAD", 1, 1, new BigDecimal("20.00"), MARCH, MARCH, "web", day(MARCH), day(MARCH));
        ObjectNode metrics = CustomerMetrics.of(List.of(unknown), MARCH);
        assertThat(metrics.get("orders_count").asLong()).isEqualTo(1);
        assertThat(metrics.get("total_spent").asText()).isEqualTo("100.00");
        assertThat(metrics.get("currency").asText()).isEqualTo("USD");
        assertThat(metrics.get("last_order_at").isNull()).isTrue();
        assertThat(CustomerMetrics.of(List.of(unknown, before), MARCH).get("currency").asText()).isEqualTo("CAD");
    }

    @Test
    void ofSeveralStoresTheCurrencyOfTheFirstCounts() {
        Part main = new Part("USD", 2, 2, new BigDecimal("50.00"), JANUARY, JANUARY, "pos", day(JANUARY), day(JANUARY));
        Part outlet = new Part("CAD", 1, 1, new BigDecimal("20.00"), MARCH, MARCH, "web", day(MARCH), day(MARCH));
        Part other = new Part("USD", 1, 1, new BigDecimal("10.00"), MARCH, MARCH, "web", day(MARCH), day(MARCH));

        ObjectNode all = CustomerMetrics.together(List.of(List.of(main), List.of(outlet), List.of(other)), MARCH);
        assertThat(all.get("orders_count").asLong()).isEqualTo(4);
        assertThat(all.get("total_spent").asText()).isEqualTo("60.00");
        assertThat(all.get("average_order_value").asText()).isEqualTo("20.00");
        assertThat(all.get("currency").asText()).isEqualTo("USD");
        assertThat(CustomerMetrics.together(List.of(List.of(), List.of(outlet)), MARCH).get("total_spent").asText())
                .as("of the next where the first has none").isEqualTo("20.00");
    }

    @Test
    void whoBoughtNothingHasSpentNothing() {
        ObjectNode metrics = CustomerMetrics.of(List.of(), MARCH);
        assertThat(metrics.get("orders_count").asLong()).isZero();
        assertThat(metrics.get("total_spent").asText()).isEqualTo("0.00");
        assertThat(metrics.get("average_order_value").isNull()).isTrue();
        assertThat(metrics.get("last_order_at").isNull()).isTrue();
    }

    /** What was authorized and can't be collected any more is no purchase; what may still be paid is one. */
    @ParameterizedTest
    @CsvSource({"voided, false", "expired, false", "EXPIRED, false", "authorized, true", "pending, true", "paid, true"})
    void anAuthorizationThatIsGivenUpIsNoPurchase(String status, boolean counted) {
        ObjectNode order = JsonNodeFactory.instance.objectNode().put("financial_status", status)
                .put("processed_at", MARCH.toString());

        assertThat(OrderFigures.of(order, true, ZoneOffset.UTC).counted()).isEqualTo(counted);
    }

    private static LocalDate day(Instant time) {
        return time.atZone(ZoneOffset.UTC).toLocalDate();
    }
}
