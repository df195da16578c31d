package io.shopbridge.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A part of a YAML 1.2 file with its line and key, so that readers can report faults with both. Faults are collected,
 * not thrown: an editor wants to see all of them.
 */
public final class Yaml {

    // Token prefixes of Shopify, HubSpot and others; what is sent as a bearer token; and what only a machine would
    // write: 32 characters and more without a blank that mix letters and digits
    private static final Pattern SECRET = Pattern.compile("shp(at|ss|ca|pa)_\\w{8,}|pat-\\w+-[\\w-]{8,}"
            + "|(Bearer|Basic) [^\\s${]{8,}|\\b(sk|pk|rk)_(live|test)_\\w{8,}"
            + "|\\beyJ[\\w-]{16,}\\.|\\bAKIA[A-Z0-9]{16}\\b"
            + "|(?<![\\w/.-])(?=[\\w+=-]*[0-9])(?=[\\w+=-]*[A-Za-z])[A-Za-z0-9+_=-]{32,}(?![\\w/.-])");

    /** Numbers keep the digits that were written. */
    private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);

    private final String file;
    private final String key;
    private final int line;
    private final Node node;
    private final List<Fault> faults;

    private Yaml(String file, String key, int line, Node node, List<Fault> faults) {
        this.file = file;
        this.key = key;
        this.line = line;
        this.node = node;
        this.faults = faults;
    }

    /**
     * Reads a file; empty where it isn't YAML, which is then among the faults. Doubled keys and literal secrets are
     * reported here.
     *
     * @param root the mappings folder; faults name the file relative to it
     */
    public static Optional<Yaml> read(Path root, Path file, List<Fault> faults) {
        String name = root.relativize(file).toString().replace('\\', '/');
        try {
            LoadSettings settings = LoadSettings.builder().setLabel(name).setUseMarks(true).build();
            Optional<Node> node = new Compose(settings).composeString(Files.readString(file));
            if (node.isEmpty()) {
                faults.add(new Fault(name, 0, "", "the file is empty", "see a neighbouring file for what it holds"));
                return Optional.empty();
            }
            Optional<Node> endless = endless(node.get(), identities(), identities());
            if (endless.isPresent()) {
                faults.add(new Fault(name, lineOf(endless.get()), "", "what the anchor here names has itself as a part",
                        "write its parts without the alias"));
                return Optional.empty();
            }
            Yaml yaml = new Yaml(name, "", lineOf(node.get()), node.get(), faults);
            yaml.check(identities());
            return Optional.of(yaml);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            faults.add(new Fault(name, line, "", "not YAML: " + e.getProblem(), "check indentation and quotes here"));
        } catch (YamlEngineException e) {
            faults.add(new Fault(name, 0, "", "not YAML: " + e.getMessage(), "check indentation and quotes"));
        } catch (IOException e) {
            faults.add(new Fault(name, 0, "", "can't be read", "make it a readable UTF-8 file"));
        }
        return Optional.empty();
    }

    /**
     * Reads a file of our own from the class path.
     *
     * @throws IllegalStateException where it isn't there or isn't YAML
     */
    public static Yaml resource(String name) {
        try (InputStream in = Yaml.class.getResourceAsStream(name)) {
            Node node = new Compose(LoadSettings.builder().setUseMarks(true).build())
                    .composeString(new String(in.readAllBytes(), StandardCharsets.UTF_8)).orElseThrow();
            return new Yaml(name, "", 1, node, new ArrayList<>());
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException(name + " can't be read from the class path", e);
        }
    }

    /** A text without what looks like a secret in it. */
    public static String masked(String text) {
        return SECRET.matcher(text).replaceAll("***");
    }

    public String file() {
        return file;
    }

    public String key() {
        return key;
    }

    /** 1-based. */
    public int line() {
        return line;
    }

    public void fault(String wrong, String right) {
        faults.add(new Fault(file, line, key, wrong, right));
    }

    /** The same of one line of a text that it has. */
    public void fault(int lineOfIt, String wrong, String right) {
        faults.add(new Fault(file, lineOfIt, key, wrong, right));
    }

    /** A missing test: a fault here would not be noticed. An error of the linter, a warning at the start. */
    public void untested(String wrong, String right) {
        faults.add(new Fault(file, line, key, wrong, right, true));
    }

    public boolean isMap() {
        return node instanceof MappingNode;
    }

    public boolean isList() {
        return node instanceof SequenceNode;
    }

    public boolean isNull() {
        return node.getTag().equals(Tag.NULL);
    }

    /** The entries in file order; a fault and nothing where this isn't a mapping. */
    public Map<String, Yaml> entries() {
        if (!(node instanceof MappingNode mapping)) {
            fault("is not a mapping", "write `key: value` lines");
            return Map.of();
        }
        Map<String, Yaml> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String name = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
            String path = key.isEmpty() ? name : key + "." + name;
            entries.putIfAbsent(name, new Yaml(file, path, lineOf(tuple.getKeyNode()), tuple.getValueNode(), faults));
        }
        return entries;
    }

    /** The entries, with a fault for each key that isn't one of these. */
    public Map<String, Yaml> entries(String... legal) {
        Map<String, Yaml> entries = entries();
        List<String> names = List.of(legal);
        entries.forEach((name, value) -> {
            if (!names.contains(name)) {
                value.fault("unknown key", Nearest.advice(name, names));
            }
        });
        return entries;
    }

    /** The value of a key that must be there; a fault and empty where it isn't. */
    public Optional<Yaml> required(String key, String right) {
        return required(isMap() ? entries() : Map.of(), key, right);
    }

    /** The same where some entries are another part's. */
    public Optional<Yaml> required(Map<String, Yaml> entries, String key, String right) {
        if (!entries.containsKey(key)) {
            fault("the key " + key + " is missing", right);
        }
        return Optional.ofNullable(entries.get(key));
    }

    /** The text of a key that must be there; a fault and empty where it isn't. */
    public Optional<String> requiredText(String key, String right) {
        return required(key, right).flatMap(Yaml::text);
    }

    /** The elements of a list; a single value counts as a list of one. */
    public List<Yaml> items() {
        if (!(node instanceof SequenceNode sequence)) {
            return List.of(this);
        }
        List<Yaml> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            items.add(new Yaml(file, key + "[" + items.size() + "]", lineOf(item), item, faults));
        }
        return items;
    }

    /** The text of a scalar; a fault and empty where it isn't one. */
    public Optional<String> text() {
        if (node instanceof ScalarNode scalar && !isNull()) {
            return Optional.of(scalar.getValue());
        }
        fault("is not a text", "write a single value");
        return Optional.empty();
    }

    /** True or false; a fault and the default where it is neither. */
    public boolean flag(boolean otherwise) {
        if (node.getTag().equals(Tag.BOOL)) {
            return ((ScalarNode) node).getValue().equals("true");
        }
        fault("is neither true nor false", "write true or false");
        return otherwise;
    }

    /** The value as JSON; numbers keep every digit. */
    public JsonNode json() {
        if (node instanceof MappingNode) {
            ObjectNode object = NODES.objectNode();
            entries().forEach((name, value) -> object.set(name, value.json()));
            return object;
        }
        if (isList()) {
            ArrayNode array = NODES.arrayNode();
            items().forEach(item -> array.add(item.json()));
            return array;
        }
        String text = ((ScalarNode) node).getValue();
        Tag tag = node.getTag();
        if (tag.equals(Tag.NULL)) {
            return NODES.nullNode();
        } else if (tag.equals(Tag.BOOL)) {
            return NODES.booleanNode(text.equals("true"));
        } else if (tag.equals(Tag.INT)) {
            return integer(new BigInteger(text));
        } else if (tag.equals(Tag.FLOAT) && !text.startsWith(".") && !text.startsWith("-.")) {
            return NODES.numberNode(new BigDecimal(text));
        }
        return NODES.textNode(text);
    }

    /** The smallest node that holds the number, as a JSON parser would choose. */
    public static JsonNode integer(BigInteger value) {
        if (value.bitLength() < 32) {
            return NODES.numberNode(value.intValue());
        }
        return value.bitLength() < 64 ? NODES.numberNode(value.longValue()) : NODES.numberNode(value);
    }

    /** A node that is inside of itself: no reader would come to its end. */
    private static Optional<Node> endless(Node node, Set<Node> around, Set<Node> done) {
        if (!around.add(node)) {
            return Optional.of(node);
        }
        if (done.add(node)) {
            for (Node part : parts(node)) {
                Optional<Node> endless = endless(part, around, done);
                if (endless.isPresent()) {
                    return endless;
                }
            }
        }
        around.remove(node);
        return Optional.empty();
    }

    private static List<Node> parts(Node node) {
        if (node instanceof MappingNode mapping) {
            return mapping.getValue().stream().flatMap(one -> Stream.of(one.getKeyNode(), one.getValueNode())).toList();
        }
        return node instanceof SequenceNode sequence ? sequence.getValue() : List.of();
    }

    private static Set<Node> identities() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private void check(Set<Node> seen) {
        if (!seen.add(node)) {
            return;
        }
        if (node instanceof MappingNode mapping) {
            Set<String> names = new HashSet<>();
            for (NodeTuple tuple : mapping.getValue()) {
                if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                    new Yaml(file, key, lineOf(tuple.getKeyNode()), node, faults)
                            .fault("a key is not a text", "write `key: value`");
                } else if (!names.add(name.getValue())) {
                    String path = key.isEmpty() ? name.getValue() : key + "." + name.getValue();
                    new Yaml(file, path, lineOf(name), node, faults)
                            .fault("the key is there twice", "keep one of them");
                }
            }
            entries().values().forEach(value -> value.check(seen));
        } else if (isList()) {
            items().forEach(item -> item.check(seen));
        } else if (node instanceof ScalarNode scalar && SECRET.matcher(scalar.getValue()).find()) {
            fault("looks like a secret", "secrets are settings: put it into the environment and rotate it");
        }
    }

    private static int lineOf(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }
}
