package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.identify.Link;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappingContext;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.WorkItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A record on its way to the CRM, and what the steps have found out about it so far. */
final class DeliveryRecord {

    /** Base entries of this prefix are associations: the CRM id that the record was last associated with. */
    static final String ASSOCIATION = "@";
    /** A base entry that says that the CRM had the record before us. */
    static final String FOUND = "@found";

    /** A base entry that says that the record was made final. */
    private static final String ACTIVATED = "@activated";

    private final WorkItem item;
    private final DeliveryRecord parent;
    private final RecordKey key;
    private final JsonNode json;
    private final boolean guest;
    private final Function<Field, Instant> shopifyTime;
    private final MappingContext context;

    private Link link;
    private CrmValues present;
    private String externalId;
    private String parentField;
    /** Link name of the mapping to the CRM id it points to. */
    private final Map<String, String> relations = new LinkedHashMap<>();
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
    private String consentRefusal;

    private Outcome outcome;
    private final List<String> errors = new ArrayList<>(0);
    private Instant due;
    private String waitsFor;
    private boolean givenBack;

    DeliveryRecord(WorkItem item, RecordKey key, JsonNode json, boolean guest, Function<Field, Instant> shopifyTime,
            MappingContext context) {
        this(item, null, key, json, guest, shopifyTime, context);
    }

    private DeliveryRecord(WorkItem item, DeliveryRecord parent, RecordKey key, JsonNode json, boolean guest,
            Function<Field, Instant> shopifyTime, MappingContext context) {
        this.item = item;
        this.parent = parent;
        this.key = key;
        this.json = json;
        this.guest = guest;
        this.shopifyTime = shopifyTime;
        this.context = context;
    }

    /** A line item of this order. */
    DeliveryRecord child(RecordKey childKey, JsonNode element) {
        DeliveryRecord child = new DeliveryRecord(item, this, childKey, element, false, shopifyTime, context);
        children.add(child);
        return child;
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

    /** When what a field is made of last changed in Shopify. */
    Function<Field, Instant> shopifyTime() {
        return shopifyTime;
    }

    MappingContext context() {
        return context;
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

    List<DeliveryRecord> children() {
        return children;
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

    /** Whether the CRM must be called for the record's own fields. */
    boolean mustBeWritten() {
        return decided && open() && (link == null || !write.isEmpty());
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
        consentRefusal = because;
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

    /** Whether only our memory of what was considered changed. */
    boolean onlyBaseChanged() {
        return decided && open() && link != null && write.isEmpty() && !link.base().equals(baseWithAssociations());
    }

    Map<String, JsonNode> write() {
        return write;
    }

    /** The new base, with what the record is already associated with. */
    Map<String, JsonNode> baseWithAssociations() {
        Map<String, JsonNode> all = new LinkedHashMap<>(base);
        if (link != null) {
            link.base().forEach((name, value) -> {
                if (name.startsWith(ASSOCIATION)) {
                    all.put(name, value);
                }
            });
        }
        if (consentSettled != null) {
            all.put(Consent.SETTLED, TextNode.valueOf(consentSettled));
        }
        return all;
    }

    /** The write succeeded: it is this CRM record now, with this base. */
    void written(Link now) {
        this.link = now;
        this.write = Map.of();
        changed();
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
        // Sentences quote values; PostgreSQL has no zero byte in a text, and refusing it would keep the batch from ending.
        because.forEach(why -> errors.add(why == null ? null : why.replace('\0', '\uFFFD')));
    }

    void end(Outcome ended, String because) {
        end(ended, List.of(because));
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
        if (consentRefusal != null) {
            end(Outcome.REJECTED, consentRefusal);
        }
    }

    /** What must still be done first is tried again at this time; the record ends as it would have ended after that. */
    void postpone(String because, Instant until) {
        outcome = null;
        givenBack = false;
        errors.clear();
        waits(because, until, null);
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

    /** When a waiting record is due; null where it waits for the next change only. */
    Instant due() {
        return due;
    }

    String waitsFor() {
        return waitsFor;
    }
}
