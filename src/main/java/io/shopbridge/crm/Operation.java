package io.shopbridge.crm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The operations of a crm.yaml. This is the contract between its expressions and the calls that {@link CrmCall} makes:
 * what fills the path, what body and query see, and what {@code gives} must read from the answer.
 */
public enum Operation {

    /** The records whose field has one of these values. */
    FIND(Gives.RECORDS, List.of("object"), "object", "field", "values", "fields"),
    /** The same by an index that may be behind, and for fields that the CRM does not keep unique. */
    SEARCH(Gives.RECORDS, List.of("object"), "object", "field", "values", "fields"),
    /** The records that have one of these values in one of these fields, by an index that may be behind. */
    MATCH(Gives.RECORDS, List.of("object"), "object", "keys", "fields"),
    /** The records with these ids. What was merged may be given as {@code {asked, id}}. */
    READ(Gives.RECORDS, List.of("object"), "object", "ids", "fields"),
    /** The same of those that {@link #READ} leaves out although the CRM has them: users have put them away. */
    READ_ARCHIVED(Gives.RECORDS, List.of("object"), "object", "ids", "fields"),
    /** What is under one record: an order's lines. */
    CHILDREN(Gives.RECORDS, List.of("object", "parent"), "object", "parent", "fields"),
    /** The same under each of many records. */
    CHILDREN_OF_MANY("{id, parent, fields, updated_at} of each record", List.of("object"), "object", "ids", "fields"),
    /** The records that changed since a time. */
    CHANGED(Gives.RECORDS, List.of("object"), "object", "since", "fields"),
    /** All records in whose field our key is, a page at a time. */
    KEYED(Gives.RECORDS, List.of("object"), "object", "field"),
    /** All records, also those that are not ours, a page at a time. */
    ALL(Gives.RECORDS, List.of("object"), "object", "fields"),
    /**
     * The fields that the account has; key where it calls them otherwise than people read them there, scale where it
     * rounds a number to so many decimals.
     */
    FIELDS("{name, key, type, scale, unique, read_only, choices} of each field", List.of("object"), "object"),
    /** What created fields are put under. An answer of 409 says that it is there already. */
    CREATE_FIELD_GROUP(Gives.NOTHING, List.of("object"), "object"),
    /** Fields that the mappings need and the account lacks. */
    CREATE_FIELD("{name, key} or {because} of each field", List.of("object"), "object", "definitions"),
    /** The time zone whose midnight renews a day's calls. */
    ACCOUNT("{time_zone} of the account", List.of()),
    /** Whose the credentials are. */
    WHOAMI("{account}, in words for people", List.of()),
    /** The pipelines that records of an object go through; their ids are settings. */
    PIPELINES("{id, name, stages: [{id, name}]} of each pipeline", List.of("object"), "object"),

    CREATE(Gives.RESULTS, List.of("object", "key", "parent"), "object", "key_field", "records"),
    UPSERT(Gives.RESULTS, List.of("object", "key", "parent"), "object", "key_field", "records"),
    UPDATE(Gives.RESULTS, List.of("object", "id", "parent"), "object", "key_field", "records"),
    /** Makes records final. */
    ACTIVATE(Gives.RESULTS, List.of("object"), "object", "records"),
    /** Takes records away that Shopify no longer has. */
    ARCHIVE(Gives.NOTHING, List.of("object", "id", "parent"), "object", "ids", "parent"),
    /** Merges the record with this id into another one, which keeps its id and where both have a value its own. */
    MERGE(Gives.NOTHING, List.of("object", "id"), "object", "ids", "into"),
    /** Deletes a person for good. */
    ERASE(Gives.NOTHING, List.of("object", "id", "parent"), "object", "ids", "parent"),

