package io.shopbridge.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import io.shopbridge.map.MappingsAccepted;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Records at each start, and when they are reloaded, which mappings and routes run from now on, if they are others than
 * those that ran last: the digest of each file, and what changed in it as a unified diff.
 */
@Component
class TakenIn implements ApplicationRunner {

    private static final Logger LOG = LoggerFactory.getLogger(TakenIn.class);
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
        Map<String, String> texts;
        try {
            texts = texts();
        } catch (IOException e) {
            // By now changes are delivered: that goes on. Half of the files would look as if the others were deleted.
            LOG.error("Which mappings and routes run now is not in the audit, because they can't all be read: {}. Make that"
                    + " readable for this process, or move it out of the folders of mappings and routes; they are recorded"
                    + " at the next start.", e.toString());
            return;
        }
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
        keep(texts);
        audit.did(DID, "mappings and routes", details);
    }

    /** Under the digest of the file, but without its secrets: what is kept stays for ever, and operators read it. */
    private void keep(Map<String, String> texts) {
        for (String text : new TreeSet<>(texts.values())) {
            database.sql("INSERT INTO taken_in (digest, text) VALUES (?, ?) ON CONFLICT DO NOTHING")
                    .params(DigestUtils.sha256Hex(text), Yaml.masked(text)).update();
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
                        DiffUtils.diff(old, Yaml.masked(text).lines().toList()), CONTEXT));
            }
        }
        return String.join("\n", lines.size() > LONGEST_DIFF ? lines.subList(0, LONGEST_DIFF) : lines)
                + (lines.size() > LONGEST_DIFF ? "\n… and " + (lines.size() - LONGEST_DIFF) + " lines more" : "");
    }

    private List<String> kept(String digest) {
        return database.sql("SELECT text FROM taken_in WHERE digest = ?").param(digest).query(String.class).optional()
                // Earlier versions kept secrets, too.
                .map(text -> Yaml.masked(text).lines().toList()).orElse(List.of());
    }

    /** By their names as in {@code mappings/hubspot/crm.yaml}, wherever the folders are. */
    private Map<String, String> texts() throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (Map.Entry<String, Path> folder : folders.entrySet()) {
            // Folders and files may be links, as those of a Kubernetes ConfigMap are.
            Path root = folder.getValue().toRealPath();
            Files.walkFileTree(root, Set.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes is) {
                    return isHidden(root, path) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path path, BasicFileAttributes is) throws IOException {
                    if (is.isRegularFile() && !isHidden(root, path)
                            && ENDINGS.contains(path.toString().replaceFirst(".*\\.", ""))) {
                        texts.put(folder.getKey() + "/" + root.relativize(path).toString().replace('\\', '/'), text(path));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
                    return isHidden(root, path) ? FileVisitResult.CONTINUE : super.visitFileFailed(path, e);
                }
            });
        }
        return texts;
    }

    /** A ConfigMap has its files once more in a folder {@code ..2026_11_27_…}, by another name after each change. */
    private static boolean isHidden(Path root, Path path) {
        return !path.equals(root) && path.getFileName().toString().startsWith(".");
    }

    private static String text(Path file) throws IOException {
        // A zero byte is no text for PostgreSQL.
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    }
}
