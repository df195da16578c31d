package io.shopbridge.explain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.deliver.Comparison;
import io.shopbridge.deliver.Examination;
import io.shopbridge.deliver.Examination.Examined;
import io.shopbridge.explain.Explanation.EventThen;
import io.shopbridge.explain.Explanation.FieldExplanation;
import io.shopbridge.explain.Explanation.Source;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Owner;
import io.shopbridge.map.RecordLink;
import io.shopbridge.map.Values;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.mirror.CustomerMerges;
import io.shopbridge.mirror.Origins;
import io.shopbridge.mirror.Origins.Origin;
import io.shopbridge.preview.Why;
import io.shopbridge.reconcile.RepeatedRepairs;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.yaml.Nearest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Explains the fields of one record of a CRM. It reads the record from the CRM, and changes nothing. */
@Component
public class Explainer {

    private static final String METRICS = "metrics";
    private static final String STOPPED = "nothing of the record is written now, as is said above";

    private final Crms crms;
    private final Stores stores;
    private final CanonicalRecords records;
    private final Links links;
    private final Origins origins;
    private final Examination examination;
    private final Events events;
    private final Standing standing;
    private final OrderCutoffs cutoffs;
    private final RepeatedRepairs repeated;

    Explainer(Crms crms, Stores stores, CanonicalRecords records, Links links, Origins origins, Examination examination,
            Events events, Standing standing, OrderCutoffs cutoffs, RepeatedRepairs repeated) {
        this.repeated = repeated;
        this.cutoffs = cutoffs;
        this.crms = crms;
        this.stores = stores;
        this.records = records;
        this.links = links;
        this.origins = origins;
        this.examination = examination;
        this.events = events;
        this.standing = standing;
    }

    /** What a record is made of in this CRM: a whole record, or a part of one that is a record of its own there. */
    private record Shape(Mapping mapping, ChildMapping child) {

        List<Field> fields() {
            return child == null ? mapping.fields() : child.fields();
        }

        List<RecordLink> links() {
            return child == null ? mapping.links() : child.links();
        }

        String object() {
            return child == null ? mapping.object() : child.object();
        }

        Optional<Expression> key() {
            return child == null ? mapping.externalIdSource() : child.externalIdSource();
        }
    }

    /**
     * Explains a record.
     *
     * @param field the CRM's name of one field; null: all that the mapping names
     */
    public Explanation explain(String crmName, RecordKey key, String field) {
        Crm crm = crms.get(crmName);
        Link link = links.of(crm.name(), Set.of(key)).get(key);
        List<Instant> times = standing.linkTimes(crm, key);
        List<String> sentences = new ArrayList<>(standing.of(crm, key));
        Optional<Shape> shape = shape(crm, key.entity());
        List<FieldExplanation> fields = List.of();
        if (shape.isEmpty()) {
            sentences.add(crm.notUsedBecause(key.entity()).map(because -> "Nothing of it is written, because " + because)
                    .orElseGet(() -> "The folder " + crm.folder() + " has no mapping of " + key.entity() + ", so nothing of"
                            + " it is ever written"));
        } else {
            fields = shape.get().child() == null ? ofRecord(crm, shape.get(), key, link, field, sentences)
                    : ofPart(crm, shape.get(), key, link, field, sentences);
        }
        return new Explanation(crm.name(), key.store(), key.toString(), shape.map(Shape::object).orElse(null),
                link == null ? null : link.crmId(), times.isEmpty() ? null : times.get(0),
                times.isEmpty() ? null : times.get(1), sentences, fields, standing.attempts(crm, key));
    }

    private static Optional<Shape> shape(Crm crm, String entity) {
        return crm.mapping(entity).map(mapping -> new Shape(mapping, null)).or(() -> crm.mappings().stream()
                .flatMap(mapping -> mapping.children().stream().filter(child -> entity.equals(child.entity()))
                        .map(child -> new Shape(mapping, child))).findFirst());
    }

    private MappingContext context(Crm crm, String store) {
        return MappingContext.of(store, stores.find(store), crm.mappingSettings());
    }

