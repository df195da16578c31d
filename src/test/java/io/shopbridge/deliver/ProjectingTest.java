package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyCollection;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Projection.Change;
import io.shopbridge.deliver.Projection.Fate;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.mirror.CustomerFigures;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** What is written of a record is nothing once it was written, by every mapping that is shipped. */
class ProjectingTest {

    private static final Path FOLDER = Path.of("mappings");
    private static final Mappings MAPPINGS = Mappings.load(FOLDER);
    private static final Instant AT = Instant.parse("2026-11-20T10:00:00Z");
    private static final Store STORE = new Store("main", null, List.of(), "CA", ZoneOffset.UTC, List.of(), null, Map.of());

    private final Map<RecordKey, Link> stored = new HashMap<>();
    private final Links links = mock();
    private final CanonicalRecords records = mock();
    private Projecting projecting;

    @BeforeEach
    void start() {
        when(links.of(anyString(), anyCollection())).thenAnswer(asked -> {
            Map<RecordKey, Link> found = new HashMap<>();
            asked.<Collection<RecordKey>>getArgument(1).stream().filter(stored::containsKey)
                    .forEach(key -> found.put(key, stored.get(key)));
            return found;
        });
        when(links.children(anyString(), anyCollection())).thenAnswer(asked ->
                new ArrayList<>(stored.values().stream().filter(link -> link.parentId() != null).toList()));
        when(links.to(anyString(), anyString(), anyCollection())).thenAnswer(asked -> {
            Map<String, List<Link>> found = new HashMap<>();
            stored.values().stream().filter(link -> asked.<Collection<String>>getArgument(2).contains(link.crmId()))
                    .forEach(link -> found.computeIfAbsent(link.crmId(), id -> new ArrayList<>()).add(link));
            return found;
        });
        when(records.present(anyCollection())).thenAnswer(asked -> java.util.Set.copyOf(asked.getArgument(0)));
        Stores stores = mock();
        when(stores.find(any())).thenReturn(Optional.of(STORE));
        JdbcTemplate jdbc = mock();
        Persons persons = new Persons(links, records, stores, mock(CustomerFigures.class), mock(Work.class),
                mock(TransactionTemplate.class));
        Bases bases = new Bases(persons);
        projecting = new Projecting(records, links, stores, persons, bases, new Clashes(jdbc),
                new PresentValues(mock(CrmLookup.class), bases, mock(Written.class), mock(Interrupted.class)), new EarlyConsents(),
                mock(OrderCutoffs.class));
    }

    static Stream<Mapping> mappings() {
        return MAPPINGS.all().stream();
    }

    @ParameterizedTest
    @MethodSource("mappings")
    void aRecordThatWasWrittenIsUnchanged(Mapping mapping) {
        Crm crm = Crm.ofFolder(FOLDER, mapping.folder(), MAPPINGS);
        CanonicalRecord record = sample(mapping.entity());
        Projection made = projection(crm, mapping, record);
        assertThat(made.fate()).as(made.because().toString()).isEqualTo(Fate.DELIVERED);
        assertThat(made.linked()).isFalse();
        assertThat(made.changes()).isNotEmpty();
        assertThat(made.calls()).isNotEmpty();

        written(mapping, record, made);
        Projection again = projection(crm, mapping, record);
        assertThat(again.fate()).isEqualTo(Fate.DELIVERED);
        assertThat(again.changes()).as(mapping.file().toString()).isEmpty();
        assertThat(again.calls()).isEmpty();
    }

    @Test
    void oneFieldIsOneChangeAndOneCall() {
        Mapping mapping = MAPPINGS.find("crm-one", "customer").orElseThrow();
        Crm crm = Crm.ofFolder(FOLDER, "crm-one", MAPPINGS);
        CanonicalRecord record = sample("customer");
        written(mapping, record, projection(crm, mapping, record));
        record.json().put("tax_exempt", true).put("first_name", "Augusta").put("note", "Prefers wool");

        Projection projection = projection(crm, mapping, record);
        assertThat(projection.changes()).extracting(Change::field).containsExactlyInAnyOrder("tax_exempt", "first_name", "note");
        assertThat(projection.changes()).filteredOn(Change::certain).singleElement().satisfies(change -> {
            assertThat(change.field()).isEqualTo("tax_exempt");
            assertThat(change.owner()).isEqualTo("shopify");
            assertThat(change.before().booleanValue()).isFalse();
            assertThat(change.after().booleanValue()).isTrue();
        });
        assertThat(projection.calls().keySet()).extracting(Projection.CallKind::operation)
                .containsExactlyInAnyOrder(Operation.READ, Operation.UPDATE);
    }

