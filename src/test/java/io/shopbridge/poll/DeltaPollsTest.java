package io.shopbridge.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.ListedIds;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.work.StorePauses;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class DeltaPollsTest {

    private static final Instant NOW = Instant.parse("2026-11-27T09:00:00Z");
    private static final int RECORDS = 40;

    private final AdminApi api = mock(AdminApi.class);
    private final WholeRecords wholeRecords = mock(WholeRecords.class);
    private final Watermarks watermarks = mock(Watermarks.class);
    private final KnownStates known = mock(KnownStates.class);
    private final PolledEntities polled = mock(PolledEntities.class);
    private final UnreadRecords unread = mock(UnreadRecords.class);
    private final DeltaPolls polls = new DeltaPolls(new PageReader(api, mock(ListedIds.class), wholeRecords, polled,
            watermarks, unread), unread, polled, watermarks, mock(Topics.class), known, mock(StorePauses.class),
            new SimpleMeterRegistry(), new TransactionTemplate(mock(PlatformTransactionManager.class)));

    /** A hundred orders of five hundred lines kept 434 MB. */
    @Test
    void aPageOfLargeRecordsIsHandedOnInPartsAndItsCursorMovesWithTheLastOne() {
        String megabyte = "x".repeat(1 << 20);
        when(api.query(any(), any(), any(), any())).thenReturn(new AdminAnswer(page(), List.of(), NOW));
        when(wholeRecords.whole(any(), any(), any())).then(call ->
                Optional.of((JsonNode) call.<ObjectNode>getArgument(1).put("note", megabyte)));
        when(known.<Event>news(any(), any())).then(call -> List.copyOf(call.<Collection<Event>>getArgument(0)));
        Window window = new Window("main", "order", NOW, null, 0, NOW);
        when(watermarks.read(any(), any(), any(), anyBoolean())).thenReturn(Optional.empty());

        List<Integer> parts = new ArrayList<>();
        Page page = Page.none(window);
        while (true) {
            page = polls.next(page);
            parts.add(page.events().size());
            assertThat(page.answer().rest()).as("what was taken in is not kept").hasSize(RECORDS
                    - parts.stream().mapToInt(Integer::intValue).sum());
            if (!page.hasRest()) {
                break;
            }
            page = polls.read(page);
            assertThat(page.isOpen()).isTrue();
            assertThat(page.events()).isEmpty();
            verifyNoInteractions(watermarks);
        }

        assertThat(parts).containsExactly(16, 16, 8);
        verify(api, times(1)).query(any(), any(), any(), any());
        polls.read(page);
        verify(watermarks).read(window, NOW.minusSeconds(60), "cursor", false);
    }

    private static ObjectNode page() {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        ObjectNode orders = data.putObject("orders");
        orders.putObject("pageInfo").put("hasNextPage", true).put("endCursor", "cursor");
        ArrayNode nodes = orders.putArray("nodes");
        for (int i = 0; i < RECORDS; i++) {
            nodes.addObject().put("id", "gid://shopify/Order/" + i).put("updatedAt", NOW.minusSeconds(60).toString());
        }
        return data;
    }
}
