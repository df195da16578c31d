package io.shopbridge.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import io.shopbridge.map.MappingsAccepted;
import io.shopbridge.store.ShopbridgeSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Records at each start, and when they are reloaded, which mappings and routes run from now on, if they are others than those that ran last: the
 * digest of each file, and what changed in it as a unified diff.
 */
@Component
class TakenIn implements ApplicationRunner {

    private static final String DID = "took in";
    private static final String FILES = "files";
    private static final Set<String> ENDINGS = Set.of("yaml", "jq", "graphql", "json");
    private static final int CONTEXT = 2;
    /** Lines; a person who compares more does it with the files. */
    private static final int LONGEST_DIFF = 2_000;
    /** Of the lock that lets one process of many look at a time; a number of no other meaning. */
    private static final long LOCK = 7_300_411;

    private final JdbcClient database;
    private final ObjectMapper json;
    private final Audit audit;
    private final Map<String, Path> folders;

    TakenIn(JdbcClient database, ObjectMapper json, Audit audit, ShopbridgeSettings settings) {
        this.database = database;
        this.json = json;
        this.audit = audit;
        this.folders = Map.of("mappings", settings.mappingsDir(), "routes", settings.routesDir());
    }

    @Override
    @Transactional
    public void run(ApplicationArguments arguments) throws JsonProcessingException {
        record();
    }

    /** Where mappings are reloaded when they are saved. */
    @EventListener
    @Transactional
    public void accepted(MappingsAccepted mappings) throws JsonProcessingException {
        record();
    }

    private void record() throws JsonProcessingException {
        Map<String, String> texts = texts();
        ObjectNode files = json.createObjectNode();
        texts.forEach((name, text) -> files.put(name, DigestUtils.sha256Hex(text)));
        database.sql("SELECT pg_advisory_xact_lock(?)").param(LOCK).query(row -> { });
        Optional<String> last = database.sql("SELECT details FROM audit WHERE did = ? ORDER BY id DESC LIMIT 1").param(DID)
                .query(String.class).optional();
        JsonNode before = last.isEmpty() ? json.createObjectNode() : json.readTree(last.get()).path(FILES);
        if (files.equals(before)) {
            return;
        }
        ObjectNode details = json.createObjectNode();
        details.put("digest", DigestUtils.sha256Hex(files.toString()));
        if (last.isPresent()) {
            details.put("diff", diff(before, texts));
        }
        details.set(FILES, files);
        keep(texts.values());
        audit.did(DID, "mappings and routes", details);
    }

    private void keep(Collection<String> texts) {
        for (String text : new TreeSet<>(texts)) {
            database.sql("INSERT INTO taken_in (digest, text) VALUES (?, ?) ON CONFLICT DO NOTHING")
                    .params(DigestUtils.sha256Hex(text), text).update();
        }
    }

    private String diff(JsonNode before, Map<String, String> now) {
        Set<String> names = new TreeSet<>(now.keySet());
        before.fieldNames().forEachRemaining(names::add);
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            String digest = before.path(name).asText("");
            String text = now.getOrDefault(name, "");
            if (!digest.equals(now.containsKey(name) ? DigestUtils.sha256Hex(text) : "")) {
                List<String> old = digest.isEmpty() ? List.of() : kept(digest);
                lines.addAll(UnifiedDiffUtils.generateUnifiedDiff(name, name, old,
                        DiffUtils.diff(old, text.lines().toList()), CONTEXT));
            }
        }
        return String.join("\n", lines.size() > LONGEST_DIFF ? lines.subList(0, LONGEST_DIFF) : lines)
                + (lines.size() > LONGEST_DIFF ? "\n… and " + (lines.size() - LONGEST_DIFF) + " lines more" : "");
    }

    private List<String> kept(String digest) {
        return database.sql("SELECT text FROM taken_in WHERE digest = ?").param(digest).query(String.class).optional()
                .map(text -> text.lines().toList()).orElse(List.of());
    }

    /** By their names as in {@code mappings/hubspot/crm.yaml}, wherever the folders are. */
    private Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        folders.forEach((name, folder) -> {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> ENDINGS.contains(file.toString().replaceFirst(".*\\.", "")))
                        .filter(Files::isRegularFile).forEach(file ->
                                texts.put(name + "/" + folder.relativize(file).toString().replace('\\', '/'), text(file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return texts;
    }

    private static String text(Path file) {
        try {
            // A zero byte is no text for PostgreSQL.
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace('\0', '\uFFFD');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