    private List<FieldExplanation> ofRecord(Crm crm, Shape shape, RecordKey key, Link link, String field,
            List<String> sentences) {
        CanonicalRecord record = records.load(List.of(key)).get(key);
        MappingContext context = context(crm, key.store());
        if (record.times().isEmpty() && record.mainAt() == null) {
            sentences.add("Shopbridge knows no such record of store " + key.store() + ": no event, poll or backfill brought it,"
                    + " or it has expired");
            return unknown(crm, shape, key, field);
        }
        try {
            List<String> stops = stops(crm, shape.mapping(), record, context, link);
            Examined examined = examination.examine(crm, shape.mapping(), record, context, link);
            say(crm, examined, key, link, sentences);
            sentences.addAll(stops);
            return fields(crm, shape, key, link, field, examined, record, !stops.isEmpty() || standing.stops(crm, key));
        } catch (ExpressionFailed e) {
            sentences.add("The mapping makes nothing of it: " + e.getMessage());
            return unknown(crm, shape, key, field);
        }
    }

    /**
     * What keeps every delivery from writing anything of a record, a sentence each.
     *
     * @param link null: the CRM has none of it
     * @throws ExpressionFailed where the mapping can't tell whether it skips it
     */
    private List<String> stops(Crm crm, Mapping mapping, CanonicalRecord record, MappingContext context, Link link) {
        RecordKey key = record.key();
        List<String> stops = new ArrayList<>();
        if (!stores.feeds(key.store(), crm.name())) {
            stops.add("Store " + key.store() + " does not feed " + crm.title() + ": shopbridge.stores." + key.store()
                    + ".crms does not name it");
        }
        if (!record.complete()) {
            stops.add("Only parts of it have arrived; it waits for the " + key.entity() + " itself");
        }
        record.mergedInto().ifPresent(kept -> stops.add(CustomerMerges.because(key, kept)
                + ", and the CRM's record follows that one"));
        if (link == null) {
            Optional.ofNullable(cutoffs.history(List.of(key)).get(key)).ifPresent(before -> stops.add("It was made before "
                    + before + ", and such orders count only in their buyers' figures (figures_before of a backfill)"));
        }
        mapping.skip(record.json(), context).ifPresent(because -> stops.add("The mapping skips it: " + because));
        return stops;
    }

    private List<FieldExplanation> ofPart(Crm crm, Shape shape, RecordKey key, Link link, String field,
            List<String> sentences) {
        if (link == null || link.parentId() == null) {
            sentences.add((link == null ? "It is not linked, so its record is not known" : "It is shared by several records:"
                    + " made with the values of the first that was delivered, and then left to the CRM's users")
                    + "; ask for a " + shape.mapping().entity() + " that has it");
            return unknown(crm, shape, key, field);
        }
        RecordKey whole = new RecordKey(key.store(), shape.mapping().entity(), link.parentId());
        sentences.addAll(standing.of(crm, whole));
        CanonicalRecord record = records.load(List.of(whole)).get(whole);
        MappingContext context = context(crm, key.store());
        Link of = links.of(crm.name(), Set.of(whole)).get(whole);
        boolean stopped = standing.stops(crm, whole);
        try {
            List<String> stops = stops(crm, shape.mapping(), record, context, of);
            refused(shape.mapping().map(record.json(), context)).ifPresent(stops::add);
            stops.forEach(stop -> sentences.add("Nothing of its " + whole + " is written. " + stop));
            stopped |= !stops.isEmpty();
            for (JsonNode element : shape.child().each(record.json(), context)) {
                if (element.path("id").asText().equals(key.recordId())) {
                    Examined examined = examination.examine(crm, shape.child(), element, context, link,
                            of == null ? null : of.crmId(), record.mainAt());
                    say(crm, examined, whole, link, sentences);
                    return fields(crm, shape, key, link, field, examined, record, stopped);
                }
            }
        } catch (ExpressionFailed e) {
            sentences.add("The mapping makes nothing of it: " + e.getMessage());
            return unknown(crm, shape, key, field);
        }
        sentences.add("Its " + whole + " has no such part any more" + (stopped ? ""
                : "; the next delivery archives it in " + crm.title()));
        return unknown(crm, shape, key, field);
    }

