package io.shopbridge.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One file of {@code mappings/exports}: the rows that records of the mirror make.
 *
 * @param name    of the file, by which it is asked for
 * @param entity  which records
 * @param each    gives the elements that are rows of their own; null: the record is the row
 * @param columns what gives each column's value, in their order
 */
public record Export(String name, String entity, Expression each, Map<String, Expression> columns) {

    private static final String STORE = "store";

    /**
     * A row.
     *
     * @param values what its columns hold
     * @param whole  all that is known of it
     */
    record Row(Map<String, JsonNode> values, ObjectNode whole) {
    }

    /**
     * The rows of a record.
     *
     * @param failed is told of each column whose expression gives no value, and which is empty then
     * @throws ExpressionFailed where {@code each} makes nothing of the record
     */
    List<Row> rows(JsonNode record, MappingContext context, Consumer<String> failed) {
        ObjectNode seen = context.seen(record);
        if (each == null) {
            return List.of(row(seen, record, context, failed));
        }
        List<Row> rows = new ArrayList<>();
        for (JsonNode element : each.all(seen)) {
            if (element.isObject()) {
                ObjectNode withParent = context.seen(element);
                withParent.set(entity, record);
                Row row = row(withParent, element, context, failed);
                row.whole().put(entity + "_id", record.path("id").asText());
                rows.add(row);
            }
        }
        return rows;
    }

    private Row row(JsonNode seen, JsonNode record, MappingContext context, Consumer<String> failed) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        columns.forEach((column, from) -> {
            try {
                values.put(column, from.one(seen));
            } catch (ExpressionFailed e) {
                values.put(column, NullNode.getInstance());
                failed.accept(column);
            }
        });
        ObjectNode whole = Values.JSON.createObjectNode().put(STORE, context.store());
        record.properties().forEach(field -> whole.set(field.getKey(), field.getValue()));
        return new Row(values, whole);
    }

    /** The names of its columns. */
    public List<String> columnNames() {
        return List.copyOf(columns.keySet());
    }
}
