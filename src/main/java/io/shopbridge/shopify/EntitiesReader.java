package io.shopbridge.shopify;

import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code entities.yaml}. */
final class EntitiesReader {

    static final String FILE = GraphqlTypes.FOLDER + "/entities.yaml";
    /** Words of mappings, addresses and metrics are made of it. */
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
    private static final String ADDRESS = "address";

    private final Path mappingsDir;
    private final List<Fault> faults;

    EntitiesReader(Path mappingsDir, List<Fault> faults) {
        this.mappingsDir = mappingsDir;
        this.faults = faults;
    }

    Map<String, Entity> read() {
        Map<String, Entity> entities = new LinkedHashMap<>();
        Path file = mappingsDir.resolve(FILE);
        if (Files.exists(file)) {
            Yaml.read(mappingsDir, file, faults).ifPresent(yaml ->
                    yaml.entries().forEach((name, at) -> entities.put(name, entity(name, at))));
        }
        entities.values().forEach(entity -> entity.lists().values().stream().filter(list -> list.record() != null
                && !entities.containsKey(list.record())).forEach(list -> faults.add(new Fault(FILE, 0, entity.name()
                        + ".lists." + list.list() + ".record", "names " + list.record() + ", which is no kind of record",
                        "write one of " + String.join(", ", entities.keySet())))));
        return entities;
    }

    private static Entity entity(String name, Yaml at) {
        if (!NAME.matcher(name).matches()) {
            at.fault("is not a name", "write small letters, digits and _, as in draft_order");
        }
        Map<String, Yaml> words = at.entries("description", "type", "scope", "facet", "id", "lists", "all", "apart",
                "together", "whole", "never", "keep", "as-list", "ids", "buyer", "many",
                "with");
        Map<String, Entity.Part> lists = new LinkedHashMap<>();
        Map<String, String> prefixes = new HashMap<>();
        entries(words, "lists").forEach((list, part) -> {
            Entity.Part read = part(list, part);
            lists.put(list, read);
            String other = prefixes.putIfAbsent(read.facet(), list);
            if (other != null) {
                part.fault("its facets have the same name as those of " + other, "choose another word for facet");
            }
        });
        String facet = text(words, "facet").orElse(name);
        Set<String> apart = new LinkedHashSet<>(texts(words.get("apart")));
        Map<String, List<String>> together = new LinkedHashMap<>();
        entries(words, "together").forEach((one, fields) -> together.put(one, texts(fields)));
        if (apart.contains(facet) || together.containsKey(facet)) {
            at.fault("has the name of the main facet " + facet, "choose another word for facet");
        }
        return new Entity(name, text(words, "type").orElse(null), text(words, "scope").orElse(null), facet,
                texts(words.get("id")), lists, pairs(words, "all"), apart, together,
                whole(words.get("whole")), Set.copyOf(texts(words.get("never"))),
                Set.copyOf(texts(words.get("keep"))), pairs(words, "as-list"),
                pairs(words, "ids"), flag(words, "buyer"), flag(words, "many"),
                text(words, "with").orElse(null));
    }

    private static Entity.Part part(String list, Yaml at) {
        Map<String, Yaml> words = at.entries("description", "facet", "inside", "by-field", "first", "listed", "record",
                "hidden", "money", "whole");
        Optional<String> facet = text(words, "facet");
        if (facet.isEmpty()) {
            at.fault("the key facet is missing", "give the name before each id, as in `facet: refund`");
        } else if (!NAME.matcher(facet.get()).matches()) {
            words.get("facet").fault("is not a name", "write small letters, digits and _, as in refund");
        }
        return new Entity.Part(list, facet.orElse(list), flag(words, "inside"), flag(words, "by-field"),
                text(words, "first").orElse(null), text(words, "listed").orElse(null),
                text(words, "record").orElse(null), flag(words, "hidden"), flag(words, "money"),
                whole(words.get("whole")));
    }

    private static PartlyNamed whole(Yaml at) {
        if (at == null) {
            return PartlyNamed.NOTHING;
        }
        Map<String, List<Set<String>>> keys = new HashMap<>();
        at.entries().forEach((field, names) -> {
            List<String> all = texts(names);
            List<Set<String>> alternatives = new ArrayList<>();
            all.forEach(one -> alternatives.add(Set.of(one.split("\\|"))));
            keys.put(field, all.equals(List.of(ADDRESS)) && !names.isList() ? Person.OF_WHOLE_ADDRESS : alternatives);
        });
        return new PartlyNamed(Map.copyOf(keys));
    }

    static Map<String, String> pairs(Map<String, Yaml> words, String key) {
        Map<String, String> pairs = new LinkedHashMap<>();
        entries(words, key).forEach((name, value) -> value.text().ifPresent(text -> pairs.put(name, text)));
        return pairs;
    }

    static List<String> texts(Yaml at) {
        List<String> texts = new ArrayList<>();
        if (at != null) {
            at.items().forEach(item -> item.text().ifPresent(texts::add));
        }
        return List.copyOf(texts);
    }

    static Optional<String> text(Map<String, Yaml> words, String key) {
        return words.containsKey(key) ? words.get(key).text() : Optional.empty();
    }

    static boolean flag(Map<String, Yaml> words, String key) {
        return words.containsKey(key) && words.get(key).flag(false);
    }

    private static Map<String, Yaml> entries(Map<String, Yaml> words, String key) {
        return words.containsKey(key) ? words.get(key).entries() : Map.of();
    }
}
