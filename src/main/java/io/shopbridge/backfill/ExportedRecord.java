package io.shopbridge.backfill;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One object of an exported file, put together from its own line and those of what it contains in connections. */
final class ExportedRecord {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ID = "id";
    private static final String PARENT = "__parentId";

    private final ObjectNode object;

    /** @param line as in the file */
    ExportedRecord(byte[] line) {
        object = read(line);
    }

    /**
     * The global id of the object that contains this one, which is recognised before it is parsed as a whole.
     *
     * @return empty where it is a record itself
     */
    static String parent(byte[] line) {
        return read(line).path(PARENT).asText("");
    }

    /** Its global id. */
    String id() {
        return object.path(ID).asText();
    }

    /**
     * Puts in what it contains, also where it contains nothing: a list that was not asked for is not an empty one.
     *
     * @param children lines, in the order of the file
     */
    ObjectNode with(List<byte[]> children, BulkQuery query) {
        Map<String, ArrayNode> lists = new TreeMap<>();
        query.connections().forEach(connection -> lists.put(BulkQuery.mark(connection), object.putArray(connection)));
        for (byte[] child : children) {
            ObjectNode element = read(child);
            element.remove(PARENT);
            lists.forEach((mark, list) -> {
                if (element.has(mark)) {
                    element.remove(mark);
                    list.add(element);
                }
            });
        }
        return object;
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
            if (JSON.readTree(line) instanceof ObjectNode read) {
                return read;
            }
            throw new UncheckedIOException(new IOException("A line of the file is not a JSON object"));
        } catch (IOException e) {
            throw new UncheckedIOException("A line of the file is not JSON", new IOException(e.getClass().getName()));
        }
    }
}
