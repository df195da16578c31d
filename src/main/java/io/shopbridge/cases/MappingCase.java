package io.shopbridge.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mended;
import io.shopbridge.map.RecordLink;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.merge.Decision;
import io.shopbridge.merge.Merge;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One case of a {@code *.test.yaml} file; {@link MappingCases} explains its keys. */
public final class MappingCase {

    private static final Instant EARLIER = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = Instant.parse("2026-01-02T00:00:00Z");

    private final String name;
    private final Path file;
    private final int line;
    private final Mapping mapping;
    private final MappingContext context;
    private final JsonNode sample;
    private final Map<String, JsonNode> words;
    private final Map<String, JsonNode> expected;

    private MappingCase(String name, Path file, int line, Mapping mapping, MappingContext context, JsonNode sample,
            Map<String, JsonNode> words, Map<String, JsonNode> expected) {
        this.name = name;
        this.file = file;
        this.line = line;
        this.mapping = mapping;
        this.context = context;
        this.sample = sample;
        this.words = words;
        this.expected = expected;
    }

    static Optional<MappingCase> read(Mapping mapping, Path file, JsonNode sample, MappingContext context, Yaml test) {
        Map<String, Yaml> entries = test.entries("name", "store", "region", "time-zone", "settings", "given",
                "synced", "base", "crm-has", "shopify-time", "crm-time", "expect");
        if (!entries.containsKey("name") || !entries.containsKey("expect")) {
            test.fault("name or expect is missing", "a test is a sentence about the business and what it expects");
            return Optional.empty();
        }
        Map<String, Yaml> expect = entries.get("expect").entries("send", "send-exactly", "leave", "refuse", "mend",
                "skip", "nothing", "external-id", "match", "links", "children", "conflict");
        if (expect.isEmpty()) {
            entries.get("expect").fault("nothing is expected", "name what is sent, left, refused or skipped");
        }
        for (String word : List.of("base", "crm-has")) {
            checkFields(entries.get(word), mapping);
        }
        for (String word : List.of("send", "send-exactly")) {
            checkFields(expect.get(word), mapping);
        }
        if (expect.containsKey("leave")) {
            expect.get("leave").items()
                    .forEach(item -> item.text().ifPresent(field -> checkField(item, field, mapping)));
        }
        for (String word : List.of("shopify-time", "crm-time")) {
            if (entries.containsKey(word)) {
                checkTime(entries.get(word));
            }
        }
        Map<String, JsonNode> words = new LinkedHashMap<>();
        entries.forEach((word, value) -> words.put(word, value.json()));
        Map<String, JsonNode> expected = new LinkedHashMap<>();
        expect.forEach((word, value) -> expected.put(word, value.json()));
        MappingContext own = new MappingContext(
                entries.containsKey("store") ? entries.get("store").text().orElse("") : context.store(),
                entries.containsKey("region") ? entries.get("region").text().orElse("") : context.region(),
                entries.containsKey("time-zone") ? timeZone(entries.get("time-zone")) : context.timeZone(),
                context.domain(), settings(entries.get("settings")));
        return entries.get("name").text().map(name ->
                new MappingCase(name, file, test.line(), mapping, own, sample, words, expected));
    }

    private static ZoneId timeZone(Yaml at) {
        try {
            return ZoneId.of(at.text().orElse(""));
        } catch (DateTimeException e) {
            at.fault("is not a time zone", "write its name, as in America/Toronto");
            return ZoneOffset.UTC;
        }
    }

    /** The sentence that it is called. */
    public String name() {
        return name;
    }

    public Path file() {
        return file;
    }

    /** Where it begins in its file, 1-based. */
    public int line() {
        return line;
    }

    public Mapping mapping() {
        return mapping;
    }

    /** The CRM folder whose mapping it is about. */
    public String folder() {
        return mapping.folder();
    }

    /** What is other than expected, one line for each field; empty where the case holds. */
    public List<String> differences() {
        List<String> differences = new ArrayList<>();
        JsonNode record = merged(sample, words.get("given"));
        Optional<String> skip;
        MappedRecord mapped;
        try {
            skip = mapping.skip(record, context);
            mapped = mapping.map(record, context);
            compareIdentity(record, differences);
            compareLinks(record, differences);
            compareChildren(record, differences);
        } catch (ExpressionFailed e) {
            return List.of(e.getMessage());
        }
        compareSkip(skip, differences);
        compareTexts("refuse", texts(expected.get("refuse")), mapped.refusals(), differences);
        compareTexts("mend", texts(expected.get("mend")), mapped.mended().stream().map(Mended::toString).toList(),
                differences);
        if (skip.isEmpty() && mapped.refusals().isEmpty()) {
            compareDecision(decide(mapped), differences);
        }
        return differences;
    }

