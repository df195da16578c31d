package io.shopbridge.sandbox.shop;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.shopbridge.sandbox.server.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The result of a bulk operation: one object a line, what a connection holds as lines of their own that name their
 * parent. Unless they are grouped, the lines come in no order: a child may come before its parent, or far behind it.
 */
final class BulkFile implements AutoCloseable {

    /** Lines that are kept back until the end; no more, whatever the file's length. */
    private static final int MOST_KEPT_BACK = 10_000;
    private static final int KEPT_BACK_OF = 50;

    private final Path path;
    private final BufferedWriter writer;
    private final boolean grouped;
    private final Random random;
    private final List<String> keptBack = new ArrayList<>();
    private long objects;
    private long roots;

    /** @param grouped whether each parent is followed by its children */
    BulkFile(Path path, boolean grouped, long seed) throws IOException {
        this.path = path;
        this.writer = Files.newBufferedWriter(path);
        this.grouped = grouped;
        this.random = new Random(seed);
    }

    Path path() {
        return path;
    }

    long objects() {
        return objects;
    }

    long roots() {
        return roots;
    }

    /** Adds the objects of a page, with all that their connections hold. */
    void add(List<?> page) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Object root : page) {
            roots++;
            flatten((Map<?, ?>) root, null, lines);
        }
        objects += lines.size();
        if (!grouped) {
            Collections.shuffle(lines, random);
        }
        for (String line : lines) {
            if (!grouped && keptBack.size() < MOST_KEPT_BACK && random.nextInt(KEPT_BACK_OF) == 0) {
                keptBack.add(line);
            } else {
                writer.write(line);
            }
        }
    }

    @Override
    public void close() throws IOException {
        Collections.shuffle(keptBack, random);
        for (String line : keptBack) {
            writer.write(line);
        }
        writer.close();
    }

    private static void flatten(Map<?, ?> node, Object parent, List<String> lines) {
        List<Map<?, ?>> connections = new ArrayList<>();
        Map<String, Object> own = new LinkedHashMap<>(withoutConnections(node, connections));
        if (parent != null) {
            own.put("__parentId", parent);
        }
        lines.add(line(own));
        for (Map<?, ?> connection : connections) {
            for (Object edge : (List<?>) connection.get("edges")) {
                flatten((Map<?, ?>) ((Map<?, ?>) edge).get("node"), node.get("id"), lines);
            }
        }
    }

    private static Map<String, Object> withoutConnections(Map<?, ?> object, List<Map<?, ?>> connections) {
        Map<String, Object> own = new LinkedHashMap<>();
        object.forEach((name, value) -> {
            if (value instanceof Map<?, ?> inner && inner.get("edges") instanceof List<?>) {
                connections.add(inner);
            } else {
                own.put((String) name, value instanceof Map<?, ?> inner ? withoutConnections(inner, connections)
                        : value);
            }
        });
        return own;
    }

    /** Shopify escapes slashes. */
    private static String line(Map<String, Object> object) {
        try {
            return Json.MAPPER.writeValueAsString(object).replace("/", "\\/") + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
