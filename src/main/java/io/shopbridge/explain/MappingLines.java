package io.shopbridge.explain;

import io.shopbridge.map.Mapping;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where the fields of a mapping stand in its file, as {@code hubspot/order-to-order.yaml:42}. */
final class MappingLines {

    private static final String FIELDS = "fields";

    private final String file;
    private final Map<String, Integer> lines = new HashMap<>();

    private MappingLines(String file) {
        this.file = file;
    }

    /**
     * Of a file as it is now.
     *
     * @param store what it says otherwise for this store counts
     * @param child name of a part of the record; null: the record itself
     */
    static MappingLines of(Mapping mapping, String store, String child) {
        Path folder = mapping.file().toAbsolutePath().getParent();
        MappingLines lines = new MappingLines(folder.getFileName() + "/" + mapping.file().getFileName());
        Yaml.read(folder, mapping.file().toAbsolutePath(), new ArrayList<>()).filter(Yaml::isMap).ifPresent(yaml -> {
            Optional<Yaml> shape = child == null ? Optional.of(yaml) : in(yaml, "children", child);
            shape.ifPresent(lines::take);
            if (child == null) {
                in(yaml, "stores", store).ifPresent(lines::take);
            }
        });
        return lines;
    }

    private void take(Yaml shape) {
        in(shape, "identity", "external-id").flatMap(key -> in(key, "field")).ifPresent(field ->
                field.text().ifPresent(name -> lines.put(name, field.line())));
        in(shape, FIELDS).filter(Yaml::isMap).ifPresent(fields ->
                fields.entries().forEach((name, field) -> lines.put(name, field.line())));
        in(shape, "links").filter(Yaml::isMap).ifPresent(links -> links.entries().values().forEach(link ->
                in(link, "field").flatMap(Yaml::text).ifPresent(name -> lines.put(name, link.line()))));
    }

    private static Optional<Yaml> in(Yaml yaml, String... keys) {
        Optional<Yaml> at = Optional.of(yaml);
        for (String key : keys) {
            at = at.filter(Yaml::isMap).map(Yaml::entries).map(entries -> entries.get(key));
        }
        return at;
    }

    /** Null where it stands nowhere. */
    String of(String field) {
        return lines.containsKey(field) ? file + ":" + lines.get(field) : null;
    }

    String file() {
        return file;
    }
}
