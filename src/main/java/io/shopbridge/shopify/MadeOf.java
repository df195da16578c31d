package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.FragmentText.Block;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which fields of an answer a body, or a field of it, is made of. Where the app may not read one of these, Shopify's null
 * says nothing, so the body must not say that there is nothing: what is made of it is left out. What nothing is known of
 * is left out too.
 *
 * @param paths  the answer's fields, as in {@code defaultEmailAddress.emailAddress}, without {@code nodes}
 * @param fields of an object or of each object of a list: what its fields are made of. Those that are not among them are
 *               made of the answer's field of the same name, {@code first_name} of {@code firstName}
 */
record MadeOf(List<String> paths, Map<String, MadeOf> fields) {

    private static final Pattern UNDERSCORE = Pattern.compile("_(\\w)");

    /**
     * Reads {@code made-of}: a list of paths for the body as a whole, or a map with paths for its fields.
     *
     * @param from the field of the answer that paths begin at; null: the fragment can't be read
     */
    static MadeOf read(Yaml yaml, FragmentText text, Block from) {
        if ((yaml.isMap() || yaml.isList()) && yaml.json().isEmpty()) {
            yaml.fault("names nothing", "name the fields of the answer, as in `[companyContactProfiles]`, or remove it");
        }
        if (!yaml.isMap()) {
            return new MadeOf((yaml.isList() ? yaml.items() : List.of(yaml)).stream()
                    .flatMap(item -> path(item, text, from).stream()).toList(), Map.of());
        }
        Map<String, MadeOf> fields = new TreeMap<>();
        yaml.entries().forEach((name, value) -> {
            Optional<Block> inside = from == null ? Optional.empty() : text.at(from, answersName(name));
            if (value.isMap() && from != null && inside.isEmpty()) {
                value.fault("the fragment does not ask for " + answersName(name) + ", whose fields these are",
                        "name what the field as a whole is made of");
            }
            fields.put(name, read(value, text, value.isMap() ? inside.orElse(null) : from));
        });
        return new MadeOf(List.of(), fields);
    }

    private static Optional<String> path(Yaml yaml, FragmentText text, Block from) {
        Optional<String> path = yaml.text();
        if (path.isEmpty()) {
            yaml.fault("is no path", "name a field of the fragment, as in `defaultEmailAddress.emailAddress`");
        } else if (from != null && text.at(from, path.get()).isEmpty()) {
            yaml.fault("\"" + path.get() + "\" is not asked for by the fragment", Nearest.advice(path.get(),
                    text.at(from, "nodes").orElse(from).inside().stream().map(Block::name).toList()));
        }
        return path;
    }

    /**
     * Takes out of a body what can't be said.
     *
     * @param denied paths that the app may not read
     * @param answer what the body is made of
     * @return the names of the fields that are left out, of those inside of others with the names that lead to them;
     *         empty: the body itself is
     */
    Optional<Set<String>> leaveOut(ObjectNode body, Set<String> denied, JsonNode answer) {
        if (fields.isEmpty()) {
            return paths.stream().anyMatch(path -> isTouched(path, denied)) ? Optional.empty() : Optional.of(Set.of());
        }
        Set<String> left = new TreeSet<>();
        leaveOut(body, denied, answer, "", left);
        return Optional.of(left);
    }

    private void leaveOut(ObjectNode body, Set<String> denied, JsonNode answer, String inside, Set<String> left) {
        body.properties().removeIf(field -> {
            boolean said = isSaid(field.getKey(), field.getValue(), denied, answer, inside, left);
            if (!said) {
                left.add(inside + field.getKey());
            }
            return !said;
        });
    }

    /** Whether a field stays; of one with fields of its own, some of these may go. */
    private boolean isSaid(String name, JsonNode value, Set<String> denied, JsonNode answer, String inside,
            Set<String> left) {
        MadeOf known = fields.get(name);
        String path = answersName(name);
        if (known != null && known.fields.isEmpty()) {
            return known.paths.stream().noneMatch(one -> isTouched(one, denied));
        }
        if (known == null || denied.contains(path) || !answer.has(path)) {
            return answer.has(path) && !isTouched(path, denied);
        }
        Set<String> within = denied.stream().filter(one -> one.startsWith(path + "."))
                .map(one -> one.substring(path.length() + 1)).collect(Collectors.toSet());
        if (!within.isEmpty()) {
            JsonNode element = element(answer.path(path));
            objects(value).forEach(object -> known.leaveOut(object, within, element, inside + name + ".", left));
        }
        return true;
    }

    private static String answersName(String name) {
        return name.equals(Payload.GID) ? Payload.ID
                : UNDERSCORE.matcher(name).replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
    }

    private static List<ObjectNode> objects(JsonNode value) {
        List<ObjectNode> objects = new ArrayList<>();
        (value.isArray() ? value : List.of(value)).forEach(one -> {
            if (one instanceof ObjectNode object) {
                objects.add(object);
            }
        });
        return objects;
    }

    /** Of a list the first element, since all have the same fields. */
    private static JsonNode element(JsonNode value) {
        JsonNode list = value.path("nodes").isArray() ? value.path("nodes") : value;
        return list.isArray() ? list.path(0) : list;
    }

    private static boolean isTouched(String path, Set<String> denied) {
        return denied.stream().anyMatch(one -> one.equals(path) || one.startsWith(path + ".") || path.startsWith(one + "."));
    }
}