    /** @param whole the record; of a part the one that it is of */
    private void say(Crm crm, Examined examined, RecordKey whole, Link link, List<String> sentences) {
        if (examined.notRead() != null) {
            sentences.add(examined.notRead());
        } else if (examined.gone()) {
            sentences.add(crm.title() + " has no record " + link.crmId() + " any more: somebody deleted it there. "
                    + (repeated.isLeft(crm.name(), whole, link) ? "Two repairs in a row have made it anew, and it was deleted"
                            + " again, so reconciliations leave it alone (class rewritten) until a person ends that there;"
                            + " the next change in Shopify, or a repair of that class by its word, makes it anew"
                            : "A reconciliation that repairs, or the next change in Shopify, makes it anew"));
        } else if (examined.movedTo() != null) {
            sentences.add(crm.title() + " has merged record " + link.crmId() + " into " + examined.movedTo()
                    + ". A reconciliation that repairs, or the next change in Shopify, follows it");
        }
        refused(examined.mapped()).ifPresent(sentences::add);
    }

    private static Optional<String> refused(MappedRecord mapped) {
        return mapped.refusals().isEmpty() ? Optional.empty()
                : Optional.of("The mapping refuses it: " + String.join("; ", mapped.refusals()));
    }

    /** Of a record that can't be mapped only the definitions are known. */
    private static List<FieldExplanation> unknown(Crm crm, Shape shape, RecordKey key, String field) {
        MappingLines lines = lines(shape, key);
        return asked(shape.fields(), field).stream().map(one -> new FieldExplanation(one.name(), one.owner().word(),
                lines.of(one.name()), null, null, null, null, false, "see what stands above", null, List.of(), List.of()))
                .toList();
    }

    private static List<Field> asked(List<Field> all, String field) {
        return all.stream().filter(one -> field == null || one.name().equals(field)).toList();
    }

    private static MappingLines lines(Shape shape, RecordKey key) {
        return MappingLines.of(shape.mapping(), key.store(), shape.child() == null ? null : shape.child().name());
    }

    /** @param stopped whether nothing of the record is written now, whatever its fields are */
    private List<FieldExplanation> fields(Crm crm, Shape shape, RecordKey key, Link link, String field, Examined examined,
            CanonicalRecord record, boolean stopped) {
        Map<String, String> holders = standing.holders(crm, key);
        MappingLines lines = lines(shape, key);
        List<Origin> known = origins.of(record.key());
        List<FieldExplanation> all = new ArrayList<>();
        List<Field> asked = asked(shape.fields(), field);
        Map<Field, Set<Origin>> sources = asked.stream().collect(Collectors.toMap(one -> one,
                one -> sources(one, shape, examined, known, record)));
        Map<Origin, EventThen> brought = events.of(record.key(),
                sources.values().stream().flatMap(Set::stream).distinct().toList());
        for (Field one : asked) {
            List<Source> from = sources.get(one).stream().map(origin ->
                    new Source(origin.field(), origin.facet(), origin.at(), brought.get(origin))).toList();
            String because = stopped ? STOPPED
                    : holders.containsKey(one.name()) ? "record " + holders.get(one.name()) + " of " + crm.title()
                            + " has this value, and it may be there only once"
                    : because(crm, one, examined, link, record.key());
            boolean writes = !stopped && !holders.containsKey(one.name()) && examined.movedTo() == null
                    && (link == null || !examined.gone()) && examined.mapped().refusals().isEmpty()
                    && examined.now().write().containsKey(one.name());
            all.add(explain(crm, shape, key, one, examined, link, lines.of(one.name()), from, writes, because));
        }
        for (RecordLink relation : shape.links()) {
            if (relation.field() != null && (field == null || relation.field().equals(field))
                    && shape.fields().stream().noneMatch(one -> one.name().equals(relation.field()))) {
                all.add(relation(crm, relation, lines, examined, record, key, link,
                        stopped || !examined.mapped().refusals().isEmpty()));
            }
        }
        if (all.isEmpty() && field != null) {
            Set<String> names = shape.fields().stream().map(Field::name).collect(Collectors.toCollection(LinkedHashSet::new));
            all.add(new FieldExplanation(field, null, null, null, null, null, null, false, lines.file()
                    + " does not name this field, so Shopbridge never writes it; " + Nearest.advice(field, names), null,
                    List.of(), List.of()));
        }
        return all;
    }

