package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What mappings and child mappings share: identity, fields, links, and lists inside the record's own body. Its methods
 * take records that already carry what expressions see besides the record: {@code .store}, and a child's parent.
 */
final class RecordShape {

    private static final Set<String> EMAIL = Set.of("email");

    private final Identity identity;
    private final List<Field> fields;
    private final List<RecordLink> links;
    private final List<ChildMapping> inside;
    private final Set<String> fieldNames;

    RecordShape(Identity identity, List<Field> fields, List<RecordLink> links, List<ChildMapping> inside) {
        this.identity = identity;
        this.links = List.copyOf(links);
        this.inside = List.copyOf(inside);
        List<Field> all = new ArrayList<>();
        if (identity.externalIdField() != null) {
            all.add(Field.key(identity.externalIdField()));
        }
        all.addAll(fields);
        for (ChildMapping child : inside) {
            Map<String, Field> parts = new LinkedHashMap<>();
            child.fields().forEach(field -> parts.put(field.name(), field));
            all.add(new Field(child.inside(), Owner.SHOPIFY, Direction.TO_CRM, null, null, Equality.ofObjects(parts)));
        }
        this.fields = List.copyOf(all);
        Set<String> names = new LinkedHashSet<>();
        this.fields.stream().filter(field -> field.owner() != Owner.CRM).forEach(field -> names.add(field.name()));
        identity.matches().forEach(match -> names.add(match.field()));
        names.addAll(identity.name());
        this.fieldNames = Set.copyOf(names);
    }

    Identity identity() {
        return identity;
    }

    List<ChildMapping> inside() {
        return inside;
    }

    List<Field> fields() {
        return fields;
    }

    List<RecordLink> links() {
        return links;
    }

    boolean mentions(String canonicalField) {
        return identity.mentions(canonicalField)
                || fields.stream().anyMatch(field -> field.mentions(canonicalField))
                || inside.stream().anyMatch(child -> child.mentions(canonicalField));
    }

    Set<String> fieldNames() {
        return fieldNames;
    }

    /** The value of the first field that is cleaned as an e-mail address; empty where it gives none. */
    Optional<String> email(JsonNode record, MappingContext context) {
        Optional<Field> address = fields.stream()
                .filter(field -> field.goesToCrm() && field.rule() != null && field.rule().clean().has(EMAIL)).findFirst();
        try {
            return address.isEmpty() ? Optional.empty()
                    : Values.text(address.get().rule().value(record, context, because -> { }));
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    MappedRecord map(JsonNode record, JsonNode bare, MappingContext context) {
        Map<String, JsonNode> values = new LinkedHashMap<>(fields.size() * 2);
        List<String> refusals = new ArrayList<>(0);
        List<Mended> mended = new ArrayList<>(0);
        Map<String, JsonNode> asEmpty = new HashMap<>(0);
        if (identity.externalIdField() != null) {
            try {
                JsonNode key = identity.externalId(record).<JsonNode>map(Values.NODES::textNode)
                        .orElse(NullNode.getInstance());
                values.put(identity.externalIdField(), key);
            } catch (ExpressionFailed e) {
                refusals.add(identity.externalIdField() + ": " + e.getMessage());
            }
        }
        for (Field field : fields) {
            if (field.goesToCrm() && field.rule() != null) {
                try {
                    JsonNode value = field.rule().value(record, context,
                            because -> mended.add(new Mended(field.name(), false, because)));
                    if (field.rule().asEmpty() != null) {
                        asEmpty.put(field.name(), field.rule().valueAsEmpty(record, context));
                    }
                    if (value != ValueTable.LEAVE) {
                        values.put(field.name(), WholeText.of(value));
                    }
                } catch (Refused e) {
                    if (field.rule().rejects()) {
                        refusals.add(field.name() + ": " + e.getMessage());
                    } else {
                        mended.add(new Mended(field.name(), true, e.getMessage()));
                    }
                }
            }
        }
        for (ChildMapping child : inside) {
            values.put(child.inside(), list(child, bare, context, refusals, mended));
        }
        return new MappedRecord(values, refusals, asEmpty, mended);
    }

    private static JsonNode list(ChildMapping child, JsonNode bare, MappingContext context, List<String> refusals,
            List<Mended> mended) {
        ArrayNode list = Values.NODES.arrayNode();
        try {
            for (JsonNode element : child.each(bare, context)) {
                MappedRecord mapped = child.map(element, context);
                ObjectNode object = Values.NODES.objectNode();
                mapped.fields().forEach((name, value) -> {
                    if (!value.isNull()) {
                        object.set(name, value);
                    }
                });
                mapped.mended().forEach(one -> mended.add(one.inside(child.inside(), list.size())));
                mapped.refusals().forEach(why -> refusals.add(child.inside() + "[" + list.size() + "]." + why));
                list.add(object);
            }
        } catch (ExpressionFailed e) {
            refusals.add(child.inside() + ": " + e.getMessage());
        }
        return list;
    }
}
