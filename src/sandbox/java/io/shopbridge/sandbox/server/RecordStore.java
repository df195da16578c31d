package io.shopbridge.sandbox.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The records of a simulated CRM, with look-up indexes and, where a file is given, a journal that brings them back
 * after a restart. Every method must be called inside {@link #locked}.
 */
public final class RecordStore implements AutoCloseable {

    /** A field by whose value records are found; two values are the same when {@code key} makes them equal. */
    public record Index(String field, UnaryOperator<String> key) {
    }

    /** What one object (table) is like; {@code ids} makes an id of a number that no other record has. */
    public record Shape(LongFunction<String> ids, List<Index> indexes) {

        public Shape(String idPrefix, List<Index> indexes) {
            this(number -> idPrefix + number, indexes);
        }
    }

    /**
     * One version of a record. Values are never changed in place.
     *
     * @param number what the id was made of
     * @param updatedAt milliseconds since the epoch
     * @param previous the version before, for readers that lag behind; without its own previous
     */
    public record Stored(String id, long number, ObjectNode values, long createdAt, long updatedAt, Stored previous) {

        public String text(String field) {
            JsonNode value = values.get(field);
            return value == null || value.isNull() ? null : value.asText();
        }
    }

    private record Moment(long updatedAt, long number) implements Comparable<Moment> {
        @Override
        public int compareTo(Moment other) {
            int byTime = Long.compare(updatedAt, other.updatedAt);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private static final class Table {
        final Shape shape;
        final Map<String, Stored> byId = new LinkedHashMap<>();
        final TreeMap<Moment, Stored> byTime = new TreeMap<>();
        final Map<String, Map<String, List<String>>> byValue = new HashMap<>();
        final Map<String, String> aliases = new HashMap<>();

        Table(Shape shape) {
            this.shape = shape;
            shape.indexes().forEach(index -> byValue.put(index.field(), new HashMap<>()));
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Table> tables = new LinkedHashMap<>();
    private final Map<String, Set<String>> relations = new HashMap<>();
    private final Path file;
    private BufferedWriter journal;
    private long lastNumber;

    public RecordStore(Path file, long firstNumber, Map<String, Shape> shapes) {
        this.file = file;
        this.lastNumber = firstNumber - 1;
        shapes.forEach((object, shape) -> tables.put(object, new Table(shape)));
        if (file != null) {
            openJournal();
        }
    }

    /** Adds a kind of records, of which there are none yet. */
    public void add(String object, Shape shape) {
        tables.putIfAbsent(object, new Table(shape));
    }

    /** Runs work on the records alone, and has the journal written before it returns. */
    public <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            T result = work.get();
            if (journal != null) {
                journal.flush();
            }
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException("The sandbox journal " + file + " cannot be written; free the disk or "
                    + "choose another directory", e);
        } finally {
            lock.unlock();
        }
    }

    public boolean knows(String object) {
        return tables.containsKey(object);
    }

    /** The record of this id, or the one it was merged into; null if there is none. */
    public Stored get(String object, String id) {
        Table table = tables.get(object);
        String present = id;
        while (table.aliases.containsKey(present)) {
            present = table.aliases.get(present);
        }
        return table.byId.get(present);
    }

    /** All records whose indexed field has this value. */
    public List<Stored> find(String object, String field, String value) {
        Table table = tables.get(object);
        for (Index index : table.shape.indexes()) {
            if (index.field().equals(field)) {
                List<String> ids = table.byValue.get(field).getOrDefault(index.key().apply(value), List.of());
                return ids.stream().map(table.byId::get).toList();
            }
        }
        throw new IllegalArgumentException(object + "." + field + " is not indexed");
    }

    public boolean indexed(String object, String field) {
        return tables.get(object).byValue.containsKey(field);
    }

    public Collection<Stored> all(String object) {
        return tables.get(object).byId.values();
    }

    /** Records changed after a moment, oldest change first. */
    public Collection<Stored> changedAfter(String object, long updatedAt, long number) {
        return tables.get(object).byTime.tailMap(new Moment(updatedAt, number), false).values();
    }

    public Stored create(String object, ObjectNode values) {
        long now = System.currentTimeMillis();
        long number = ++lastNumber;
        Stored stored = new Stored(tables.get(object).shape.ids().apply(number), number, values, now, now, null);
        place(object, stored);
        write(object, stored);
        return stored;
    }

    public Stored replace(String object, Stored old, ObjectNode values) {
        long now = Math.max(System.currentTimeMillis(), old.updatedAt() + 1);
        Stored before = new Stored(old.id(), old.number(), old.values(), old.createdAt(), old.updatedAt(), null);
        Stored stored = new Stored(old.id(), old.number(), values, old.createdAt(), now, before);
        remove(object, old);
        place(object, stored);
        write(object, stored);
        return stored;
    }

    /** Takes a change back, its time too. */
    public void restore(String object, Stored present, Stored old) {
        remove(object, present);
        place(object, old);
        write(object, old);
    }

    public void delete(String object, Stored stored) {
        remove(object, stored);
        append(Json.object().put("object", object).put("deleted", stored.id()));
    }

    public void alias(String object, String oldId, String presentId) {
        tables.get(object).aliases.put(oldId, presentId);
        append(Json.object().put("object", object).put("alias", oldId).put("of", presentId));
    }

    /** Relates two records, both ways; false if they were related before. */
    public boolean relate(String from, String fromId, String to, String toId) {
        boolean added = addRelation(from, fromId, to, toId);
        if (added) {
            append(Json.object().put("relate", from).put("id", fromId).put("to", to).put("to-id", toId));
        }
        return added;
    }

    public void unrelate(String from, String fromId, String to, String toId) {
        related(from, fromId, to).remove(toId);
        related(to, toId, from).remove(fromId);
        append(Json.object().put("unrelate", from).put("id", fromId).put("to", to).put("to-id", toId));
    }

    public Set<String> related(String from, String fromId, String to) {
        return relations.getOrDefault(from + "/" + fromId + "/" + to, new LinkedHashSet<>());
    }

    /** Forgets every record, and what the journal holds of them. Ids go on from where they were. */
    public void clear() {
        tables.replaceAll((object, table) -> new Table(table.shape));
        relations.clear();
        if (journal != null) {
            try {
                journal.close();
                Files.deleteIfExists(file);
                openJournal();
            } catch (IOException e) {
                throw new UncheckedIOException("The sandbox journal " + file + " cannot be emptied", e);
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (journal != null) {
                journal.close();
                journal = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The sandbox journal " + file + " cannot be closed", e);
        } finally {
            lock.unlock();
        }
    }

    private boolean addRelation(String from, String fromId, String to, String toId) {
        relations.computeIfAbsent(to + "/" + toId + "/" + from, key -> new LinkedHashSet<>()).add(fromId);
        return relations.computeIfAbsent(from + "/" + fromId + "/" + to, key -> new LinkedHashSet<>()).add(toId);
    }

    private void place(String object, Stored stored) {
        Table table = tables.get(object);
        table.byId.put(stored.id(), stored);
        table.byTime.put(new Moment(stored.updatedAt(), stored.number()), stored);
        for (Index index : table.shape.indexes()) {
            String value = stored.text(index.field());
            if (value != null) {
                table.byValue.get(index.field()).merge(index.key().apply(value), List.of(stored.id()), (old, one) -> {
                    List<String> both = new ArrayList<>(old);
                    both.addAll(one);
                    return both;
                });
            }
        }
    }

    private void remove(String object, Stored stored) {
        Table table = tables.get(object);
        table.byId.remove(stored.id());
        table.byTime.remove(new Moment(stored.updatedAt(), stored.number()));
        for (Index index : table.shape.indexes()) {
            String value = stored.text(index.field());
            if (value != null) {
                table.byValue.get(index.field()).computeIfPresent(index.key().apply(value), (key, ids) -> {
                    List<String> rest = ids.stream().filter(id -> !id.equals(stored.id())).toList();
                    return rest.isEmpty() ? null : rest;
                });
            }
        }
    }

    private void write(String object, Stored stored) {
        if (journal != null) {
            append(Json.object().put("object", object).put("id", stored.id()).put("number", stored.number())
                    .put("created", stored.createdAt()).put("updated", stored.updatedAt())
                    .set("values", stored.values()));
        }
    }

    private void append(JsonNode line) {
        if (journal == null) {
            return;
        }
        try {
            journal.write(line.toString());
            journal.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("The sandbox journal " + file + " cannot be written", e);
        }
    }

    private void openJournal() {
        try {
            if (file.getParent() != null) {
                Files.createDirectories(file.getParent());
            }
            if (Files.exists(file)) {
                replay();
            }
            journal = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("The sandbox journal " + file + " cannot be opened; check its directory's "
                    + "permissions or choose another with shopbridge.sandbox.data-dir", e);
        }
    }

    // A process that was killed may leave half a line at the end: that write was never answered, so it is cut off.
    private void replay() throws IOException {
        byte[] content = Files.readAllBytes(file);
        int end = content.length;
        while (end > 0 && content[end - 1] != '\n') {
            end--;
        }
        if (end < content.length) {
            content = Arrays.copyOf(content, end);
            Files.write(file, content);
        }
        for (String line : new String(content, StandardCharsets.UTF_8).split("\n")) {
            if (!line.isEmpty()) {
                replay(Json.MAPPER.readTree(line));
            }
        }
    }

    private void replay(JsonNode line) {
        String object = line.path("object").asText();
        if (line.has("relate")) {
            addRelation(line.get("relate").asText(), line.get("id").asText(), line.get("to").asText(),
                    line.get("to-id").asText());
        } else if (line.has("unrelate")) {
            unrelate(line.get("unrelate").asText(), line.get("id").asText(), line.get("to").asText(),
                    line.get("to-id").asText());
        } else if (!tables.containsKey(object)) {
            throw new IllegalStateException("The sandbox journal " + file + " holds records of " + object
                    + ", which this simulator does not have; delete the file to begin anew");
        } else if (line.has("alias")) {
            tables.get(object).aliases.put(line.get("alias").asText(), line.get("of").asText());
        } else if (line.has("deleted")) {
            remove(object, tables.get(object).byId.get(line.get("deleted").asText()));
        } else {
            Stored old = tables.get(object).byId.get(line.get("id").asText());
            if (old != null) {
                remove(object, old);
            }
            long number = line.get("number").asLong();
            lastNumber = Math.max(lastNumber, number);
            place(object, new Stored(line.get("id").asText(), number, (ObjectNode) line.get("values"),
                    line.get("created").asLong(), line.get("updated").asLong(), null));
        }
    }
}
