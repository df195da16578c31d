package io.shopbridge.lint;

import io.shopbridge.crm.Operation;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What a crm.yaml must define for the mappings beside it, and which names they may use. */
final class CrmRules {

    private CrmRules() {
    }

    static void check(Path root, Path folder, Yaml crm, List<Yaml> mappings, List<Fault> faults) {
        Map<String, Yaml> entries = crm.entries();
        boolean rest = entries.containsKey("transport")
                && entries.get("transport").text().filter("rest"::equals).isPresent();
        if (rest && entries.containsKey("operations") && entries.get("operations").isMap()) {
            operations(entries.get("operations"), entries.get("objects"), mappings);
        }
        if (!entries.containsKey("texts") && !mappings.isEmpty()) {
            crm.untested("the key texts is missing, so a text that is too long is refused instead of cut",
                    "give the longest texts that this CRM takes, as in `texts: { usual: 255, longest: 5000 }`");
        }
        if (entries.containsKey("description")) {
            Path file = folder.resolve(entries.get("description").text().orElse("")).normalize();
            // Messages quote what is read, and a folder that is planned comes from outside.
            if (!folder.normalize().equals(file.getParent())) {
                entries.get("description").fault("is not beside this file", "name a file of the same folder");
                return;
            }
            if (!Files.isRegularFile(file)) {
                entries.get("description").fault("there is no " + file.getFileName() + " beside this file",
                        "name a file with `objects: { contacts: [email, …] }`");
                return;
            }
            Yaml.read(root, file, faults).filter(Yaml::isMap).map(Yaml::entries)
                    .filter(keys -> keys.containsKey("objects") && keys.get("objects").isMap())
                    .ifPresentOrElse(keys -> names(keys.get("objects").entries(), mappings),
                            () -> entries.get("description").fault("describes no objects",
                                    "name a file beside this one with `objects: { contacts: [email, …] }`"));
        }
    }

    private static void operations(Yaml at, Yaml objects, List<Yaml> mappings) {
        Map<String, Yaml> there = at.entries();
        need(there, at, Operation.READ, "decisions look at the CRM's values");
        need(there, at, Operation.UPDATE, "what is linked is updated");
        if (!has(there, Operation.CREATE) && !has(there, Operation.UPSERT)) {
            at.fault("the operation create is missing", "new records are created or upserted: write one of them");
        }
        for (Yaml mapping : mappings) {
            Map<String, Yaml> entries = mapping.entries();
            if (entries.containsKey("identity")) {
                need(there, at, Operation.FIND, mapping.file() + " identifies records");
            }
            for (Yaml shape : MappingRules.shapes(mapping)) {
                if (shape.entries().containsKey("links") && shape.entries().get("links").isMap()) {
                    shape.entries().get("links").entries().values().stream()
                            .filter(link -> link.isMap() && link.entries().containsKey("associate"))
                            .forEach(link -> {
                                need(there, at, Operation.ASSOCIATE, mapping.file() + " associates records");
                                if (link.entries().containsKey("label")) {
                                    need(there, at, Operation.ASSOCIATE_AS, mapping.file() + " names a label");
                                    need(there, at, Operation.LABELS, mapping.file() + " names a label");
                                }
                            });
                }
                boolean removable = shape != mapping && !shape.entries().containsKey("inside")
                        && !shape.entries().containsKey("shared");
                if (removable && !has(ownOperations(objects, shape), Operation.ARCHIVE)) {
                    need(there, at, Operation.ARCHIVE, mapping.file() + " has children that an edit may remove");
                }
            }
        }
    }

    /** What the object of a mapping or of its children does otherwise than the common operations say. */
    private static Map<String, Yaml> ownOperations(Yaml objects, Yaml shape) {
        Yaml object = shape.entries().get("crm");
        Yaml own = objects == null || !objects.isMap() || object == null ? null
                : objects.entries().get(object.text().orElse(""));
        return own == null || !own.isMap() ? Map.of() : own.entries();
    }

    private static boolean has(Map<String, Yaml> there, Operation operation) {
        return there.containsKey(operation.toString());
    }

    private static void need(Map<String, Yaml> there, Yaml at, Operation operation, String why) {
        if (!has(there, operation)) {
            at.fault("the operation " + operation + " is missing", "write it, because " + why);
        }
    }

    private static void names(Map<String, Yaml> objects, List<Yaml> mappings) {
        Map<String, List<String>> known = new HashMap<>();
        objects.forEach((object, fields) -> {
            List<String> names = new ArrayList<>();
            if (fields.isMap()) {
                names.addAll(fields.entries().keySet());
            } else {
                fields.items().forEach(item -> item.text().ifPresent(names::add));
            }
            known.put(object, names);
        });
        for (Yaml mapping : mappings) {
            for (Yaml shape : MappingRules.shapes(mapping)) {
                Yaml object = shape.entries().get("crm");
                String name = object == null ? null : object.text().orElse("");
                if (name != null && !known.containsKey(name)) {
                    object.fault("the CRM's description has no object \"" + name + "\"",
                            Nearest.advice(name, new TreeSet<>(known.keySet())));
                } else if (name != null) {
                    MappingRules.writers(shape).forEach(writer -> {
                        if (!known.get(name).contains(writer.field())) {
                            writer.at().fault("the CRM's description of " + name + " has no field \"" + writer.field()
                                    + "\"", Nearest.advice(writer.field(), known.get(name)));
                        }
                    });
                }
            }
        }
    }
}
