package io.shopbridge.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.crm.CrmWrite;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mended;
import io.shopbridge.map.RecordLink;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.merge.Decision;
import io.shopbridge.merge.Merge;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.PayloadRecords;
import io.shopbridge.preview.Preview.Entry;
import io.shopbridge.preview.Preview.FieldEntry;
import io.shopbridge.preview.Preview.LinkEntry;
import io.shopbridge.preview.Preview.Outcome;
import io.shopbridge.shopify.GivenBody;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.UnreadablePayload;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Takes a payload through reading, mapping and merging, as a delivery would, and stops before the call. */
public final class Playground {

    private static final String ID = "id";
    private static final String NO_ID = "<the CRM's id>";

    private final Crm crm;
    private final MappingContext context;
    private final Shopify shopify;
    private final Merge merge = new Merge();

    public Playground(Crm crm, MappingContext context, Shopify shopify) {
        this.crm = crm;
        this.context = context;
        this.shopify = shopify;
    }

    /**
     * Previews a webhook's body, a GraphQL answer or object, or a REST answer.
     *
     * @param topic  empty: guessed from the body's shape
     * @param crmHas the CRM's present record, as its fields or as {@code {id, fields, updated_at}}; null: it has none
     * @throws UnreadablePayload where the body is not what the topic claims, or no topic fits it
     */
    public Preview preview(byte[] body, Optional<String> topic, JsonNode crmHas) {
        GivenBody given = GivenBody.of(body, topic, shopify);
        List<CanonicalRecord> records = PayloadRecords.of(shopify, context.store(), context.region(), given.parts());
        List<Entry> entries = new ArrayList<>();
        for (CanonicalRecord record : records) {
            entries.add(entry(record, entries.isEmpty() ? crmHas : null));
        }
        String note = records.isEmpty() ? nothing(given) : given.note();
        return new Preview(context.store(), crm.title(), given.topics(), given.guessed(), note, entries);
    }

    private String nothing(GivenBody given) {
        return shopify.handled().contains(given.topics())
                ? "The body says nothing of any record, so nothing changes"
                : "Topic " + given.topics() + " is kept but not handled. Handled are: " + shopify.handled();
    }

    private Entry entry(CanonicalRecord record, JsonNode crmHas) {
        String entity = record.key().entity();
        String id = record.key().recordId();
        Optional<Mapping> mapping = crm.mapping(entity);
        if (mapping.isEmpty()) {
            return Entry.ended(entity, id, null, Outcome.NOT_MAPPED, crm.folder() + "/ has no mapping that begins with"
                    + " `shopify: " + entity + "`", record.json());
        }
        String object = mapping.get().object();
        if (!record.complete()) {
            boolean deleted = record.json().has("deleted_at");
            return Entry.ended(entity, id, object, Outcome.INCOMPLETE, "this payload brings "
                    + (deleted ? "only the deletion" : "only a part") + " of the " + entity
                    + "; a delivery joins it to what the mirror has, and waits where that is nothing", record.json());
        }
        try {
            Optional<String> skip = mapping.get().skip(record.json(), context);
            return skip.isPresent()
                    ? Entry.ended(entity, id, object, Outcome.SKIPPED, skip.get(), record.json())
                    : entry(mapping.get(), record, crmHas);
        } catch (ExpressionFailed e) {
            return Entry.ended(entity, id, object, Outcome.REJECTED, e.getMessage(), record.json());
        }
    }

    private Entry entry(Mapping mapping, CanonicalRecord record, JsonNode crmHas) {
        JsonNode json = record.json();
        MappedRecord mapped = mapping.map(json, context);
        CrmValues present = present(crmHas);
        Decision decision = decision(mapping.fields(), mapped, present,
                field -> record.changedAt(field::mentions));
        ObjectNode seen = context.seen(record.json());
        List<FieldEntry> fields =
                fields(mapping.fields(), mapping.externalIdSource(), seen, mapped, present, decision);
        List<LinkEntry> links = links(mapping.links(), json);
        Entry entry = new Entry(mapping.entity(), record.key().recordId(), mapping.object(),
                outcome(mapped, present, decision), because(mapped), json, fields, links, null, List.of());
        if (entry.outcome() == Outcome.REJECTED) {
            return entry;
        }
        String keyField = mapping.externalIdField().orElse(null);
        Optional<String> key = mapping.externalId(json, context);
        CrmRequest request = request(mapping.object(), keyField, key, crmHas, decision);
        return new Entry(entry.entity(), entry.id(), entry.object(), entry.outcome(), entry.because(), json, fields,
                links, request, children(mapping, json));
    }

