package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.identify.Link;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.RecordLink;
import io.shopbridge.map.Values;
import io.shopbridge.map.WholeText;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.shopify.Ids;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.BulkRow;
import io.shopbridge.work.WorkItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A record on its way to the CRM, and what the steps have found out about it so far. */
final class DeliveryRecord {

    /** Base entries of this prefix are associations: the CRM id that the record was last associated with. */
    static final String ASSOCIATION = "@";

    /** A base entry that says that the record was made final. */
    private static final String ACTIVATED = "@activated";

    private static final int LONGEST_QUOTE = 80;

    private final WorkItem item;
    private final DeliveryRecord parent;
    private final RecordKey key;
    private final MappingContext context;
    private JsonNode json = MissingNode.getInstance();
    private boolean guest;
    private RecordKey mergedInto;
    private Function<Field, Instant> shopifyTime = field -> null;
    private Set<String> whollyTold = Set.of();
    private boolean loaded;
    private MappedRecord values;

    private Link link;
    private CrmValues present;
    private String externalId;
    private String parentField;
    /** What it points to and the CRM does not have, so that it goes without. */
    private final Set<RecordKey> openRelations = new LinkedHashSet<>(0);
    /** Link name of the mapping to the CRM id it points to. */
    private final Map<String, String> relations = new LinkedHashMap<>();
    /** Base entries of relations that ended, and that another record of the same person keeps. */
    private final Set<String> forgotten = new HashSet<>(0);
    private Map<String, JsonNode> write = Map.of();
    private Map<String, JsonNode> base = Map.of();
    private final List<DeliveryRecord> children = new ArrayList<>(0);
    private final List<Link> removedChildren = new ArrayList<>(0);
    private boolean decided;
    private boolean isNew;
    private boolean creating;
    private boolean changed;
    private JsonNode consentThere;
    private boolean consentSent;
    private boolean activated;
    private String consentSettled;
    private final Map<String, JsonNode> remembered = new TreeMap<>();
    /** What the CRM refused of the consents. */
    private final List<String> consentRefusals = new ArrayList<>(0);
    private int serverFaults;
    private boolean settled;
    private boolean failsThere;

    private Outcome outcome;
    private final List<String> errors = new ArrayList<>(0);
    private final Set<String> notes = new LinkedHashSet<>(0);
    private List<String> candidates = List.of();
    /** CRM field to the id of the record that has its value. */
    private final Map<String, String> clashes = new TreeMap<>();
    private Map<String, Field> optional = Map.of();
    /** Parts of a whole that were emptied, because the CRM refused what they had. */
    private final Set<String> emptied = new HashSet<>(0);
    private List<Field> consents = List.of();
    private boolean saysOnlyNo;
    private final Set<String> leftOut = new TreeSet<>();
    private final Set<String> taken = new HashSet<>();
    private final Set<String> written = new HashSet<>(0);
    private final Set<String> toldOf = new TreeSet<>();
    private boolean goesOn;
    /** What bulk jobs before this attempt wrote of it and its lines, and what they left. */
    private final Set<RecordKey> writtenByJob = new HashSet<>(0);
    private final Map<RecordKey, BulkRow> leftByJob = new HashMap<>(0);
    private Instant due;
    private String waitsFor;
    private boolean givenBack;

    /** A claimed record, of which nothing is known yet but its key. */
    DeliveryRecord(WorkItem item, MappingContext context) {
        this(item, null, item.key(), context);
    }

    private DeliveryRecord(WorkItem item, DeliveryRecord parent, RecordKey key, MappingContext context) {
        this.item = item;
        this.parent = parent;
        this.key = key;
        this.context = context;
    }

    /** What the mirror holds of it. */
    void load(CanonicalRecord canonical) {
        JsonNode whole = WholeText.of(canonical.json());
        if (whole != canonical.json()) {
            note("characters that no CRM can hold were replaced in " + changed(canonical.json(), whole));
        }
        json = whole;
        guest = canonical.guest();
        mergedInto = canonical.mergedInto().orElse(null);
        shopifyTime = field -> canonical.changedAt(field::mentions);
        whollyTold = canonical.whollyTold();
    }

