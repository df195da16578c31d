package io.shopbridge.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.CrmLimits;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Projection;
import io.shopbridge.deliver.Projection.CallKind;
import io.shopbridge.deliver.Projection.Change;
import io.shopbridge.deliver.Projection.Fate;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final CallKind UPDATE = new CallKind(Operation.UPDATE, "contacts", 100, "");
    private static final CrmLimits LIMITS = new CrmLimits(10, Duration.ofSeconds(1), 4, Duration.ZERO, null,
            Duration.ofSeconds(30), null, List.of(), Map.of("search", new CrmLimits.Group(1, Duration.ofSeconds(1))));

    private Tally tally = new Tally("hubspot", "customer");

    @Test
    void itGoesOnFromItsJson() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        for (int i = 0; i < 250; i++) {
            assertThat(tally.add(written(i, true), unchanged(i))).isTrue();
            tally = json.readValue(json.writeValueAsString(tally), Tally.class);
        }
        JsonNode found = found();
        assertThat(found.path("written").asLong()).isEqualTo(250);
        assertThat(found.at("/fields/phone/written").asLong()).isEqualTo(250);
        assertThat(found.at("/fields/phone/examples")).hasSize(3);
        assertThat(found.at("/elements/update contacts/count").asLong()).isEqualTo(250);
        assertThat(found.path("calls").asLong()).isEqualTo(3);
        assertThat(found.path("seconds").asLong()).isEqualTo(1);
    }

    @Test
    void whatTheCrmDecidesIsCountedApartAndAsAnUpdate() throws JsonProcessingException {
        for (int i = 0; i < 150; i++) {
            assertThat(tally.add(written(i, false), written(i, false))).isTrue();
        }
        JsonNode found = found();
        assertThat(found.path("written").asLong()).isZero();
        assertThat(found.path("perhaps").asLong()).isEqualTo(150);
        assertThat(found.path("also_now").asLong()).isEqualTo(150);
        assertThat(found.at("/fields/phone/conflicts").asLong()).isEqualTo(150);
        assertThat(found.path("calls").asLong()).isEqualTo(2);
    }

    @Test
    void reasonsAreCountedWithoutTheirValuesAndAreBounded() throws JsonProcessingException {
        for (int i = 0; i < 200; i++) {
            assertThat(tally.add(refused(i, "country: \"" + i + "\" is not a country"), refused(i, "other"))).isFalse();
            tally.add(refused(i, "reason" + i), unchanged(i));
        }
        JsonNode found = found();
        assertThat(found.path("refused").asLong()).isEqualTo(400);
        assertThat(found.path("refusals").size()).isLessThanOrEqualTo(51);
        assertThat(found.at("/refusals/country: \"…\" is not a country/records").asLong()).isEqualTo(200);
        assertThat(found.at("/refusals/country: \"…\" is not a country/newly").asLong()).isZero();
        assertThat(found.at("/refusals/for other reasons/newly").asLong()).isEqualTo(151);
    }

    @Test
    void whatTheRunningMappingsDeliverAndTheCrmDoesNotHaveIsHeldElsewhere() throws JsonProcessingException {
        assertThat(tally.add(missing(1), missing(1))).isFalse();
        assertThat(tally.add(missing(2), skipped(2))).isTrue();
        assertThat(tally.add(missing(3), null)).isTrue();
        JsonNode found = found();
        assertThat(found.path("elsewhere").asLong()).isEqualTo(1);
        assertThat(found.path("created").asLong()).isEqualTo(2);
    }

    private JsonNode found() throws JsonProcessingException {
        tally.addUp(LIMITS, UPDATE);
        ObjectMapper json = new ObjectMapper();
        return json.readTree(json.writeValueAsString(tally));
    }

    private static Projection written(int id, boolean certain) {
        return projection(id, true, Fate.DELIVERED, List.of(), List.of(new Change("phone", "newest-wins", null,
                TextNode.valueOf("+1"), certain)), certain ? Map.of(UPDATE, 1) : Map.of());
    }

    private static Projection unchanged(int id) {
        return projection(id, true, Fate.DELIVERED, List.of(), List.of(), Map.of());
    }

    private static Projection refused(int id, String because) {
        return projection(id, true, Fate.REFUSED, List.of(because), List.of(), Map.of());
    }

    private static Projection skipped(int id) {
        return projection(id, false, Fate.SKIPPED, List.of("deleted"), List.of(), Map.of());
    }

    private static Projection missing(int id) {
        return projection(id, false, Fate.DELIVERED, List.of(), List.of(new Change("email", "shopify", null,
                TextNode.valueOf("a@example.com"), false)), Map.of());
    }

    private static Projection projection(int id, boolean linked, Fate fate, List<String> because, List<Change> changes,
            Map<CallKind, Integer> calls) {
        return new Projection(new RecordKey("main", "customer", Integer.toString(id)), linked, fate, because, changes, Set.of(),
                Set.of(), calls);
    }
}
