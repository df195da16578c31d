package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.WorkItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeliveryRecordTest {

    private static final Path MAPPINGS = Path.of("mappings");

    /** Identifying a new customer needs its name as it is mapped, and the steps after that need the rest. */
    @Test
    void itIsMappedOnceUnlessItsFiguresAreOthers() throws IOException {
        Mapping mapping = Mappings.load(MAPPINGS).of("hubspot").stream()
                .filter(one -> one.entity().equals(RecordKey.CUSTOMER)).findFirst().orElseThrow();
        RecordKey key = new RecordKey("main", RecordKey.CUSTOMER, "7");
        DeliveryRecord record = new DeliveryRecord(WorkItem.unclaimed("hubspot", key),
                new MappingContext("main", "GB"));
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(MAPPINGS.resolve("samples/customer.json").toFile());
        record.load(new CanonicalRecord(key, json, true, Instant.EPOCH, Map.of(), Map.of(), Set.of()));

        MappedRecord first = record.values(mapping);
        assertThat(record.values(mapping)).isSameAs(first);

        ObjectNode others = json.get("metrics").deepCopy();
        others.withObject("together").put("orders_count", 4711);
        record.metrics(others);
        assertThat(record.values(mapping).fields().values()).anySatisfy(value ->
                assertThat(value.asText()).isEqualTo("4711"));
        assertThat(first.fields().values()).noneSatisfy(value -> assertThat(value.asText()).isEqualTo("4711"));
    }
}