    /** What the mirror holds of it is known, and what it is linked to. */
    void loaded() {
        loaded = true;
    }

    boolean isLoaded() {
        return loaded;
    }

    private static String changed(JsonNode before, JsonNode after) {
        return after.properties().stream().filter(field -> !field.getValue().equals(before.get(field.getKey())))
                .map(Map.Entry::getKey).collect(Collectors.joining(", "));
    }

    /** A line item of this order. */
    DeliveryRecord child(RecordKey childKey, JsonNode element) {
        DeliveryRecord child = part(this, childKey, element);
        children.add(child);
        child.changed = writtenByJob.contains(childKey);
        return child;
    }

    /**
     * The key of another record of the same store that this one names; of an empty id where a line has none of its own.
     *
     * @throws NotAnId where that is no id
     */
    RecordKey related(String entity, String id) {
        if (!id.isEmpty() && !Ids.isId(id)) {
            String quote = id.length() > LONGEST_QUOTE ? id.substring(0, LONGEST_QUOTE) + "…" : id;
            throw new NotAnId("\"" + quote + "\" is not an id of a " + entity);
        }
        return new RecordKey(key.store(), entity, id);
    }

    /**
     * The other record that this relation names; empty if there is none. Where the mapping makes no id of the record's
     * values, a relation that is not required is left out, as a field would be; for another one the record is rejected.
     */
    Optional<RecordKey> related(RecordLink relation) {
        String name = "links." + relation.name();
        try {
            Optional<RecordKey> other = relation.recordId(json).map(id -> related(relation.to(), id));
            taken.add(name);
            return other;
        } catch (ExpressionFailed | NotAnId fault) {
            if (relation.required()) {
                end(Outcome.REJECTED, name + ": " + fault.getMessage());
            } else {
                note("without " + name + ": " + fault.getMessage());
                leftOut(name);
            }
            return Optional.empty();
        }
    }

    /** What this order shares with others: a product. It ends by itself. */
    DeliveryRecord shared(RecordKey sharedKey, JsonNode element) {
        return part(null, sharedKey, element);
    }

    private DeliveryRecord part(DeliveryRecord of, RecordKey partKey, JsonNode element) {
        DeliveryRecord part = new DeliveryRecord(item, of, partKey, context);
        part.json = element;
        part.shopifyTime = shopifyTime;
        return part;
    }

    WorkItem item() {
        return item;
    }

    /** The order that this line item belongs to; null for a record of its own. */
    DeliveryRecord parent() {
        return parent;
    }

    RecordKey key() {
        return key;
    }

    JsonNode json() {
        return json;
    }

    boolean guest() {
        return guest;
    }

    /** The customer that Shopify merged this one into; null where it is still one of its own. */
    RecordKey mergedInto() {
        return mergedInto;
    }

    /** When what a field is made of last changed in Shopify. */
    Function<Field, Instant> shopifyTime() {
        return shopifyTime;
    }

    MappingContext context() {
        return context;
    }

    /** Whether it is somebody whom Shopify has deleted. */
    boolean isDeletedCustomer() {
        return key.entity().equals(RecordKey.CUSTOMER) && json != null && json.hasNonNull("deleted_at");
    }

    /** Whether nothing has ended this attempt yet. */
    boolean open() {
        return outcome == null && (parent == null || parent.outcome == null);
    }

    Link link() {
        return link;
    }

    void linkedTo(Link to) {
        this.link = to;
    }

    CrmValues present() {
        return present;
    }

    void present(CrmValues values) {
        this.present = values;
    }

    String externalId() {
        return externalId;
    }

    void externalId(String id) {
        this.externalId = id;
    }

    /** The field that takes the CRM id of the order that this line item belongs to; null where it is associated. */
    String parentField() {
        return parentField;
    }