    private FieldExplanation explain(Crm crm, Shape shape, RecordKey key, Field field, Examined examined, Link link,
            String line, List<Source> sources, boolean writes, String because) {
        String name = field.name();
        Optional<Expression> from = field.isKey() ? shape.key() : field.source().map(Field.Source::from);
        JsonNode present = examined.present() == null ? null : examined.present().fields().get(name);
        return new FieldExplanation(name, field.owner().word(), line, from.map(e -> e.origin(examined.seen())).orElse(null),
                value(examined.mapped().fields().get(name)), value(present), value(examined.base().own().get(name)), writes,
                because, history(crm, key, field, examined, present, link), sources,
                standing.conflicts(crm, key, name));
    }

    private String because(Crm crm, Field field, Examined examined, Link link, RecordKey whole) {
        String name = field.name();
        boolean isNew = examined.now().write().containsKey(name);
        if (field.owner() == Owner.CRM || !field.goesToCrm() || !examined.mapped().refusals().isEmpty()) {
            return Why.of(field, examined.mapped(), examined.state(link), examined.decision());
        } else if (examined.movedTo() != null) {
            return "it is record " + examined.movedTo() + " there now, which the next delivery follows";
        } else if (examined.gone()) {
            return "its record there is gone, and the next delivery makes it anew";
        } else if (link != null && examined.notRead() != null) {
            return isNew ? "Shopify's value has changed since it was last written" : "as far as is known without reading "
                    + crm.title() + ", it has it already";
        } else if (!Comparison.isReadable(name)) {
            return isNew ? "Shopify's value has changed since it was last written" : "it is as it was last written; "
                    + crm.title() + " does not tell what it has";
        } else if (!examined.fields().contains(name)) {
            return "this buyer has an account, or was known in " + crm.title() + " before, and that counts more than what was"
                    + " typed at a checkout";
        }
        boolean differs = examined.decision().write().containsKey(name);
        if (!differs && examined.base().follows() && !Values.isEmpty(examined.mapped().fields().get(name))
                && !field.sameValue(examined.mapped().fields().get(name), examined.present().fields().get(name))) {
            Link leads = examined.person().get(0);
            return leads.key() + " of store " + leads.key().store() + " leads this record, and its value is kept";
        }
        String why = Why.of(field, examined.mapped(), examined.state(link), examined.decision());
        return !differs || isNew ? why : why + "; but nothing makes it due: " + due(crm, whole, link, name,
                examined.present().fields().get(name)) + ", or the next delivery that reads the record";
    }

    /** What writes a value that the CRM has otherwise, though nothing has changed in Shopify. */
    private String due(Crm crm, RecordKey whole, Link link, String field, JsonNode there) {
        JsonNode has = there == null ? NullNode.getInstance() : there;
        return link != null && repeated.isLeft(crm.name(), whole, link, field, has)
                ? "repairs in a row wrote it, and " + crm.title() + " had another value again, so reconciliations leave it"
                        + " alone (class rewritten). End what changes it there, or leave the field to " + crm.title()
                        + " (owner: crm). Until then only a repair of that class by its word writes it"
                : "a reconciliation that repairs writes it";
    }

    /** Who made the CRM's value what it is. */
    private static String history(Crm crm, RecordKey key, Field field, Examined examined, JsonNode present, Link link) {
        if (link == null || examined.present() == null || !field.goesToCrm() || !Comparison.isReadable(field.name())) {
            return null;
        }
        JsonNode base = examined.base().own().get(field.name());
        if (base == null || Values.isEmpty(base)) {
            return Values.isEmpty(present) ? null : fromOther(key, field, examined, present).orElse("Shopbridge never wrote a"
                    + " value here: this one is " + crm.title() + "'s own, or somebody's who works there");
        } else if (field.sameValue(present, base)) {
            return "it is as Shopbridge last wrote it, or found it then";
        }
        return fromOther(key, field, examined, present).orElseGet(() -> {
            String when = examined.present().updatedAt() == null ? "" : ", at the latest at "
                    + examined.present().times().getOrDefault(field.name(), examined.present().updatedAt());
            return "somebody else changed it in " + crm.title() + " after Shopbridge had written another value" + when;
        });
    }