    private Decision decide(MappedRecord mapped) {
        boolean synced = flag(words, "synced");
        boolean exists = synced || words.containsKey("base") || words.containsKey("crm-has");
        Map<String, JsonNode> own = new LinkedHashMap<>();
        if (synced) {
            own.putAll(mapping.map(sample, context).fields());
        }
        own.putAll(fields(words.get("base")));
        Map<String, JsonNode> crm = new LinkedHashMap<>(own);
        crm.putAll(fields(words.get("crm-has")));
        Base base = new Base(own, List.of());
        Merge merge = new Merge();
        boolean read = words.containsKey("crm-has") || merge.needsCrmValues(mapping.fields(), mapped, base);
        CrmValues present = exists && read ? new CrmValues(crm, time("crm-time", EARLIER)) : null;
        return merge.decide(mapping.fields(), mapped, base, present, exists, time("shopify-time", LATER));
    }

    private void compareDecision(Decision decision, List<String> differences) {
        Map<String, JsonNode> write = decision.write();
        fields(expected.get("send")).forEach((field, value) -> {
            if (!contains(write.get(field), value)) {
                compare(field, value, write.get(field), differences);
            }
        });
        if (expected.containsKey("send-exactly")) {
            Map<String, JsonNode> exactly = fields(expected.get("send-exactly"));
            Set<String> names = new TreeSet<>(exactly.keySet());
            names.addAll(write.keySet());
            names.forEach(field -> compare(field, exactly.get(field), write.get(field), differences));
        }
        for (JsonNode field : list(expected.get("leave"))) {
            compare(field.asText(), null, write.get(field.asText()), differences);
        }
        if (flag(expected, "nothing")) {
            write.forEach((field, value) -> compare(field, null, value, differences));
        }
        if (expected.containsKey("conflict")) {
            List<String> actual = decision.conflicts().stream()
                    .map(conflict -> conflict.field() + " " + conflict.winner().name().toLowerCase(Locale.ROOT))
                    .toList();
            compareTexts("conflict", texts(expected.get("conflict")), actual, differences);
        }
    }

    private void compareIdentity(JsonNode record, List<String> differences) {
        if (expected.containsKey("external-id")) {
            JsonNode actual = mapping.externalId(record, context).<JsonNode>map(JsonNodeFactory.instance::textNode)
                    .orElse(NullNode.getInstance());
            compare("external-id", expected.get("external-id"), actual, differences);
        }
        if (expected.containsKey("match")) {
            List<String> keys = mapping.matchKeys(record, context).stream()
                    .map(key -> key.field() + " " + key.value()).toList();
            compareTexts("match", texts(expected.get("match")), keys, differences);
        }
    }

    private void compareLinks(JsonNode record, List<String> differences) {
        fields(expected.get("links")).forEach((link, value) -> {
            Optional<RecordLink> found = mapping.links().stream().filter(l -> l.name().equals(link)).findFirst();
            if (found.isEmpty()) {
                differences.add("links." + link + ": there is no such link");
                return;
            }
            JsonNode actual = found.get().recordId(record).<JsonNode>map(JsonNodeFactory.instance::textNode)
                    .orElse(NullNode.getInstance());
            compare("links." + link, value, actual, differences);
        });
    }

    private void compareChildren(JsonNode record, List<String> differences) {
        fields(expected.get("children")).forEach((child, elements) -> {
            Optional<ChildMapping> found = mapping.children().stream().filter(c -> c.name().equals(child)).findFirst();
            if (found.isEmpty()) {
                differences.add("children." + child + ": there are no such children with records of their own");
                return;
            }
            List<JsonNode> actual = found.get().each(record, context);
            if (actual.size() != elements.size()) {
                differences.add("children." + child + ": expected " + elements.size() + ", but was " + actual.size());
            }
            for (int i = 0; i < Math.min(actual.size(), elements.size()); i++) {
                MappedRecord mapped = found.get().map(actual.get(i), context);
                String at = "children." + child + "[" + i + "].";
                mapped.refusals().forEach(why -> differences.add(at + why));
                mapped.mended().forEach(mended -> differences.add(at + mended));
                fields(elements.get(i)).forEach((field, value) ->
                        compare(at + field, value, mapped.fields().get(field), differences));
            }
        });
    }

