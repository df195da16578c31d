package io.shopbridge.backfill;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One object of an exported file, put together from its own line and those of what it contains in connections. */
final class ExportedRecord {

    private static final String ID = "id";
    private static final String PARENT = "__parentId";
    /** Numbers of any length; what has no id, such as a metafield, by what it says. */
    private static final Comparator<JsonNode> BY_ID = Comparator
            .<JsonNode>comparingInt(element -> number(element).length()).thenComparing(ExportedRecord::number)
            .thenComparing(JsonNode::toString);

    private final ObjectNode object;

    /** @param line as in the file */
    ExportedRecord(byte[] line) {
        object = read(line);
    }

    /**
     * The global id of the object that contains this one; empty where it is a record itself.
     *
     * @throws UncheckedIOException where the line is not whole
     */
    static String parent(byte[] line) {
        try {
            return parentIn(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString());
        } catch (IOException e) {
            throw notJson(e);
        }
    }

    /** Reads all of the line, so that one that is not whole is noticed, and keeps nothing of it. */
    private static String parentIn(String line) throws IOException {
        try (JsonParser json = Json.parser(line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new UncheckedIOException(new IOException("A line of the file is not a JSON object"));
            }
            String parent = "";
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean names = json.currentName().equals(PARENT);
                if (json.nextToken() == JsonToken.VALUE_STRING && names) {
                    parent = json.getText();
                }
                json.skipChildren();
            }
            if (json.nextToken() != null) {
                throw new UncheckedIOException(new IOException("A line of the file is not one JSON object"));
            }
            return parent;
        }
    }

    /** Its global id. */
    String id() {
        return object.path(ID).asText();
    }

    /**
     * Puts in what it contains, also where it contains nothing: a list that was not asked for is not an empty one. In
     * the order of the ids, which is that in which they were made: that of the lines in the file says nothing, and is
     * another in each export (https://shopify.dev/docs/api/usage/bulk-operations/queries).
     *
     * @param children lines of the file
     */
    ObjectNode with(List<byte[]> children, BulkQuery query) {
        Map<String, ArrayNode> lists = new TreeMap<>();
        query.connections().forEach(connection -> lists.put(BulkQuery.mark(connection), object.putArray(connection)));
        children.stream().map(ExportedRecord::read).sorted(BY_ID).forEach(element -> {
            element.remove(PARENT);
            lists.forEach((mark, list) -> {
                if (element.has(mark)) {
                    element.remove(mark);
                    list.add(element);
                }
            });
        });
        return object;
    }

    private static String number(JsonNode element) {
        String id = element.path(ID).asText();
        return id.substring(id.lastIndexOf('/') + 1);
    }

    /** Whether the file has only a part of it. */
    boolean isIncomplete(BulkQuery query) {
        return query.incomplete().stream().anyMatch(field -> isThere(object.path(field)));
    }

    private static boolean isThere(JsonNode field) {
        return field.isArray() ? !field.isEmpty() : field.isObject();
    }

    private static ObjectNode read(byte[] line) {
        try {
            if (Json.read(line) instanceof ObjectNode read) {
                return read;
            }
            throw new UncheckedIOException(new IOException("A line of the file is not a JSON object"));
        } catch (IOException | NumberFormatException e) {
            throw notJson(e);
        }
    }

    /** Without the message, which quotes the line. */
    private static UncheckedIOException notJson(Exception e) {
        return new UncheckedIOException("A line of the file is not JSON", new IOException(e.getClass().getName()));
    }
}