    private static Optional<String> fromOther(RecordKey key, Field field, Examined examined, JsonNode present) {
        return examined.person().stream().filter(other -> !other.key().equals(key))
                .filter(other -> !Values.isEmpty(other.base().get(field.name()))
                        && field.sameValue(present, other.base().get(field.name())))
                .findFirst().map(other -> "Shopbridge wrote it for " + other.key() + " of store " + other.key().store()
                        + ", which is the same person");
    }

    private FieldExplanation relation(Crm crm, RecordLink relation, MappingLines lines, Examined examined,
            CanonicalRecord record, RecordKey key, Link link, boolean stopped) {
        Optional<RecordKey> other = relation.toParent() ? Optional.of(record.key())
                : relation.recordId(examined.seen()).map(id -> new RecordKey(key.store(), relation.to(), id));
        Link target = other.map(one -> links.of(crm.name(), Set.of(one)).get(one)).orElse(null);
        JsonNode present = examined.present() == null ? null : examined.present().fields().get(relation.field());
        String standIn = examined.standIns().get(relation.name());
        String id = target == null ? standIn : target.crmId();
        JsonNode wanted = id == null ? null : Values.JSON.getNodeFactory().textNode(id);
        JsonNode before = examined.base().own().get(relation.field());
        boolean isNew = wanted != null && !wanted.equals(before);
        boolean same = wanted != null && (present == null ? !isNew : wanted.asText().equals(present.asText()));
        Boolean ended = examined.ended().get(relation.field());
        String because = stopped ? STOPPED : ended != null ? "Shopify's record names no " + relation.to() + " any more; "
                        + (ended ? "a delivery empties it" : "it stays, because another record of the same person has it,"
                                + " or somebody changed it in the CRM")
                : wanted == null ? other.map(one -> one + " has no record in " + crm.title() + " yet")
                        .orElse("Shopify's record names no " + relation.to())
                : same ? "the CRM has it already"
                : standIn != null && !isNew && !Values.isEmpty(present) ? "Shopify's record names no " + relation.to()
                        + ", so the one that somebody gave it in the CRM stays"
                : "it must point to " + other.map(RecordKey::toString).orElse("the anonymous contact") + ", which is " + id
                        + " there" + (isNew ? "" : "; but nothing makes it due: "
                                + due(crm, record.key(), link, relation.field(), present));
        return new FieldExplanation(relation.field(), Owner.SHOPIFY.word(), lines.of(relation.field()),
                relation.record() == null ? null : relation.record().text(), wanted, value(present),
                value(before), !stopped && (isNew && !same || Boolean.TRUE.equals(ended)), because, null, List.of(),
                standing.conflicts(crm, key, relation.field()));
    }

    /** Figures are sums over orders, each of which has a source of its own. */
    private static Origin ofFigures(CanonicalRecord record) {
        String last = record.json().path(METRICS).path("last_order_at").asText(null);
        return new Origin(METRICS, "the figures of its orders", last == null ? null : Instant.parse(last), null);
    }

    private static JsonNode value(JsonNode value) {
        return value == null || value.isNull() ? null : value;
    }

    /** Of the part of the expression that gives the value, or of all that it mentions; else of the record as a whole. */
    private static Set<Origin> sources(Field field, Shape shape, Examined examined, List<Origin> known,
            CanonicalRecord record) {
        Set<Origin> sources = new LinkedHashSet<>();
        if (shape.child() == null && field.goesToCrm()) {
            Set<String> used = field.source().map(source -> Expression.pathsOf(source.from().origin(examined.seen())).stream()
                    .flatMap(path -> Origins.madeOf(path.get(0)).stream()).collect(Collectors.toSet())).orElse(Set.of());
            if (used.contains(METRICS)) {
                return Set.of(ofFigures(record));
            }
            known.stream().filter(origin -> used.isEmpty() ? field.mentions(origin.field()) : used.contains(origin.field()))
                    .sorted(Comparator.comparing(Origin::at).reversed()).forEach(sources::add);
        }
        if (sources.isEmpty() && field.goesToCrm() && record.mainAt() != null) {
            known.stream().filter(origin -> origin.at().equals(record.mainAt())).findFirst().ifPresent(sources::add);
        }
        return sources;
    }
}
