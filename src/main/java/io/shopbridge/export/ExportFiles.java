package io.shopbridge.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Values;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads {@code mappings/exports}, and says everything that is wrong with it at once. */
public final class ExportFiles {

    private static final MappingContext DRY = new MappingContext("sample", "US");
    private static final String ENTITY = "entity";
    private static final String EACH = "each";
    private static final String COLUMNS = "columns";
    /** What stands in the address of an export, and in names of files that are deleted when they are old. */
    static final Pattern NAME = Pattern.compile("[a-z0-9_-]+");
    private static final String JQ = "see the jq 1.7 manual, https://jqlang.org/manual/v1.7/";

    private final Path root;
    private final List<Fault> faults;

    private ExportFiles(Path root, List<Fault> faults) {
        this.root = root;
        this.faults = faults;
    }

    /** @throws InvalidMappings with everything that is wrong */
    static List<Export> load(Path root) {
        List<Fault> faults = new ArrayList<>();
        List<Export> exports = read(root, faults);
        InvalidMappings.refuse(faults);
        return exports;
    }

    /** @param root the mappings folder */
    public static List<Export> read(Path root, List<Fault> faults) {
        ExportFiles files = new ExportFiles(root, faults);
        List<Export> exports = new ArrayList<>();
        for (Path file : files(root.resolve("exports"), ".yaml")) {
            Yaml.read(root, file, faults).flatMap(yaml -> files.read(name(file), yaml)).ifPresent(exports::add);
        }
        return exports;
    }

    private Optional<Export> read(String name, Yaml yaml) {
        int before = faults.size();
        if (!NAME.matcher(name).matches()) {
            yaml.fault("the file's name is no name of an export", "name it with small letters, digits, - and _ alone, as in"
                    + " line-items.yaml");
        }
        Map<String, Yaml> parts = yaml.entries("description", ENTITY, EACH, COLUMNS);
        if (TableExport.NAMES.contains(name)) {
            yaml.fault("there is an export of this name already", "name the file otherwise than "
                    + String.join(", ", TableExport.NAMES));
        }
        String entity = yaml.required(parts, ENTITY, "name the kind of record, as in `entity: order`")
                .flatMap(Yaml::text).orElse("");
        Optional<JsonNode> sample = sample(parts.get(ENTITY), entity);
        Expression each = parts.containsKey(EACH) ? compiled(parts.get(EACH)) : null;
        Map<String, Expression> columns = new LinkedHashMap<>();
        yaml.required(parts, COLUMNS, "name at least one, as in `email: .email`").ifPresent(all ->
                all.entries().forEach((column, from) -> columns.put(column, compiled(from))));
        if (faults.size() > before) {
            return Optional.empty();
        }
        Export export = new Export(name, entity, each, columns);
        sample.ifPresent(record -> dryRun(export, parts, record));
        return faults.size() > before ? Optional.empty() : Optional.of(export);
    }

    private static void dryRun(Export export, Map<String, Yaml> parts,
            JsonNode record) {
        Map<String, Yaml> columns = parts.get(COLUMNS).entries();
        try {
            export.rows(record, DRY, column -> columns.get(column).fault("gives not one value for the record in samples/",
                    "correct the jq: it must give exactly one"));
        } catch (ExpressionFailed e) {
            parts.get(EACH).fault(e.getMessage(), e.advice("it must give the elements of the record in samples/"));
        }
    }

    private Optional<JsonNode> sample(Yaml at, String entity) {
        Set<String> known = new TreeSet<>();
        files(root.resolve("samples"), ".json").forEach(file -> known.add(name(file)));
        if (at != null && !known.contains(entity)) {
            at.fault("there is no samples/" + entity + ".json", Nearest.advice(entity, known));
            return Optional.empty();
        }
        try {
            return Optional.of(Values.read(root.resolve("samples").resolve(entity + ".json")));
        } catch (IOException e) {
            return Optional.empty();        // said by who reads the samples
        }
    }

    private static Expression compiled(Yaml at) {
        try {
            Expression expression = Expression.compile(at.text().orElse("null"));
            expression.faultOnNull().ifPresent(wrong -> at.fault(wrong.getMessage(), wrong.advice(JQ)));
            return expression;
        } catch (IllegalArgumentException e) {
            at.fault(e.getMessage(), JQ);
            return Expression.compile("null");
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    }

    private static List<Path> files(Path folder, String ending) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
