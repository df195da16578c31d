package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One call to a CRM, as an operation of its crm.yaml. Sent to {@code direct:call-crm}; the answer is a {@code
 * List<JsonNode>} with what the operation's {@code gives} reads.
 */
public final class CrmCall {

    private static final String OBJECT = "object";
    private static final String RECORDS = "records";
    private static final String FIELDS = "fields";
    private static final String PARENT = "parent";
    private static final String IDS = "ids";
    private static final String ID = "id";

    private final String crm;
    private final Operation operation;
    private final Map<String, String> path;
    private final ObjectNode input;

    private CrmCall(String crm, Operation operation, Map<String, String> path, ObjectNode input) {
        this.crm = crm;
        this.operation = operation;
        this.path = path;
        this.input = input;
    }

    /**
     * Two records to associate, by their CRM ids.
     *
     * @param from the one that the mapping is about
     */
    public record Pair(String from, String to) {
    }

    /**
     * Looks for records.
     *
     * @param operation find or search
     * @param fields    what is asked of each
     */
    public static CrmCall find(Crm crm, Operation operation, String object, String field, Collection<String> values,
            Collection<String> fields) {
        CrmCall call = about(crm, operation, object).asking(fields);
        call.input.put("field", field);
        values.forEach(call.input.putArray("values")::add);
        return call;
    }

    /**
     * Looks for records by several fields at once.
     *
     * @param keys   for each field the values, any of which counts
     * @param fields what is asked of each
     */
    public static CrmCall match(Crm crm, String object, Map<String, Set<String>> keys, Collection<String> fields) {
        CrmCall call = about(crm, Operation.MATCH, object).asking(fields);
        ArrayNode all = call.input.putArray("keys");
        keys.forEach((field, values) -> values.forEach(all.addObject().put("field", field).putArray("values")::add));
        return call;
    }

    public static CrmCall read(Crm crm, String object, Collection<String> ids, Collection<String> fields) {
        return about(crm, Operation.READ, object).asking(fields).of(ids);
    }

    /** @see Operation#READ_ARCHIVED */
    public static CrmCall readArchived(Crm crm, String object, Collection<String> ids, Collection<String> fields) {
        return about(crm, Operation.READ_ARCHIVED, object).asking(fields).of(ids);
    }

    public static CrmCall children(Crm crm, String object, String parent, Collection<String> fields) {
        return about(crm, Operation.CHILDREN, object).asking(fields).under(parent);
    }

    public static CrmCall childrenOfMany(Crm crm, String object, Collection<String> parents, Collection<String> fields) {
        return about(crm, Operation.CHILDREN_OF_MANY, object).asking(fields).of(parents);
    }

    public static CrmCall changed(Crm crm, String object, Instant since, Collection<String> fields) {
        CrmCall call = about(crm, Operation.CHANGED, object).asking(fields);
        call.input.put("since", since.toString());
        return call;
    }

    /** @param field the one that has our key */
    public static CrmCall keyed(Crm crm, String object, String field) {
        CrmCall call = about(crm, Operation.KEYED, object);
        call.input.put("field", field);
        return call;
    }

    /** @param fields what is asked of each */
    public static CrmCall all(Crm crm, String object, Collection<String> fields) {
        return about(crm, Operation.ALL, object).asking(fields);
    }

    public static CrmCall fields(Crm crm, String object) {
        return about(crm, Operation.FIELDS, object);
    }

    /** What is put under it by {@link #createFields}. */
    public static CrmCall createFieldGroup(Crm crm, String object) {
        return about(crm, Operation.CREATE_FIELD_GROUP, object);
    }

    public static CrmCall createFields(Crm crm, String object, List<NewField> fields) {
        CrmCall call = about(crm, Operation.CREATE_FIELD, object);
        ArrayNode definitions = call.input.putArray("definitions");
        fields.forEach(field -> field.into(definitions.addObject()));
        return call;
    }

    public static CrmCall pipelines(Crm crm, String object) {
        return about(crm, Operation.PIPELINES, object);
    }

    /** @param operation account, whoami or subscriptions: what is asked of the account as a whole */
    public static CrmCall account(Crm crm, Operation operation) {
        return new CrmCall(crm.name(), operation, Map.of(), JsonNodeFactory.instance.objectNode());
    }

