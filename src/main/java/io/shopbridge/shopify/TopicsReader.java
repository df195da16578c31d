package io.shopbridge.shopify;

import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code topics.yaml}. */
final class TopicsReader {

    static final String FILE = GraphqlTypes.FOLDER + "/topics.yaml";
    private static final String AS = "as";
    private static final String SAYS = "says";
    private static final String[] WORDS = {"description", AS, "entity", SAYS, "id", "may-name-none", "in", "at", "list",
        "part", "otherwise", "facet", "take", "repeats", "optional",
        "because", "add", "rename", "body", "known-by", "rest", "sample"};
    /** What a topic does not take over from another of the same body: by these that one is found. */
    private static final Set<String> ITS_OWN = Set.of(AS, "known-by", "rest", "sample");
    private static final Set<String> PARTS = Set.of("part", "part-removed");
    private static final Set<String> NAME_THEIR_RECORD = Set.of("part", "part-removed", "facet", "consent",
            "tags-added", "tags-removed");
    /** What alone does not say anything of a record. */
    private static final Set<String> IDS = Set.of(Payload.ID, Payload.GID);

    private final Path mappingsDir;
    private final Map<String, Entity> entities;
    private final List<Fault> faults;

    TopicsReader(Path mappingsDir, Map<String, Entity> entities, List<Fault> faults) {
        this.mappingsDir = mappingsDir;
        this.entities = entities;
        this.faults = faults;
    }

    Map<String, Topic> read() {
        Map<String, Topic> topics = new LinkedHashMap<>();
        Path file = mappingsDir.resolve(FILE);
        if (Files.exists(file)) {
            Yaml.read(mappingsDir, file, faults).ifPresent(yaml -> {
                Map<String, Yaml> all = yaml.entries();
                all.forEach((name, at) -> topics.put(name, topic(name, at, all)));
                same(all, topics.values());
            });
        }
        return topics;
    }

    private Topic topic(String name, Yaml at, Map<String, Yaml> all) {
        Map<String, Yaml> words = new HashMap<>();
        Map<String, Yaml> own = at.entries(WORDS);
        EntitiesReader.text(own, AS).ifPresent(other -> {
            Yaml as = all.get(other);
            if (as == null || as.isMap() && as.entries().containsKey(AS)) {
                own.get(AS).fault("\"" + other + "\" is not a topic that is described here",
                        Nearest.advice(other, all.keySet()));
            } else if (as.isMap()) {
                words.putAll(as.entries());
                words.keySet().removeAll(ITS_OWN);
            }
        });
        words.putAll(own);
        String says = EntitiesReader.text(words, SAYS).orElse("state");
        if (!Topics.WORDS.contains(says)) {
            words.get(SAYS).fault("\"" + says + "\" is not a kind of topic",
                    Nearest.advice(says, Topics.WORDS));
        }
        Entity entity = entity(at, words, says, own.containsKey(AS));
        require(at, words, says);
        List<List<String>> knownBy = new ArrayList<>();
        if (own.containsKey("known-by")) {
            own.get("known-by").items().forEach(one -> knownBy.add(EntitiesReader.texts(one)));
        }
        String sample = EntitiesReader.text(own, "sample").orElse(null);
        Path folder = mappingsDir.resolve(GraphqlTypes.FOLDER).normalize();
        if (sample != null && !folder.resolve(sample).normalize().startsWith(folder)) {
            // Messages quote what is read, and a folder that is planned comes from outside.
            own.get("sample").fault("is not in this folder", "name a file of " + GraphqlTypes.FOLDER + "/, as in"
                    + " samples/order.json");
            sample = null;
        } else if (sample != null && !Files.exists(mappingsDir.resolve(GraphqlTypes.FOLDER).resolve(sample))) {
            own.get("sample").fault("there is no such file", "write a body of this topic into " + GraphqlTypes.FOLDER
                    + "/" + sample);
        }
        return new Topic(name, entity, says, EntitiesReader.texts(words.get("id")),
                EntitiesReader.flag(words, "may-name-none"), EntitiesReader.text(words, "in").orElse(null),
                words.containsKey("at") ? EntitiesReader.texts(words.get("at")) : null,
                EntitiesReader.text(words, "list").orElse(null), EntitiesReader.text(words, "part").orElse(null),
                EntitiesReader.text(words, "otherwise").orElse(null), EntitiesReader.text(words, "facet").orElse(null),
                take(words), EntitiesReader.flag(words, "repeats"),
                EntitiesReader.flag(words, "optional"), EntitiesReader.text(words, "because").orElse(null),
                EntitiesReader.texts(words.get("add")), EntitiesReader.pairs(words, "rename"),
                shape(words.get("body"), says, entity), knownBy, EntitiesReader.texts(own.get("rest")), sample);
    }