    private List<Entry> children(Mapping mapping, JsonNode json) {
        List<Entry> entries = new ArrayList<>();
        for (ChildMapping child : mapping.children()) {
            for (JsonNode element : child.each(json, context)) {
                MappedRecord mapped = child.map(element, context);
                Decision decision = decision(child.fields(), mapped, null, field -> null);
                List<FieldEntry> fields =
                        fields(child.fields(), child.externalIdSource(), element, mapped, null, decision);
                boolean rejected = !mapped.refusals().isEmpty();
                CrmRequest request = rejected ? null : request(child.object(), child.externalIdField().orElse(null),
                        child.externalId(element, context), null, decision);
                entries.add(new Entry(child.entity(), element.path(ID).asText(), child.object(),
                        outcome(mapped, null, decision), because(mapped), null, fields,
                        links(child.links(), element), request, List.of()));
            }
        }
        return entries;
    }

    private Decision decision(List<Field> fields, MappedRecord mapped, CrmValues present,
            Function<Field, Instant> shopifyTime) {
        return merge.decide(fields, mapped, Base.NONE, present, present != null, shopifyTime);
    }

    private static Outcome outcome(MappedRecord mapped, CrmValues present, Decision decision) {
        if (!mapped.refusals().isEmpty()) {
            return Outcome.REJECTED;
        } else if (present == null) {
            return Outcome.CREATED;
        }
        return decision.write().isEmpty() ? Outcome.UNCHANGED : Outcome.UPDATED;
    }

    /** Why the record is rejected; of one that is not, what is not delivered as Shopify has it. */
    private static List<String> because(MappedRecord mapped) {
        return mapped.refusals().isEmpty() ? mapped.mended().stream().map(Mended::toString).toList()
                : mapped.refusals();
    }

    private CrmRequest request(String object, String keyField, Optional<String> key, JsonNode crmHas,
            Decision decision) {
        boolean exists = crmHas != null;
        if (!crm.isRest() || exists && decision.write().isEmpty()) {
            return null;
        }
        CrmWrite write = new CrmWrite(exists ? crmHas.path(ID).asText(NO_ID) : null, null, key.orElse(null), null, null,
                null, decision.write());
        return crm.request(CrmCall.write(crm, crm.writes(exists, key.orElse(null)), object, keyField, List.of(write)));
    }

    private List<FieldEntry> fields(List<Field> fields, Optional<Expression> key, JsonNode seen, MappedRecord mapped,
            CrmValues present, Decision decision) {
        List<FieldEntry> entries = new ArrayList<>();
        for (Field field : fields) {
            Optional<Expression> from = field.isKey() ? key : field.source().map(Field.Source::from);
            boolean rejected = !mapped.refusals().isEmpty();
            entries.add(new FieldEntry(field.name(), field.owner().word(), from.map(e -> e.origin(seen)).orElse(null),
                    mapped.fields().get(field.name()), !rejected && decision.write().containsKey(field.name()),
                    Why.of(field, mapped, present, decision)));
        }
        return entries;
    }

    private static List<LinkEntry> links(List<RecordLink> links, JsonNode json) {
        return links.stream().map(link -> {
            String record = link.toParent() ? json.path(ID).asText() : link.recordId(json).orElse(null);
            String how = link.field() == null ? "associated with its " + link.associate()
                    : "written to " + link.field();
            String because = link.toParent() ? how + " once both are there"
                    : record == null ? "Shopify names none" + (switch (link.absent()) {
                        case DELIVER -> "";
                        case SKIP -> "; the record is skipped";
                    })
                    : how + " once " + link.to() + " " + record + " has a CRM id"
                            + (link.required() ? "; until then the record waits" : "");
            return new LinkEntry(link.name(), link.to(), link.toParent() ? null : record, because);
        }).toList();
    }

    private static CrmValues present(JsonNode crmHas) {
        if (crmHas == null) {
            return null;
        }
        JsonNode fields = crmHas.path("fields").isObject() ? crmHas.path("fields") : crmHas;
        Map<String, JsonNode> values = new LinkedHashMap<>();
        fields.properties().forEach(field -> values.put(field.getKey(), field.getValue()));
        return new CrmValues(values, time(crmHas.path("updated_at").asText("")));
    }

    private static Instant time(String text) {
        try {
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("updated_at of what the CRM has is \"" + text
                    + "\"; write it as 2026-01-31T10:00:00Z");
        }
    }
}
