package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How the elements of a list in a record become records of their own in the CRM, or objects inside the parent's body.
 * Its expressions see the element, {@code .store}, and the whole parent under its entity's name ({@code .order}).
 */
public final class ChildMapping {

    private final String name;
    private final String parent;
    private final String entity;
    private final String object;
    private final String inside;
    private final boolean shared;
    private final Expression each;
    private final RecordShape shape;

    ChildMapping(String name, String parent, String entity, String object, String inside, boolean shared,
            Expression each, RecordShape shape) {
        this.name = name;
        this.parent = parent;
        this.entity = entity;
        this.object = object;
        this.inside = inside;
        this.shared = shared;
        this.each = each;
        this.shape = shape;
    }

    /** Its name in the mapping file. */
    public String name() {
        return name;
    }

    /** The entity of its elements; null where they stay inside the parent's body. */
    public String entity() {
        return entity;
    }

    /** The CRM object of its elements; null where they stay inside the parent's body. */
    public String object() {
        return object;
    }

    /** The parent's CRM field that takes the elements as a list; null where they are records of their own. */
    public String inside() {
        return inside;
    }

    /** Whether other records have the same elements: they are made where they are missing, and never removed. */
    public boolean shared() {
        return shared;
    }

    /**
     * The elements, each with what the context knows and its parent, ready for the methods below.
     *
     * @throws ExpressionFailed if the record isn't in the shape the expression needs: refuse it with the message
     */
    public List<JsonNode> each(JsonNode record, MappingContext context) {
        List<JsonNode> elements = new ArrayList<>();
        for (JsonNode element : each.all(context.seen(record))) {
            if (!element.isObject()) {
                throw new ExpressionFailed(each + " gives " + Values.kind(element) + ", where objects are needed");
            }
            ObjectNode child = context.seen(element);
            child.set(parent, record);
            elements.add(child);
        }
        return elements;
    }

    /** The CRM field that carries the element's key. */
    public Optional<String> externalIdField() {
        return Optional.ofNullable(shape.identity().externalIdField());
    }

    /**
     * The key of an element, empty where the expression gives null.
     *
     * @param element one that {@link #each} gave
     * @throws ExpressionFailed if the expression doesn't give exactly one value
     */
    public Optional<String> externalId(JsonNode element, MappingContext context) {
        return shape.identity().externalId(element);
    }

    /** What gives the key of an element; empty where the CRM has no field for it. */
    public Optional<Expression> externalIdSource() {
        return Optional.ofNullable(shape.identity().externalId());
    }

    /**
     * Maps an element; whatever is wrong with it is among the refusals.
     *
     * @param element one that {@link #each} gave
     */
    public MappedRecord map(JsonNode element, MappingContext context) {
        return shape.map(element, element, context);
    }

    public List<Field> fields() {
        return shape.fields();
    }

    public List<RecordLink> links() {
        return shape.links();
    }

    /** Every CRM field whose present value a merge needs. */
    public Set<String> fieldNames() {
        return shape.fieldNames();
    }

    boolean mentions(String canonicalField) {
        return each.mentions(canonicalField) || shape.mentions(canonicalField);
    }

    /** What gives the elements. */
    public Expression eachExpression() {
        return each;
    }
}