    void parentField(String field) {
        this.parentField = field;
    }

    Map<String, String> relations() {
        return relations;
    }

    /**
     * Whether Shopify says that a relation which was written is no more: a buyer has left the company. One stays of which
     * nothing is known, and where the record names one that is not in the CRM, or something that can't be one.
     */
    boolean isEnded(RecordLink relation) {
        return link != null && !relations.containsKey(relation.name()) && !forgotten.contains(entry(relation))
                && !Values.isEmpty(link.base().get(entry(relation))) && whollyTold.stream().anyMatch(relation::mentions)
                && namesNone(relation);
    }

    private boolean namesNone(RecordLink relation) {
        try {
            return relation.recordId(json).isEmpty();
        } catch (ExpressionFailed e) {
            return false;
        }
    }

    /** The relation ended for this record, and stays in the CRM for another one of the same person. */
    void forget(RecordLink relation) {
        forgotten.add(entry(relation));
    }

    /** The name of the base entry that has the CRM's id of the related record. */
    static String entry(RecordLink relation) {
        return relation.field() == null ? ASSOCIATION + relation.name() : relation.field();
    }

    /** The records that it points to and that the CRM does not have yet, so that it is delivered without. */
    Set<RecordKey> openRelations() {
        return openRelations;
    }

    List<DeliveryRecord> children() {
        return children;
    }

    /** Those of its line items that this part of the mapping makes. */
    List<DeliveryRecord> children(ChildMapping child) {
        return children.stream().filter(lineItem -> lineItem.key().entity().equals(child.entity())).toList();
    }

    /** Links of line items that the order no longer has. */
    List<Link> removedChildren() {
        return removedChildren;
    }

    boolean decided() {
        return decided;
    }

    /** What is to be written, and the base to store once it is. */
    void decide(Map<String, JsonNode> toWrite, Map<String, JsonNode> newBase) {
        this.write = toWrite;
        this.base = newBase;
        this.decided = true;
    }

    /** What this field points to is known by now. */
    void refer(String field, JsonNode id) {
        Map<String, JsonNode> newBase = new LinkedHashMap<>(base);
        newBase.put(field, id);
        if (link == null || !id.equals(link.base().get(field))) {
            Map<String, JsonNode> toWrite = new LinkedHashMap<>(write);
            toWrite.put(field, id);
            write = toWrite;
        }
        base = newBase;
    }

    /** The fields that its mapping gives it. */
    void fields(Collection<Field> fields) {
        optional = fields.stream().filter(Field::mayBeLeftOut).collect(Collectors.toMap(Field::name, field -> field));
        consents = fields.stream().filter(Field::isConsent).toList();
    }

    /** The figures of the whole person, where it is one of several records of theirs. */
    void metrics(JsonNode metrics) {
        ((ObjectNode) json).set("metrics", metrics);
        values = null;
    }

    /** What the mapping makes of it: made once, however many steps ask. */
    MappedRecord values(Mapping mapping) {
        if (values == null) {
            values = mapping.map(json, context);
        }
        return values;
    }

    /** What the mapping made of it, and could not make as Shopify has it. */
    void mapped(MappedRecord made) {
        made.mended().forEach(value -> {
            note(value.toString());
            if (value.leftOut()) {
                leftOut(value.field());
            }
        });
        made.fields().forEach((field, value) -> {
            if (Values.isEmpty(value)) {
                whole().taken.add(named(field));
            }
        });
    }

    private void leftOut(String field) {
        whole().leftOut.add(named(field));
    }

    private DeliveryRecord whole() {
        return parent == null ? this : parent;
    }

    private String named(String field) {
        return parent == null ? field : key.entity() + "." + field;
    }

    /** The fields of which nothing is missing in the CRM any more: it took their values, or there is none. */
    Set<String> taken() {
        return taken;
    }

    /** The CRM's names of the fields that this record goes without. */
    Set<String> leftOut() {
        return leftOut;
    }

