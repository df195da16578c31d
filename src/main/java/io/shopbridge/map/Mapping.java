package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One mapping file: how a canonical record becomes a record of a CRM. Safe for many threads. Its methods take the
 * canonical record as it is in the mirror and add what the context knows themselves.
 */
public final class Mapping {

    /** The forms that an order can take in a CRM; the first is what a mapping means that doesn't say. */
    public static final List<String> ORDERS = List.of("object", "deal", "activity", "task", "custom");

    private final String folder;
    private final String entity;
    private final String object;
    private final String orders;
    private final String switchedOnBy;
    private final Path file;
    private final List<Skip> skips;
    private final RecordShape shape;
    private final Map<String, RecordShape> stores;
    private final List<ChildMapping> children;
    private final String fingerprint;

    Mapping(String folder, String entity, String object, String orders, String switchedOnBy, Path file,
            List<Skip> skips, RecordShape shape, Map<String, RecordShape> stores, List<ChildMapping> children,
            String fingerprint) {
        this.folder = folder;
        this.entity = entity;
        this.object = object;
        this.orders = orders;
        this.switchedOnBy = switchedOnBy;
        this.file = file;
        this.skips = List.copyOf(skips);
        this.shape = shape;
        this.stores = Map.copyOf(stores);
        this.children = List.copyOf(children);
        this.fingerprint = fingerprint;
    }

    /** Another one where anything that this file or the value tables say is another. */
    public String fingerprint() {
        return fingerprint;
    }

    /**
     * A condition under which nothing happens.
     *
     * @param because what is recorded with the record
     */
    public record Skip(Expression when, String because) {
    }

    /** The CRM's folder under {@code mappings/}. */
    public String folder() {
        return folder;
    }

    /** The canonical entity: {@code customer}, {@code order}, … */
    public String entity() {
        return entity;
    }

    /** The CRM's name for the object. */
    public String object() {
        return object;
    }

    /** Which of {@link #ORDERS} this file makes of an order; null where it is about something else. */
    public String orders() {
        return orders;
    }

    /** The setting of the CRM that must be true for this file to be used; empty where it always is. */
    public Optional<String> switchedOnBy() {
        return Optional.ofNullable(switchedOnBy);
    }

    public Path file() {
        return file;
    }

    /** Every field, in file order; the external id first. */
    public List<Field> fields() {
        return shape.fields();
    }

    /** A field as it is for this store; null where there is none of this name. */
    public Field field(String store, String name) {
        return stores.getOrDefault(store, shape).fields().stream().filter(field -> field.name().equals(name))
                .findFirst().orElse(null);
    }

    public List<RecordLink> links() {
        return shape.links();
    }

    /** The conditions under which nothing happens, in file order. */
    public List<Skip> skips() {
        return skips;
    }

    /** What gives our key; empty where the CRM has no field for it. */
    public Optional<Expression> externalIdSource() {
        return Optional.ofNullable(shape.identity().externalId());
    }

    /**
     * The record's e-mail address as it is written to the CRM: in the first field that is cleaned as one. Empty where
     * there is none, and where it can't be one.
     */
    public Optional<String> email(JsonNode record, MappingContext context) {
        return stores.getOrDefault(context.store(), shape).email(context.seen(record), context.of(record));
    }

    /** The CRM fields by which a record without a link is looked for, in order, and what gives their values. */
    public Map<String, Expression> matchSources() {
        Map<String, Expression> sources = new LinkedHashMap<>();
        shape.identity().matches().forEach(match -> sources.put(match.field(), match.from()));
        return sources;
    }

    /** The children inside the record's own body. */
    public List<ChildMapping> inside() {
        return shape.inside();
    }

    /** The children that are records of their own; those inside the body are part of {@link #map}. */
    public List<ChildMapping> children() {
        return children;
    }

    /**
     * Why nothing is to happen with this record, empty where something is.
     *
     * @throws ExpressionFailed if a condition doesn't give exactly one value: refuse the record with the message
     */
    public Optional<String> skip(JsonNode record, MappingContext context) {
        if (skips.isEmpty()) {
            return Optional.empty();
        }
        JsonNode seen = context.seen(record);
        for (Skip skip : skips) {
            JsonNode answer = skip.when().one(seen);
            // As in jq, everything but null and false is true
            if (!answer.isNull() && !(answer.isBoolean() && !answer.booleanValue())) {
                return Optional.of(skip.because());
            }
        }
        return Optional.empty();
    }

    /** The CRM field that carries our key. */
    public Optional<String> externalIdField() {
        return Optional.ofNullable(shape.identity().externalIdField());
    }

    /**
     * Our key for this record, empty where the expression gives null: a guest has none.
     *
     * @throws ExpressionFailed if the expression doesn't give exactly one value
     */
    public Optional<String> externalId(JsonNode record, MappingContext context) {
        return shape.identity().externalId(context.seen(record));
    }

    /**
     * The values by which the CRM may already know this record, in file order, normalised; what is blank or can't be
     * normalised is left out.
     *
     * @throws ExpressionFailed if an expression doesn't give exactly one value
     */
    public List<MatchKey> matchKeys(JsonNode record, MappingContext context) {
        return shape.identity().keys(context.seen(record), context.of(record));
    }

    /** The CRM fields that make up a person's name: a hit by phone alone must agree in them. */
    public List<String> nameFields() {
        return shape.identity().name();
    }

    /** What a record in the CRM has of this key's kind, after the same normalising; empty values are left out. */
    public Set<String> valuesOf(MatchKey key, JsonNode crmValue, MappingContext context) {
        return shape.identity().valuesOf(key, crmValue, context);
    }

    /**
     * The CRM fields by which records without a link are looked for and that are cleaned so.
     *
     * @param cleaner {@code email} or {@code phone}
     */
    public List<String> matchFields(String cleaner) {
        return shape.identity().fields(cleaner);
    }

    /** What a record in the CRM has in {@link #matchFields}, after the same normalising; what can't be is left out. */
    public Set<String> valuesOf(String cleaner, Map<String, JsonNode> crmFields, MappingContext context) {
        return shape.identity().valuesOf(cleaner, crmFields, context);
    }

    /** Whether this stands in the field for want of a value: two records that have it have nothing in common. */
    public boolean isDefault(String store, String name, JsonNode value) {
        Field field = field(store, name);
        return field != null && field.rule() != null && value.equals(field.rule().otherwise());
    }

    /** Maps the record; whatever is wrong with it is among the refusals. */
    public MappedRecord map(JsonNode record, MappingContext context) {
        return stores.getOrDefault(context.store(), shape).map(context.seen(record), record, context.of(record));
    }

    /** Whether anything in the file asks for this field of the canonical record. */
    public boolean mentions(String canonicalField) {
        return shape.mentions(canonicalField)
                || stores.values().stream().anyMatch(store -> store.mentions(canonicalField))
                || skips.stream().anyMatch(skip -> skip.when().mentions(canonicalField))
                || children.stream().anyMatch(child -> child.mentions(canonicalField));
    }

    /** Every CRM field that a merge or an identification needs to read back. */
    public Set<String> fieldNames() {
        return shape.fieldNames();
    }
}
