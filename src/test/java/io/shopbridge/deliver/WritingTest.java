package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.Link;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.WorkItem;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is called, kind by kind, and what is tried apart when a call fails. */
class WritingTest {

    private static final Path MAPPINGS = Path.of("mappings");
    /** Knows no upsert and no repeated request. */
    private static final Crm CRM = Crm.ofFolder(MAPPINGS, "pipedrive", Mappings.load(MAPPINGS));

    private final Writing writing = new Writing(null, null, null);

    private static Delivery delivery(int records) {
        return new Delivery(CRM, CRM.mapping("customer").orElseThrow(), IntStream.range(0, records).mapToObj(number -> {
            RecordKey key = new RecordKey("main", "customer", Integer.toString(number));
            DeliveryRecord record = new DeliveryRecord(WorkItem.unclaimed(CRM.name(), key),
                    new MappingContext("main", "GB"));
            record.decide(Map.of("name", TextNode.valueOf("Ada")), Map.of("name", TextNode.valueOf("Ada")));
            return record;
        }).toList(), false);
    }

    private static Link link(DeliveryRecord record) {
        return new Link(record.key(), null, "persons", "1" + record.key().recordId(), Map.of());
    }

    @Test
    void askingWhatIsToBeCalledChangesNothing() {
        Delivery delivery = delivery(1);
        writing.call(writing.calls(Kind.RECORDS, delivery).get(0));
        assertThat(writing.calls(Kind.RECORDS, delivery)).isEqualTo(writing.calls(Kind.RECORDS, delivery)).hasSize(1);
        assertThat(delivery.records()).allMatch(DeliveryRecord::open);
    }

    @Test
    void aRepeatCallsOnlyWhatDidNotSucceed() {
        Delivery delivery = delivery(2);
        delivery.records().forEach(record -> record.linkedTo(link(record)));
        assertThat(records(writing.calls(Kind.RECORDS, delivery))).isEqualTo(delivery.records());
        delivery.records().get(0).written(link(delivery.records().get(0)));
        writing.prepare(Kind.RECORDS, delivery);
        assertThat(records(writing.calls(Kind.RECORDS, delivery))).isEqualTo(delivery.records().subList(1, 2));
    }

    @Test
    void whatMayHaveBeenCreatedWithoutAnAnswerWaitsUntilItIsLookedUp() {
        Delivery delivery = delivery(1);
        writing.call(writing.calls(Kind.RECORDS, delivery).get(0));
        writing.prepare(Kind.RECORDS, delivery);
        assertThat(writing.calls(Kind.RECORDS, delivery)).isEmpty();
        assertThat(delivery.records().get(0).outcome()).isEqualTo(Outcome.WAITING);
    }

    @Test
    void aRefusedCallIsTriedInHalves() throws Exception {
        Delivery delivery = delivery(4);
        Chunk chunk = new WriteChunk(CRM, Operation.UPDATE, "persons", null, delivery.records());
        List<Chunk> parts = writing.failed(chunk, false, delivery, new CrmRefused("no", null));
        assertThat(parts).extracting(part -> part.records().size()).containsExactly(2, 2);
    }

    @Test
    void aCrmThatIsAwayIsForNoRecord() {
        Delivery delivery = delivery(4);
        Chunk chunk = new WriteChunk(CRM, Operation.UPDATE, "persons", null, delivery.records());
        CrmBusy away = new CrmBusy("no answer", null, null);
        assertThatThrownBy(() -> writing.failed(chunk, false, delivery, away)).isSameAs(away);
    }

    private static List<DeliveryRecord> records(List<Chunk> chunks) {
        return chunks.stream().flatMap(chunk -> chunk.records().stream()).toList();
    }
}
