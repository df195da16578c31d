package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccountZonesTest {

    private static final ZoneId TOKYO = ZoneId.of("Asia/Tokyo");

    @Test
    void aCrmWhoseBreakerIsOpenKeepsNoOtherFromBeingAsked() {
        Crm down = crm("down");
        Crm up = crm("up");
        Crms crms = mock(Crms.class);
        when(crms.all()).thenReturn(List.of(down, up));
        CrmClient client = mock(CrmClient.class);
        when(client.call(any())).thenAnswer(call -> {
            if (call.<CrmCall>getArgument(0).crm().equals("down")) {
                throw CallNotPermittedException.createCallNotPermittedException(CircuitBreaker.ofDefaults("down"));
            }
            return List.<JsonNode>of(JsonNodeFactory.instance.objectNode().put("time_zone", TOKYO.getId()));
        });
        AccountZones zones = new AccountZones(crms, client);
        zones.askAll();
        Instant midnight = ZonedDateTime.now(TOKYO).toLocalDate().plusDays(1).atStartOfDay(TOKYO).toInstant();
        await().untilAsserted(() ->
                assertThat(zones.midnight(up)).isBetween(midnight, midnight.plusSeconds(60)));
        Instant inAnHour = Instant.now().plusSeconds(3600);
        assertThat(zones.midnight(down)).isBetween(inAnHour.minusSeconds(60), inAnHour.plusSeconds(60));
    }

    private static Crm crm(String name) {
        Crm crm = mock(Crm.class);
        when(crm.name()).thenReturn(name);
        when(crm.title()).thenReturn(name);
        when(crm.can(Operation.ACCOUNT)).thenReturn(true);
        when(crm.setting("time-zone")).thenReturn(Optional.empty());
        return crm;
    }
}
