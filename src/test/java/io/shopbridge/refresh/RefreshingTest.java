package io.shopbridge.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.mirror.RefreshQueue;
import io.shopbridge.mirror.RefreshQueue.Due;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.StorePauses;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RefreshingTest {

    private static final Instant NOW = Instant.parse("2026-11-27T09:00:00Z");

    private final AdminApi api = mock(AdminApi.class);
    private final WholeRecords wholeRecords = mock(WholeRecords.class);
    private final KnownStates known = mock(KnownStates.class);
    private final Refreshing refreshing = new Refreshing(api, wholeRecords, Shopify.load(Path.of("mappings")),
            mock(Topics.class), known, mock(RefreshQueue.class), mock(StorePauses.class), new SimpleMeterRegistry());

    /** A hundred whole orders at once are more than the memory holds. */
    @Test
    void ofLargeRecordsSomeAreTakenInAndTheOthersStayDue() {
        String megabyte = "x".repeat(1 << 20);
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        ArrayNode nodes = data.putArray("nodes");
        // Shopify does not have the first of them, and answers null.
        nodes.addNull();
        IntStream.rangeClosed(2, 20).forEach(id -> nodes.addObject().put("id", "gid://shopify/Order/" + id)
                .put("updatedAt", NOW.minusSeconds(60).toString()));
        when(api.query(any(), any(), any(), any())).thenReturn(new AdminAnswer(data, List.of(), NOW));
        when(wholeRecords.whole(any(), any(), any())).then(call ->
                Optional.of((JsonNode) call.<ObjectNode>getArgument(1).put("note", megabyte)));
        when(known.<Event>news(any(), any())).then(call -> List.copyOf(call.<Collection<Event>>getArgument(0)));
        List<Due> due = IntStream.rangeClosed(1, 20).mapToObj(id ->
                new Due(new RecordKey("main", "order", String.valueOf(id)), "refunds", 0, false, 0, false)).toList();

        Request asked = refreshing.ask(Request.of("main", "order", due, 0));

        assertThat(asked.events()).hasSize(8);
        assertThat(asked.due()).as("with the one that is gone").isEqualTo(due.subList(0, 9));
        assertThat(asked.answer()).containsOnlyKeys("2", "3", "4", "5", "6", "7", "8", "9");
    }
}
