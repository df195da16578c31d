package io.shopbridge.doctor;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.FieldKind;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Field;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads from an account's mappings which fields each of its objects must have. */
final class NeededFields {

    private static final int USUAL_TEXT = 255;

    private final Crm crm;
    private final Path tables;
    private final Map<String, Map<String, NeededField>> byObject = new LinkedHashMap<>();

    private NeededFields(Crm crm, Path mappingsDir) {
        this.crm = crm;
        this.tables = mappingsDir.resolve("tables");
    }

    /** Per object of the CRM, in the order of the mapping files, its fields in the order of the file. */
    static Map<String, List<NeededField>> of(Crm crm, Path mappingsDir) {
        NeededFields needed = new NeededFields(crm, mappingsDir);
        for (Mapping mapping : crm.mappings()) {
            needed.add(mapping.object(), mapping.fields(), mapping.links(), mapping.object());
            mapping.inside().forEach(child -> needed.put(new NeededField(mapping.object(), child.inside(), null, 0,
                    false, List.of())));
            for (ChildMapping child : mapping.children()) {
                needed.add(child.object(), child.fields(), child.links(), mapping.object());
            }
        }
        Map<String, List<NeededField>> lists = new LinkedHashMap<>();
        needed.byObject.forEach((object, fields) -> lists.put(object, List.copyOf(fields.values())));
        return lists;
    }

    /** @param parent the object that the mapping is of */
    private void add(String object, List<Field> fields, List<RecordLink> links, String parent) {
        for (Field field : fields) {
            NeededField needed = needed(object, field);
            if (!needed.name().contains(".")) {
                put(needed);
            } else if (!needed.name().startsWith(object + ".")) {
                // A dotted name tells what is made of another object where it is missing: Product2.Name.
                String[] names = needed.name().split("\\.", 2);
                boolean key = fields.stream().anyMatch(other -> other.isKey() && other.name().equals(names[1]));
                put(new NeededField(names[0], names[1], needed.kind(), needed.length(), key, needed.choices()));
            }
        }
        for (RecordLink link : links) {
            if (link.field() != null) {
                String to = link.toParent() ? parent : crm.mapping(link.to()).map(Mapping::object).orElse(null);
                put(new NeededField(object, link.field(), FieldKind.REFERENCE, 0, false, List.of(), to, link.toParent()));
            }
        }
    }

    private void put(NeededField field) {
        byObject.computeIfAbsent(field.object(), name -> new LinkedHashMap<>()).putIfAbsent(field.name(), field);
    }

    private NeededField needed(String object, Field field) {
        if (field.isKey()) {
            return new NeededField(object, field.name(), FieldKind.TEXT, USUAL_TEXT, true, List.of());
        }
        if (field.source().isEmpty()) {
            return new NeededField(object, field.name(), null, 0, false, List.of());
        }
        Field.Source source = field.source().get();
        if (source.table() != null) {
            List<String> choices = choices(source);
            return Set.of("true", "false").containsAll(choices)
                    ? new NeededField(object, field.name(), FieldKind.BOOLEAN, 0, false, List.of())
                    : new NeededField(object, field.name(), FieldKind.CHOICE, USUAL_TEXT, false, choices);
        }
        FieldKind kind = FieldKind.TEXT;
        int length = USUAL_TEXT;
        for (String cleaner : source.clean()) {
            String[] words = cleaner.strip().split("\\s+");
            switch (words[0]) {
                case "decimal", "integer", "number" -> kind = FieldKind.NUMBER;
                case "boolean" -> kind = FieldKind.BOOLEAN;
                case "date" -> kind = FieldKind.TIME;
                case "day" -> kind = FieldKind.DAY;
                case "max-length" -> length = Integer.parseInt(words[1]);
                case "join" -> length = 0;
                default -> { }
            }
        }
        return new NeededField(object, field.name(), kind, length, false, List.of());
    }

    private List<String> choices(Field.Source source) {
        TreeSet<String> choices = new TreeSet<>();
        Yaml.read(tables.getParent(), tables.resolve(source.table() + ".yaml"), new ArrayList<>())
                .ifPresent(table -> {
                    table.json().path("values").forEach(value -> choices.add(value.asText()));
                    if (table.json().has("otherwise")) {
                        choices.add(table.json().get("otherwise").asText());
                    }
                });
        if (source.otherwise() != null && !source.otherwise().isNull()) {
            choices.add(source.otherwise().asText());
        }
        return List.copyOf(choices);
    }
}