    /**
     * Writes records, each with a result of its own.
     *
     * @param operation create, upsert or update
     * @param keyField  the field that has our key; null where the object has none
     */
    public static CrmCall write(Crm crm, Operation operation, String object, String keyField, List<CrmWrite> writes) {
        CrmCall call = about(crm, operation, object);
        call.input.put("key_field", keyField);
        ArrayNode records = call.input.putArray(RECORDS);
        writes.forEach(write -> write.into(records.addObject().put("trace", Integer.toString(records.size() - 1))));
        // A call about one record may name it, and what it belongs to, in its path.
        return call.named(ID, writes.get(0).id()).named("key", writes.get(0).key())
                .named(PARENT, writes.get(0).parent());
    }

    public static CrmCall activate(Crm crm, String object, List<String> ids) {
        CrmCall call = about(crm, Operation.ACTIVATE, object);
        ArrayNode records = call.input.putArray(RECORDS);
        ids.forEach(id -> records.addObject().put("trace", Integer.toString(records.size() - 1)).put(ID, id)
                .putObject(FIELDS));
        return call;
    }

    /** @param parent the CRM's id of what they are lines of; may be null */
    public static CrmCall archive(Crm crm, String object, String parent, List<String> ids) {
        return about(crm, Operation.ARCHIVE, object).of(ids).under(parent);
    }

    /**
     * Merges a record into another one of the same object.
     *
     * @param id   of the one that is no record of its own afterwards
     * @param into the CRM's id of the one that stays
     */
    public static CrmCall merge(Crm crm, String object, String id, String into) {
        CrmCall call = about(crm, Operation.MERGE, object).of(List.of(id));
        call.input.put("into", into);
        return call;
    }

    public static CrmCall erase(Crm crm, String object, String id) {
        return about(crm, Operation.ERASE, object).of(List.of(id));
    }

    public static CrmCall associate(Crm crm, String from, String to, List<Pair> pairs) {
        return between(crm, Operation.ASSOCIATE, from, to).pairs(pairs);
    }

    /** @param type as operation {@code labels} gave it */
    public static CrmCall associateAs(Crm crm, String from, String to, JsonNode type, List<Pair> pairs) {
        CrmCall call = between(crm, Operation.ASSOCIATE_AS, from, to).pairs(pairs);
        call.input.set("type", type);
        return call;
    }

    public static CrmCall dissociate(Crm crm, String from, String to, List<Pair> pairs) {
        return between(crm, Operation.DISSOCIATE, from, to).pairs(pairs);
    }

    /** @param ids of records of the first object */
    public static CrmCall associated(Crm crm, String from, String to, Collection<String> ids) {
        CrmCall call = between(crm, Operation.ASSOCIATED, from, to);
        ids.forEach(call.input.putArray(IDS)::add);
        return call;
    }

    public static CrmCall labels(Crm crm, String from, String to) {
        return between(crm, Operation.LABELS, from, to);
    }

    /**
     * Reads or writes the consent of an e-mail address.
     *
     * @param operation   read-consent or write-consent
     * @param legalBasis  with its explanation what the law wants to know of a consent; both may be null
     */
    public static CrmCall consent(Crm crm, Operation operation, String email, String state, String subscription,
            String legalBasis, String explanation) {
        ObjectNode input = JsonNodeFactory.instance.objectNode().put("email", email).put("state", state)
                .put("subscription", subscription).put("legal_basis", legalBasis).put("explanation", explanation);
        return new CrmCall(crm.name(), operation, Map.of("email", email), input);
    }

    private static CrmCall about(Crm crm, Operation operation, String object) {
        return new CrmCall(crm.name(), operation, new HashMap<>(Map.of(OBJECT, object)),
                JsonNodeFactory.instance.objectNode().put(OBJECT, object));
    }

    private static CrmCall between(Crm crm, Operation operation, String from, String to) {
        return new CrmCall(crm.name(), operation, Map.of("from", from, "to", to),
                JsonNodeFactory.instance.objectNode());
    }

    private CrmCall asking(Collection<String> fields) {
        ArrayNode names = input.putArray(FIELDS);
        fields.stream().sorted().forEach(names::add);
        return this;
    }

    private CrmCall of(Collection<String> ids) {
        ids.forEach(input.putArray(IDS)::add);
        return named(ID, ids.stream().findFirst().orElse(null));
    }