    /** May give {@code {ids, because}} of what could not be associated. */
    ASSOCIATE(Gives.NOTHING, List.of("from", "to"), "pairs"),
    /** The same by a type that {@link #LABELS} gave. */
    ASSOCIATE_AS(Gives.NOTHING, List.of("from", "to"), "pairs", "type"),
    DISSOCIATE(Gives.NOTHING, List.of("from", "to"), "pairs"),
    /** The records that each of these is associated with. */
    ASSOCIATED("{from, to} of each pair", List.of("from", "to"), "ids"),
    /** The account's kinds of association between two objects. */
    LABELS("{label, category, type} of each kind of association", List.of("from", "to")),

    /** What the CRM knows of the consent of an e-mail address. */
    READ_CONSENT("{subscription, state, at} of each subscription", List.of("email"), "email", "state", "subscription",
            "legal_basis", "explanation"),
    WRITE_CONSENT(Gives.NOTHING, List.of("email"), "email", "state", "subscription", "legal_basis", "explanation"),
    /** What people can subscribe to by e-mail. */
    SUBSCRIPTIONS("{id, name} of each subscription", List.of());

    private static final class Gives {
        static final String RECORDS = "{id, fields, updated_at} of each record";
        static final String RESULTS = "{trace, id, means, because, existing, fields} of each record";
        /** Nothing must be given. */
        static final String NOTHING = null;
    }

    /** One value for everything that any call has. */
    private static final ObjectNode EXAMPLES = examples();

    private final String gives;
    private final List<String> path;
    private final List<String> sees;

    Operation(String gives, List<String> path, String... sees) {
        this.gives = gives;
        this.path = path;
        // Whatever goes on in pages is asked for one of them.
        this.sees = Stream.concat(Stream.of(sees), Stream.of("page")).toList();
    }

    /** The operation that crm.yaml calls so. */
    static Optional<Operation> named(String name) {
        return Stream.of(values()).filter(operation -> operation.toString().equals(name)).findFirst();
    }

    /** As crm.yaml calls them. */
    static List<String> names() {
        return Stream.of(values()).map(Operation::toString).toList();
    }

    /** What its {@code gives} takes out of an answer; empty where it needs none. */
    Optional<String> gives() {
        return Optional.ofNullable(gives);
    }

    /** What may stand in braces in its path. */
    List<String> placeholders() {
        return path;
    }

    /** What its body and query see, for people. */
    String sees() {
        return String.join(", ", sees).replace("keys", "keys [{field, values}]").replace("pairs", "pairs [{from, to}]")
                .replace("definitions", "definitions [{name, label, kind, type, length, unique, choices}]")
                .replace("records", "records [{trace, id, parent, key, attempt, fields, present, before}]");
    }

    /** What its body and query see, filled in. */
    ObjectNode example() {
        return EXAMPLES.deepCopy().retain(sees);
    }

    /** As crm.yaml calls it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static ObjectNode examples() {
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        input.put("object", "contacts").put("field", "email").put("key_field", "key").put("parent", "1")
                .put("since", "2026-01-01T00:00:00Z").put("page", "1").put("into", "2");
        input.putArray("values").add("a@example.com");
        input.putArray("keys").addObject().put("field", "email").putArray("values").add("a@example.com");
        input.putArray("fields").add("email");
        input.putArray("ids").add("1");
        input.putArray("records").addObject().put("trace", "0").put("id", "1").put("parent", "1")
                .put("key", "main:1").put("attempt", "1").putNull("present").putNull("before")
                .putObject("fields").put("email", "a@example.com");
        input.put("email", "a@example.com").put("subscription", "1").put("state", "subscribed");
        input.put("legal_basis", "CONSENT_WITH_NOTICE").put("explanation", "Said so at the checkout");
        input.putObject("type").put("type", 1).put("category", "STANDARD").put("label", "Primary");
        NewField field = new NewField("total", FieldKind.CHOICE, "enumeration", 255, false, List.of("a"));
        field.into(input.putArray("definitions").addObject());
        input.putArray("pairs").addObject().put("from", "1").put("to", "2");
        return input;
    }
}