    /**
     * Takes the values out that the CRM refused, so that the record can be written without them. They count as
     * considered: they are tried again when Shopify or the mapping gives others.
     *
     * @return false where the record may not go without one of them, such as a no, or the CRM named none
     */
    boolean goesWithout(List<String> refused, String because) {
        Map<String, JsonNode> rest = new LinkedHashMap<>(write);
        refused.stream().distinct().forEach(field -> takeOut(field, refused, rest));
        Set<String> out = Stream.concat(write.keySet().stream(), rest.keySet().stream())
                .filter(field -> !Objects.equals(write.get(field), rest.get(field)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (out.isEmpty() || !optional.keySet().containsAll(out) || !Collections.disjoint(out, noes())) {
            return false;
        }
        out.forEach(field -> {
            leftOut(field);
            note("without " + field + ": " + because);
        });
        write = rest;
        goesOn = true;
        return true;
    }

    /**
     * A part of a whole is emptied if other parts are written, as the state of an address that goes to another country:
     * with the old one, the CRM would refuse it again, or have half an old address. The whole is left as it is where
     * that does not help, or where the part is what a user of the CRM made of it.
     */
    private void takeOut(String field, Collection<String> refused, Map<String, JsonNode> rest) {
        boolean sent = rest.containsKey(field);
        boolean oldWouldStay = !Values.isEmpty(there(field)) && rest.keySet().stream().anyMatch(other ->
                isOfOneWhole(field, other) && !refused.contains(other) && !emptied.contains(other));
        if (oldWouldStay && (sent ? !Values.isEmpty(rest.get(field)) : isOurs(field)) && emptied.add(field)) {
            rest.put(field, NullNode.getInstance());
        } else if (sent) {
            rest.remove(field);
        } else {
            rest.keySet().removeIf(other -> isOfOneWhole(field, other));
        }
        if (rest.keySet().stream().noneMatch(other -> isOfOneWhole(field, other) && !emptied.contains(other))) {
            rest.keySet().removeIf(other -> isOfOneWhole(field, other));
        }
    }

    private boolean isOfOneWhole(String field, String other) {
        return optional.containsKey(field) && optional.containsKey(other) && optional.get(field).whole() != null
                && optional.get(field).whole().equals(optional.get(other).whole());
    }

    /** What the CRM has in the field, as far as is known. */
    private JsonNode there(String field) {
        return present != null ? present.fields().get(field) : link == null ? null : link.base().get(field);
    }

    private boolean isOurs(String field) {
        JsonNode before = link == null ? null : link.base().get(field);
        return !Values.isEmpty(before) && optional.get(field).sameValue(there(field), before);
    }

    /** Whether a value for the field is to be written. */
    boolean writes(String field) {
        return !Values.isEmpty(write.get(field));
    }

    /** Its call was refused for what others had, too, and is to be made again. */
    void writeAgain() {
        goesOn = true;
    }

    /** Whether it is to be written at once without what was refused; asked once. */
    boolean goesOn() {
        boolean now = goesOn && mustBeWritten();
        goesOn = false;
        return now;
    }

    /** The fields to be written that tell the CRM of a no. */
    private Set<String> noes() {
        return consents.stream().filter(field -> field.saysNo(write.get(field.name()))).map(Field::name)
                .collect(Collectors.toSet());
    }

    /**
     * However it ended, the CRM is told of consents that mean no, and of nothing else.
     *
     * @param toWrite    those that the CRM does not have yet
     * @param considered all of them
     */
    void sayOnlyNo(Map<String, JsonNode> toWrite, Map<String, JsonNode> considered) {
        Map<String, JsonNode> known = new LinkedHashMap<>(link.base());
        known.putAll(considered);
        decide(toWrite, known);
        saysOnlyNo = true;
    }

    boolean saysOnlyNo() {
        return saysOnlyNo;
    }

    /**
     * The CRM refused the record, or its no once that was sent alone: what is left of its no goes on.
     *
     * @param refused the fields that the CRM names as those to blame; empty: it names none
     * @return whether a no is among what was refused, for all that anybody knows
     */
    boolean goesOnWithItsNo(List<String> refused) {
        Set<String> before = noes();
        if (before.isEmpty()) {
            return false;
        }
        Map<String, JsonNode> rest = new LinkedHashMap<>(write);
        rest.keySet().retainAll(before);
        boolean isAll = rest.size() == write.size() && Collections.disjoint(refused, write.keySet());
        rest.keySet().removeAll(isAll ? before : Set.copyOf(refused));
        sayOnlyNo(rest, rest);
        goesOn = !rest.isEmpty();
        return rest.size() < before.size();
    }

    /** Whether its work ends with this attempt although nothing of it, or not all, was written. */
    boolean leaves() {
        return outcome == Outcome.SKIPPED || outcome == Outcome.REJECTED || outcome == Outcome.HELD
                || outcome == Outcome.WAITING && due == null && !givenBack;
    }

    /** Whether the CRM must be called for the record's own fields. */
    boolean mustBeWritten() {
        return decided && (open() || saysOnlyNo) && (link == null || !write.isEmpty());
    }

    /** The CRM was asked in this attempt and doesn't have it. */
    void foundNowhere() {
        isNew = true;
    }

    boolean isNew() {
        return isNew;
    }

    /** A create of it is sent, which must not be sent again unseen. */
    void creating() {
        creating = true;
    }

    /** The CRM certainly did nothing with the create. */
    void notCreated() {
        creating = false;
    }

    boolean isCreating() {
        return creating;
    }

    /** What the CRM knows of the e-mail consent; null until it was looked up. */
    JsonNode consentThere() {
        return consentThere;
    }

    void consentThere(JsonNode there) {
        this.consentThere = there;
    }

    /** Whether this attempt has dealt with the e-mail consent. */
    boolean consentSent() {
        return consentSent;
    }

    /** The record itself is written all the same; then it ends as rejected for this reason. */
    void consentIsRefused(String because) {
        consentSent = true;
        consentRefusals.add(because);
    }

    /** The CRM refused a no of its fields, which went alone. */
    void noIsRefused(String because) {
        consentRefusals.add(because);
    }

    /** It is as this text says now, which is remembered with the record as soon as that has a link. */
    void consentIsSettled(String settled) {
        consentSent = true;
        consentSettled = settled;
    }

    /**
     * Whether this field of the mapping says that the record is final, and the CRM was not told yet. A record whose
     * lines were changed after that has been opened again by a person, and is made final again.
     */
    boolean mustBeActivated(String field) {
        return decided && link != null && !activated && baseWithAssociations().get(field) instanceof BooleanNode value
                && value.booleanValue()
                && (!link.base().containsKey(ACTIVATED) || children.stream().anyMatch(line -> line.changed));
    }

    /** The CRM was told that the record is final. */
    void activated() {
        activated = true;
        Map<String, JsonNode> withIt = baseWithAssociations();
        withIt.put(ACTIVATED, BooleanNode.TRUE);
        link = new Link(link.key(), link.parentId(), link.object(), link.crmId(), withIt);
        changed();
    }

    /** Keeps a fact of its person with the record's base, under a name that is no field. */
    void remember(String name, String value) {
        remembered.put(name, TextNode.valueOf(value));
    }

    /** Whether only our memory of what was considered changed. */
    boolean onlyBaseChanged() {
        return decided && (open() || saysOnlyNo) && link != null && write.isEmpty()
                && !link.base().equals(baseWithAssociations());
    }

    Map<String, JsonNode> write() {
        return write;
    }

    /** The new base, with what the record is already associated with. */
    Map<String, JsonNode> baseWithAssociations() {
        Map<String, JsonNode> all = new LinkedHashMap<>(base);
        if (link != null) {
            link.base().forEach((name, value) -> {
                if (name.startsWith(ASSOCIATION) && !forgotten.contains(name)) {
                    all.put(name, value);
                }
            });
        }
        all.putAll(remembered);
        if (consentSettled != null) {
            all.put(Consent.SETTLED, TextNode.valueOf(consentSettled));
        }
        return all;
    }

    /** The write succeeded: it is this CRM record now, with this base. */
    void written(Link now) {
        write.keySet().forEach(field -> whole().taken.add(named(field)));
        written.addAll(write.keySet());
        if (saysOnlyNo) {
            toldOf.addAll(write.keySet());
        }
        this.link = now;
        this.write = Map.of();
        changed();
    }

    /** Whether this attempt wrote the field. */
    boolean hasWritten(String field) {
        return written.contains(field);
    }

    /** A bulk job wrote it, or a line of it, with these fields. */
    void writtenByJob(RecordKey part, Collection<String> fields) {
        writtenByJob.add(part);
        fields.forEach(field -> taken.add(part.equals(key) ? field : part.entity() + "." + field));
        changed = true;
    }

    /** A bulk job had it, or a line of it, and did not write it. */
    void leftByJob(BulkRow row) {
        leftByJob.put(row.part(), row);
    }

    /** Whether it may wait for a job: once, for its own work, and not with a no that nobody would wait to see told. */
    boolean mayGoInJob() {
        return !saysOnlyNo && !whole().leftByJob.containsKey(key) && (parent != null || key.equals(item.key()));
    }

    /** What a job's answer was to these fields; null where it gave none, or they have changed since. */
    String answerOfJob(JsonNode fields) {
        BulkRow row = whole().leftByJob.get(key);
        return row != null && fields.toString().equals(row.sent()) ? row.answer() : null;
    }

    void changed() {
        changed = true;
        if (parent != null) {
            parent.changed();
        }
    }

    /** Ends the attempt; of a line item: of the whole order, since an order without one of its lines is not right. */
    void end(Outcome ended, List<String> because) {
        if (parent != null) {
            parent.end(ended, because.stream().map(why -> key + ": " + why).toList());
            return;
        }
        if (outcome == null) {
            outcome = ended;
        } else if (outcome != ended) {
            return;
        }
        // Sentences quote values, and one that the database can't hold would keep the batch from ending.
        because.forEach(why -> errors.add(why == null ? null : Quotation.of(WholeText.of(why))));
    }

    void end(Outcome ended, String because) {
        end(ended, List.of(because));
    }

    /** A person must say which of these records of the CRM it is, if any. */
    void asks(List<String> because, List<String> crmIds) {
        candidates = List.copyOf(crmIds);
        end(Outcome.HELD, because);
    }

    /** The CRM's ids of the records that it may be; empty where nobody is asked. */
    List<String> candidates() {
        return candidates;
    }

    /**
     * The field is left as the CRM has it, since another of its records has the value, which it keeps unique. Other
     * than a value that was refused for itself, it counts as not considered: it goes once the other lets go of it.
     *
     * @param asMeant whether nobody must act: the other is the same person's in another store, and stores are apart
     */
    void clashes(String field, String holder, boolean asMeant) {
        if (asMeant) {
            note("Without " + field + ", which must be unique: record " + holder + " has it, of another store");
        } else {
            clashes.put(field, holder);
        }
        goesOn = true;
        Map<String, JsonNode> rest = new LinkedHashMap<>(write);
        rest.remove(field);
        Map<String, JsonNode> stays = new LinkedHashMap<>(base);
        stays.remove(field);
        if (link != null && link.base().containsKey(field)) {
            stays.put(field, link.base().get(field));
        }
        decide(rest, stays);
    }

    /**
     * The field is emptied, because its value is what the holder waits for to let go of this record's: two customers have
     * exchanged their addresses. It gets its own as soon as the holder has let go.
     */
    void yields(String field, String holder) {
        clashes.put(field, holder);
        Map<String, JsonNode> toWrite = new LinkedHashMap<>(write);
        toWrite.put(field, NullNode.getInstance());
        Map<String, JsonNode> newBase = new LinkedHashMap<>(base);
        newBase.put(field, NullNode.getInstance());
        decide(toWrite, newBase);
    }

    /** Whether another record of the CRM has a value of this one. */
    boolean isClashing() {
        return !clashes.isEmpty();
    }

    /** Ends the attempt; the record is tried again at this time, or as soon as the record it waits for is linked. */
    void waits(String because, Instant until, String recordItWaitsFor) {
        DeliveryRecord whole = parent == null ? this : parent;
        if (whole.outcome == null) {
            whole.due = until;
            whole.waitsFor = recordItWaitsFor;
            whole.end(Outcome.WAITING, because);
        }
    }

    /** Its turn did not come: it is due as if it had not been claimed. */
    void giveBack() {
        DeliveryRecord whole = parent == null ? this : parent;
        if (whole.outcome == null) {
            whole.outcome = Outcome.WAITING;
            whole.givenBack = true;
        }
    }

    /** The same, for this reason. */
    void giveBack(String because) {
        DeliveryRecord whole = parent == null ? this : parent;
        if (whole.outcome == null) {
            giveBack();
            whole.errors.add(because);
        }
    }

    boolean isGivenBack() {
        return givenBack;
    }

    /** Nothing is left to do for it: what became of its consent counts as well. */
    void finish() {
        if (!toldOf.isEmpty() && !errors.isEmpty() && outcome != Outcome.WAITING) {
            errors.set(0, errors.get(0) + ". The unsubscription is written all the same: " + String.join(", ", toldOf));
        }
        if (!consentRefusals.isEmpty()) {
            if (outcome == Outcome.SKIPPED) {
                // The first sentence is what the outcome says
                consentRefusals.addAll(errors);
                errors.clear();
                outcome = null;
            }
            end(outcome == Outcome.HELD ? Outcome.HELD : Outcome.REJECTED, consentRefusals);
        }
        if (!clashes.isEmpty() && outcome == null && link != null) {
            end(Outcome.HELD, clashes.entrySet().stream().map(one -> one.getKey() + ": record " + one.getValue()
                    + " of the CRM has this value too, perhaps as its second one, and it must be unique; so it is not"
                    + " written to record " + link.crmId() + ", to which everything else is. Merge the two there if"
                    + " they are the same, or take the value away from one of them, then replay").toList());
        }
    }

    /** What must still be done first is tried again at this time; the record ends as it would have ended after that. */
    void postpone(String because, Instant until) {
        outcome = null;
        givenBack = false;
        errors.clear();
        waits(because, until, null);
    }

    /** Whether the CRM has it, newly written or as it was. */
    boolean isTaken() {
        return outcome() == Outcome.DELIVERED || outcome() == Outcome.UNCHANGED;
    }

    Outcome outcome() {
        if (outcome != null) {
            return outcome;
        }
        return changed ? Outcome.DELIVERED : Outcome.UNCHANGED;
    }

    List<String> errors() {
        return errors;
    }

    /** How this attempt ended is written. */
    void settled() {
        settled = true;
    }

    boolean isSettled() {
        return settled;
    }

    /** Says with the outcome what was done to the record on its way. */
    void note(String what) {
        if (parent == null) {
            notes.add(Quotation.of(WholeText.of(what)));
        } else {
            parent.note(key + ": " + what);
        }
    }

    List<String> notes() {
        return List.copyOf(notes);
    }

    /** The CRM fails on this record, and not on its neighbours: it waits alone. */
    void failsThere(String because, Instant until) {
        failsThere = true;
        waits(because, until, null);
    }

    boolean failsThere() {
        return failsThere;
    }

    /** The CRM answered a call for it with a fault of its own. */
    void serverFault() {
        serverFaults++;
    }

    /** How many calls for it ended so in this attempt. */
    int serverFaults() {
        return serverFaults;
    }

    /** When a waiting record is due; null where it waits for the next change only. */
    Instant due() {
        return due;
    }

    String waitsFor() {
        return waitsFor;
    }
}