    private CrmCall pairs(List<Pair> pairs) {
        ArrayNode all = input.putArray("pairs");
        pairs.forEach(pair -> all.addObject().put("from", pair.from()).put("to", pair.to()));
        return this;
    }

    private CrmCall under(String parent) {
        input.put(PARENT, parent);
        return named(PARENT, parent);
    }

    private CrmCall named(String placeholder, String value) {
        if (value != null) {
            path.put(placeholder, value);
        }
        return this;
    }

    /** The CRM's name under {@code shopbridge.crms}. */
    public String crm() {
        return crm;
    }

    public Operation operation() {
        return operation;
    }

    /** What fills the path, by the names that {@link Operation#placeholders} says. */
    Map<String, String> path() {
        return path;
    }

    /** What the expressions of crm.yaml see. */
    public ObjectNode input() {
        return input;
    }

    /** The CRM object that it is about; empty for an association, which is about two. */
    public String object() {
        return path.getOrDefault(OBJECT, "");
    }

    /** The records of a write: {trace, id, parent, key, attempt, present, before, fields}. */
    public List<ObjectNode> records() {
        List<ObjectNode> records = new ArrayList<>();
        input.path(RECORDS).forEach(record -> records.add((ObjectNode) record));
        return records;
    }

    /** The ids of a read, an archive, a merge or an erasure. */
    public List<String> ids() {
        List<String> ids = new ArrayList<>();
        input.path(IDS).forEach(id -> ids.add(id.asText()));
        return ids;
    }

    /** The same for other records. */
    public CrmCall withRecords(List<ObjectNode> records) {
        return with(RECORDS, JsonNodeFactory.instance.arrayNode().addAll(records));
    }

    /** The same for a part of what it looks for, or reads. */
    public CrmCall part(List<JsonNode> part) {
        String list = operation == Operation.READ ? IDS : "values";
        return with(list, JsonNodeFactory.instance.arrayNode().addAll(part));
    }

    /** What it looks for, or the ids that it reads. */
    public JsonNode asked() {
        return input.path(operation == Operation.READ ? IDS : "values");
    }

    /** The same call for another page. */
    CrmCall at(JsonNode page) {
        return with("page", page);
    }

    /** A copy of all but what is replaced: records may be many. */
    private CrmCall with(String name, JsonNode value) {
        ObjectNode other = JsonNodeFactory.instance.objectNode();
        input.properties().forEach(one -> {
            if (!one.getKey().equals(name)) {
                other.set(one.getKey(), one.getValue().deepCopy());
            }
        });
        other.set(name, value);
        return new CrmCall(crm, operation, path, other);
    }

    /** The same about another object. */
    public CrmCall about(String object) {
        Map<String, String> other = new HashMap<>(path);
        other.put(OBJECT, object);
        return new CrmCall(crm, operation, other, input.deepCopy().put(OBJECT, object));
    }

    /** The same with other names of fields; a field whose name is null is left out. */
    public CrmCall renamed(UnaryOperator<String> names) {
        ObjectNode other = input.deepCopy();
        for (String key : List.of("field", "key_field")) {
            if (other.hasNonNull(key)) {
                other.put(key, names.apply(other.get(key).asText()));
            }
        }
        other.path("keys").forEach(key ->
                ((ObjectNode) key).put("field", names.apply(key.path("field").asText())));
        if (other.has(FIELDS)) {
            ArrayNode fields = other.putArray(FIELDS);
            input.get(FIELDS).forEach(field -> {
                String name = names.apply(field.asText());
                if (name != null) {
                    fields.add(name);
                }
            });
        }
        for (JsonNode record : other.path(RECORDS)) {
            ((ObjectNode) record).set(FIELDS, renamed(record.path(FIELDS), names));
        }
        return new CrmCall(crm, operation, path, other);
    }

    /** The values under other names of fields; a field whose name is null is left out. */
    public static ObjectNode renamed(JsonNode fields, UnaryOperator<String> names) {
        ObjectNode renamed = JsonNodeFactory.instance.objectNode();
        fields.properties().forEach(field -> {
            String name = names.apply(field.getKey());
            if (name != null) {
                renamed.set(name, field.getValue());
            }
        });
        return renamed;
    }
}