    private void compareSkip(Optional<String> skip, List<String> differences) {
        String wanted = expected.containsKey("skip") ? expected.get("skip").asText() : null;
        if (!Objects.equals(wanted, skip.orElse(null))) {
            differences.add("skip: expected " + shown(wanted) + ", but was " + shown(skip.orElse(null)));
        }
    }

    private static void compareTexts(String at, List<String> wanted, List<String> actual, List<String> differences) {
        if (!wanted.equals(actual)) {
            differences.add(at + ": expected " + shown(wanted) + ", but was " + shown(actual));
        }
    }

    /** A null that stands for no Java object means: not sent. */
    private static void compare(String field, JsonNode wanted, JsonNode actual, List<String> differences) {
        if (!equal(wanted, actual)) {
            differences.add(field + ": expected " + (wanted == null ? "not sent" : wanted)
                    + ", but was " + (actual == null ? "not sent" : actual));
        }
    }

    /** Whether it is the wanted value; the objects of a list may have more fields than the wanted ones. */
    private static boolean contains(JsonNode actual, JsonNode wanted) {
        if (actual == null || !actual.isArray() || !wanted.isArray() || actual.size() != wanted.size()) {
            return equal(wanted, actual);
        }
        for (int i = 0; i < wanted.size(); i++) {
            JsonNode one = actual.get(i);
            JsonNode named = wanted.get(i);
            if (!(named.isObject() ? one.isObject() && named.properties().stream()
                    .allMatch(field -> equal(field.getValue(), one.get(field.getKey()))) : equal(named, one))) {
                return false;
            }
        }
        return true;
    }

    private static boolean equal(JsonNode a, JsonNode b) {
        if (a == null || b == null) {
            return a == b;
        }
        if (a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) == 0;
        }
        if (a.isContainerNode() && a.getNodeType() == b.getNodeType() && a.size() == b.size()) {
            if (a.isObject()) {
                return a.properties().stream().allMatch(e -> equal(e.getValue(), b.get(e.getKey())));
            }
            for (int i = 0; i < a.size(); i++) {
                if (!equal(a.get(i), b.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }

    private Instant time(String word, Instant otherwise) {
        return words.containsKey(word) ? Instant.parse(words.get(word).asText()) : otherwise;
    }

    private static boolean flag(Map<String, JsonNode> words, String word) {
        return words.containsKey(word) && words.get(word).asBoolean();
    }

    private static Map<String, JsonNode> fields(JsonNode object) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        if (object != null) {
            object.properties().forEach(entry -> fields.put(entry.getKey(), entry.getValue()));
        }
        return fields;
    }

    private static List<JsonNode> list(JsonNode value) {
        List<JsonNode> list = new ArrayList<>();
        if (value != null && value.isArray()) {
            value.forEach(list::add);
        } else if (value != null) {
            list.add(value);
        }
        return list;
    }

    private static List<String> texts(JsonNode value) {
        return list(value).stream().map(JsonNode::asText).toList();
    }

    private static String shown(Object value) {
        if (value == null || value instanceof List<?> none && none.isEmpty()) {
            return "none";
        }
        return value instanceof List<?> list
                ? list.stream().map(Object::toString).collect(Collectors.joining("\" and \"", "\"", "\""))
                : "\"" + value + "\"";
    }

    private static JsonNode merged(JsonNode onto, JsonNode given) {
        if (given == null) {
            return onto;
        }
        if (!given.isObject() || onto == null || !onto.isObject()) {
            return given;
        }
        ObjectNode merged = onto.deepCopy();
        given.properties().forEach(entry ->
                merged.set(entry.getKey(), merged(onto.get(entry.getKey()), entry.getValue())));
        return merged;
    }

    private static void checkFields(Yaml at, Mapping mapping) {
        if (at != null) {
            at.entries().forEach((field, value) -> checkField(value, field, mapping));
        }
    }

    private static void checkField(Yaml at, String field, Mapping mapping) {
        List<String> names = mapping.fields().stream().map(Field::name).toList();
        if (!names.contains(field)) {
            at.fault("\"" + field + "\" is not a field of this mapping", "fields: " + String.join(", ", names));
        }
    }

    private static Map<String, String> settings(Yaml at) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (at != null) {
            at.entries().forEach((name, value) -> value.text().ifPresent(text -> settings.put(name, text)));
        }
        return settings;
    }

    private static void checkTime(Yaml at) {
        try {
            Instant.parse(at.text().orElse(""));
        } catch (DateTimeParseException e) {
            at.fault("is not a UTC time", "write it as 2026-01-31T10:00:00Z");
        }
    }
}
