package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.identify.Link;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** Ada lives in Ottawa, Ontario, Canada; refusals are separated by blanks, and come one after another. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", value = {
        "City=Soria, State=Castile, Country=Spain | State              | City=Soria, State=null, Country=Spain",
        "City=Soria, Country=Spain                | State              | City=Soria, State=null, Country=Spain",
        "City=Hull, State=Quebec, Country=Kosovo  | Country State      | City=Hull, State=null, Country=null",
        "City=Soria, State=Castile, Country=Spain | State Country City | none",
        "State=Castile, Country=Spain             | State,Country      | none",
        "City=Soria, State=Castile, Country=Spain | State State State  | none",
        "State=Castile                            | State              | none"})
    void noPartOfAnOldWholeStaysBesideTheNewOne(String written, String refusals, String left) throws IOException {
        Mapping mapping = Mappings.load(MAPPINGS).of("salesforce").stream()
                .filter(one -> one.entity().equals(RecordKey.CUSTOMER)).findFirst().orElseThrow();
        RecordKey key = new RecordKey("main", RecordKey.CUSTOMER, "7");
        DeliveryRecord record = new DeliveryRecord(WorkItem.unclaimed("salesforce", key),
                new MappingContext("main", "GB"));
        record.fields(mapping.fields());
        record.linkedTo(new Link(key, null, "Contact", "003", parts("City=Ottawa, State=Ontario, Country=Canada")));
        record.decide(parts(written), parts(written));
        for (String refused : refusals.split(" ")) {
            assertThat(record.goesWithout(Stream.of(refused.split(",")).map("Mailing"::concat).toList(), "")).isTrue();
        }
        assertThat(record.write()).isEqualTo(left == null ? Map.of() : parts(left));
    }

    private static Map<String, JsonNode> parts(String text) {
        return Stream.of(text.split(", ")).map(part -> part.split("=")).collect(Collectors.toMap(
                part -> "Mailing" + part[0],
                part -> part[1].equals("null") ? NullNode.getInstance() : TextNode.valueOf(part[1])));
    }
}
