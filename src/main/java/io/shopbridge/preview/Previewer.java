package io.shopbridge.preview;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.deliver.CrmState;
import io.shopbridge.deliver.DryRun;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Dry run: takes a payload through reading, mapping and merging, like a delivery, and stops before the call. */
public final class Previewer {

    private static final String ID = "id";

    private final Crm crm;
    private final MappingContext context;
    private final Shopify shopify;
    private final Merge merge = new Merge();

    public Previewer(Crm crm, MappingContext context, Shopify shopify) {
        this.crm = crm;
        this.context = context;
        this.shopify = shopify;
    }

    /**
     * Previews a webhook's body, a GraphQL answer or object, or a REST answer.
     *
     * @param topic  empty: guessed from the body's shape
     * @param crmHas the CRM's present record, as its fields or as {@code {id, fields, updated_at, before, links}}: before
     *     is what Shopbridge wrote last, links are the CRM's ids of what the record points to; null: it has none
     * @throws UnreadablePayload where the body is not what the topic claims, or no topic fits it
     */
    public Preview preview(byte[] body, Optional<String> topic, JsonNode crmHas) {
        GivenBody given = GivenBody.of(body, topic, shopify);
        List<CanonicalRecord> records = PayloadRecords.of(shopify, context.store(), context.region(), given.parts());
        List<Entry> entries = new ArrayList<>();
        for (CanonicalRecord record : records) {
            entries.add(entry(record, crmHas != null && entries.isEmpty() ? CrmState.of(crmHas) : CrmState.NONE));
        }
        String note = records.isEmpty() ? nothing(given) : given.note();
        return new Preview(context.store(), crm.title(), given.topics(), given.guessed(), note, entries);
    }

    private String nothing(GivenBody given) {
        return shopify.handled().contains(given.topics())
                ? "The body contains nothing about a record, so nothing changes"
                : "Topic " + given.topics() + " is stored but not handled. Handled topics: " + shopify.handled();
    }

    /** Previews a record as the mirror has it. */
    public Entry entry(CanonicalRecord record, CrmState state) {
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
            return Entry.ended(entity, id, object, Outcome.INCOMPLETE, "this payload has "
                    + (deleted ? "only the deletion" : "only a part") + " of the " + entity
                    + "; a delivery adds it to the mirror's record, and waits if there is none", record.json());
        }
        try {
            Optional<String> skip = mapping.get().skip(record.json(), context);
            return skip.isPresent()
                    ? Entry.ended(entity, id, object, Outcome.SKIPPED, skip.get(), record.json())
                    : entry(mapping.get(), record, state);
        } catch (ExpressionFailed e) {
            return Entry.ended(entity, id, object, Outcome.REJECTED, e.getMessage(), record.json());
        }
    }

    private Entry entry(Mapping mapping, CanonicalRecord record, CrmState state) {
        JsonNode json = record.json();
        DryRun rehearsal = new DryRun(crm, mapping, record, context, state);
        MappedRecord mapped = rehearsal.mapped();
        List<FieldEntry> fields = fields(mapping.fields(), mapping.externalIdSource(), context.seen(json), mapped,
                state, rehearsal.decision());
        List<LinkEntry> links = links(mapping.links(), json);
        Outcome outcome = outcome(mapped, state, rehearsal.decision());
        return outcome == Outcome.REJECTED
                ? new Entry(mapping.entity(), record.key().recordId(), mapping.object(), outcome, because(mapped), json,
                        fields, links, List.of(), List.of())
                : new Entry(mapping.entity(), record.key().recordId(), mapping.object(), outcome, because(mapped), json,
                        fields, links, rehearsal.requests(), children(mapping, json));
    }

    private List<Entry> children(Mapping mapping, JsonNode json) {
        List<Entry> entries = new ArrayList<>();
        for (ChildMapping child : mapping.children()) {
            for (JsonNode element : child.each(json, context)) {
                MappedRecord mapped = child.map(element, context);
                Decision decision = merge.decide(child.fields(), mapped, Base.NONE, null, false, field -> null);
                List<FieldEntry> fields =
                        fields(child.fields(), child.externalIdSource(), element, mapped, CrmState.NONE, decision);
                entries.add(new Entry(child.entity(), element.path(ID).asText(), child.object(),
                        outcome(mapped, CrmState.NONE, decision), because(mapped), null, fields,
                        links(child.links(), element), List.of(), List.of()));
            }
        }
        return entries;
    }

    private static Outcome outcome(MappedRecord mapped, CrmState state, Decision decision) {
        if (!mapped.refusals().isEmpty()) {
            return Outcome.REJECTED;
        } else if (!state.isThere()) {
            return Outcome.CREATED;
        }
        return decision.write().isEmpty() ? Outcome.UNCHANGED : Outcome.UPDATED;
    }

    /** Why the record is rejected; of one that is not, what is not delivered as Shopify has it. */
    private static List<String> because(MappedRecord mapped) {
        return mapped.refusals().isEmpty() ? mapped.mended().stream().map(Mended::toString).toList()
                : mapped.refusals();
    }

    private List<FieldEntry> fields(List<Field> fields, Optional<Expression> key, JsonNode seen, MappedRecord mapped,
            CrmState state, Decision decision) {
        List<FieldEntry> entries = new ArrayList<>();
        for (Field field : fields) {
            Optional<Expression> from = field.isKey() ? key : field.source().map(Field.Source::from);
            boolean rejected = !mapped.refusals().isEmpty();
            entries.add(new FieldEntry(field.name(), field.owner().word(), from.map(e -> e.origin(seen)).orElse(null),
                    mapped.fields().get(field.name()), !rejected && decision.write().containsKey(field.name()),
                    Why.of(field, mapped, state, decision)));
        }
        return entries;
    }

    private static List<LinkEntry> links(List<RecordLink> links, JsonNode json) {
        return links.stream().map(link -> {
            String record;
            try {
                record = link.toParent() ? json.path(ID).asText() : link.recordId(json).orElse(null);
            } catch (ExpressionFailed e) {
                return new LinkEntry(link.name(), link.to(), null, e.getMessage()
                        + (link.required() ? "; the record is rejected" : "; it goes without"));
            }
            String how = link.field() == null ? "associated with its " + link.associate()
                    : "written to " + link.field();
            String because = link.toParent() ? how + " once both are there"
                    : record == null ? "Shopify has none" + (switch (link.absent()) {
                        case DELIVER -> "";
                        case SKIP -> "; the record is skipped";
                    })
                    : how + " once " + link.to() + " " + record + " has a CRM id"
                            + (link.required() ? "; until then the record waits" : "");
            return new LinkEntry(link.name(), link.to(), link.toParent() ? null : record, because);
        }).toList();
    }
}