    private Entity entity(Yaml at, Map<String, Yaml> words, String says, boolean asAnother) {
        if (Topics.OF_NO_RECORD.contains(says)) {
            return null;
        }
        if (!words.containsKey("entity")) {
            if (!asAnother) {
                at.fault("the key entity is missing", "name the kind of record, as in `entity: order`");
            }
            return Entity.unknown("");
        }
        String name = words.get("entity").text().orElse("");
        if (!entities.containsKey(name)) {
            words.get("entity").fault("\"" + name + "\" is not in " + EntitiesReader.FILE,
                    Nearest.advice(name, entities.keySet()));
            return Entity.unknown(name);
        }
        return entities.get(name);
    }

    /** What a word of {@code says} can't do without. */
    private void require(Yaml at, Map<String, Yaml> words, String says) {
        if (PARTS.contains(says)) {
            Set<String> lists = entities.getOrDefault(EntitiesReader.text(words, "entity").orElse(""),
                    Entity.unknown("")).lists().keySet();
            String list = EntitiesReader.text(words, "list").orElse("");
            if (!lists.contains(list)) {
                (words.containsKey("list") ? words.get("list") : at).fault(list.isEmpty() ? "the key list is missing"
                        : "\"" + list + "\" is not a list of the entity", Nearest.advice(list, lists));
            }
        }
        if (NAME_THEIR_RECORD.contains(says) && !words.containsKey("id")) {
            at.fault("the key id is missing", "name the field with the record's id, as in `id: order_id`");
        }
        if (says.equals("facet") && !words.containsKey("facet")) {
            at.fault("the key facet is missing", "name the facet, as in `facet: purchasing_summary`");
        }
        if (says.equals(Topics.NOTE) && !words.containsKey("because")) {
            at.fault("the key because is missing", "say why the topic changes no record");
        }
        if (says.equals("consent") && !Consents.FIELDS.contains(EntitiesReader.text(words, "facet").orElse(""))) {
            (words.containsKey("facet") ? words.get("facet") : at).fault("facet is not a consent",
                    Nearest.advice(EntitiesReader.text(words, "facet").orElse(""), Consents.FIELDS));
        }
    }

    /** A list names fields that are called the same in the body. */
    private static Map<String, String> take(Map<String, Yaml> words) {
        Yaml take = words.get("take");
        if (take == null || !take.isList()) {
            return take == null ? null : EntitiesReader.pairs(words, "take");
        }
        Map<String, String> same = new LinkedHashMap<>();
        EntitiesReader.texts(take).forEach(field -> same.put(field, field));
        return same;
    }

    private static TopicShape shape(Yaml at, String says, Entity entity) {
        String type = entity == null ? null : entity.type();
        if (at == null && says.equals("state")) {
            // Nothing else tells it from another topic's.
            return new TopicShape(type, Set.of(), IDS, Set.of(Payload.GID), Set.of(), Set.of());
        } else if (at == null) {
            return says.equals("deleted") ? new TopicShape(type, IDS, Set.of(), Set.of(), Set.of(), Set.of())
                    : TopicShape.ANY;
        }
        Map<String, Yaml> words = at.entries("type", "only", "besides", "some", "or-else", "none");
        return new TopicShape(EntitiesReader.text(words, "type").orElse(null), set(words, "only"),
                set(words, "besides"), set(words, "some"), set(words, "or-else"), set(words, "none"));
    }

    private static Set<String> set(Map<String, Yaml> words, String key) {
        return Set.copyOf(EntitiesReader.texts(words.get(key)));
    }

    /** Two topics by which the same would be recognised: only the first would ever be found. */
    private static void same(Map<String, Yaml> all, Iterable<Topic> topics) {
        Map<Object, String> seen = new HashMap<>();
        for (Topic topic : topics) {
            List<Object> marks = new ArrayList<>(topic.knownBy());
            marks.addAll(topic.rest());
            marks.forEach(mark -> {
                String other = seen.putIfAbsent(mark, topic.name());
                if (other != null) {
                    all.get(topic.name()).fault("is recognised by " + mark + ", like " + other,
                            "keep it in one of them, or name a field that only one of them has");
                }
            });
        }
    }
}