    @Test
    void aLineThatIsGoneIsArchivedAndOneThatChangedIsWritten() {
        Mapping mapping = MAPPINGS.find("hubspot", "order").orElseThrow();
        Crm crm = Crm.ofFolder(FOLDER, "hubspot", MAPPINGS);
        CanonicalRecord record = sample("order");
        written(mapping, record, projection(crm, mapping, record));
        RecordKey removed = new RecordKey("main", "line_item", "404");
        stored.put(removed, new Link(removed, record.key().recordId(), "line_items", "x404", Map.of()));
        ((ObjectNode) record.json().path("line_items").path(0)).put("sku", "ANOTHER");

        Projection projection = projection(crm, mapping, record);
        assertThat(projection.changes()).extracting(Change::field)
                .containsExactlyInAnyOrder("line_item.hs_sku", "line_item removed");
    }

    @Test
    void aSkippedRecordWritesNothingButANo() {
        Mapping mapping = MAPPINGS.find("crm-one", "customer").orElseThrow();
        Crm crm = Crm.ofFolder(FOLDER, "crm-one", MAPPINGS);
        CanonicalRecord record = sample("customer");
        written(mapping, record, projection(crm, mapping, record));
        record.json().put("deleted_at", "2026-11-20T10:00:00Z").put("tax_exempt", true);
        ((ObjectNode) record.json().path("email_marketing_consent")).put("state", "unsubscribed");

        Projection projection = projection(crm, mapping, record);
        assertThat(projection.fate()).isEqualTo(Fate.SKIPPED);
        assertThat(projection.changes()).extracting(Change::field).containsExactly("email_consent");
    }

    private Projection projection(Crm crm, Mapping mapping, CanonicalRecord record) {
        return projecting.of(crm, mapping, Map.of(record.key(), record)).get(record.key());
    }

    /** As after a delivery: the record, its parts, and what it points to, which the projection called by placeholders. */
    private void written(Mapping mapping, CanonicalRecord record, Projection made) {
        MappingContext context = new MappingContext("main", "CA", ZoneOffset.UTC, null, Map.of());
        Map<String, JsonNode> base = new LinkedHashMap<>();
        made.changes().forEach(change -> base.put(change.field(), change.after()));
        mapping.links().forEach(relation -> relation.recordId(record.json()).ifPresent(id -> {
            RecordKey other = new RecordKey("main", relation.to(), id);
            stored.put(other, new Link(other, null, "other", "id of " + other, Map.of()));
            base.put(relation.field() == null ? "@" + relation.name() : relation.field(), TextNode.valueOf("id of " + other));
        }));
        stored.put(record.key(), new Link(record.key(), null, mapping.object(), "4711", base));
        for (ChildMapping child : mapping.children()) {
            for (JsonNode element : child.each(record.json(), context)) {
                RecordKey part = new RecordKey("main", child.entity(), element.path("id").asText());
                Map<String, JsonNode> ofPart = new LinkedHashMap<>(child.map(element, context).fields());
                child.links().stream().filter(relation -> !relation.toParent()).forEach(relation ->
                        relation.recordId(element).ifPresent(id -> ofPart.put(relation.field(),
                                TextNode.valueOf("id of " + new RecordKey("main", relation.to(), id)))));
                child.links().stream().filter(relation -> relation.toParent() && relation.associate() != null)
                        .forEach(relation -> ofPart.put("@" + relation.name(), TextNode.valueOf("4711")));
                stored.put(part, new Link(part, child.shared() ? null : record.key().recordId(), child.object(),
                        "id of " + part, ofPart));
            }
        }
    }

    private static CanonicalRecord sample(String entity) {
        try {
            ObjectNode json = (ObjectNode) new ObjectMapper().readTree(FOLDER.resolve("samples/" + entity + ".json").toFile());
            return new CanonicalRecord(new RecordKey("main", entity, json.path("id").asText()), json, true, AT, Map.of(), Map.of(),
                    Set.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
