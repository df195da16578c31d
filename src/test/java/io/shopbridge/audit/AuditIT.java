package io.shopbridge.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.TestDatabase;
import io.shopbridge.store.ShopbridgeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The audit on a real PostgreSQL. */
class AuditIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static TestDatabase database;
    private static JdbcClient client;
    @TempDir
    private Path folder;

    @BeforeAll
    static void makeDatabase() {
        database = TestDatabase.migrated();
        client = JdbcClient.create(database.dataSource());
    }

    @AfterAll
    static void dropDatabase() {
        database.close();
    }

    @Test
    void whatWasRecordedStays() {
        new Audit(client).did("replayed", "rejection 1");
        List<String> changes = List.of("UPDATE audit SET who = 'nobody'", "DELETE FROM audit", "TRUNCATE audit",
                "DELETE FROM taken_in", "UPDATE taken_in SET text = ''");
        for (String change : changes) {
            assertThatThrownBy(() -> client.sql(change).update()).as(change).rootCause()
                    .hasMessageContaining("permission denied");
        }
        client.sql("GRANT UPDATE, DELETE, TRUNCATE ON audit, taken_in TO CURRENT_USER").update();
        for (String change : changes) {
            assertThatThrownBy(() -> client.sql(change).update()).as("by one with all rights: " + change).rootCause()
                    .hasMessageContaining("is only added to");
        }
        assertThat(client.sql("SELECT who FROM audit WHERE what = 'rejection 1'").query(String.class).list())
                .containsExactly("shopbridge");
    }

    @Test
    void mappingsThatAreTakenInAreRecordedOnceWithWhatChanged() throws IOException {
        Path mapping = write("mappings/hubspot/customer-to-contact.yaml", "shopify: customer\ncrm: contacts\n");
        Path route = write("routes/accept.camel.yaml", "- route: {}\n");
        write("mappings/hubspot/NOTES.md", "words of people");
        long before = last();
        start();
        assertThat(entries(before)).singleElement().satisfies(first -> {
            assertThat(first.path("files").properties()).extracting(Map.Entry::getKey)
                    .containsExactly("mappings/hubspot/customer-to-contact.yaml", "routes/accept.camel.yaml");
            assertThat(first.path("digest").asText()).hasSize(64);
        });

        start();
        assertThat(entries(before)).as("the next start changes nothing").hasSize(1);

        Files.writeString(mapping, "shopify: customer\ncrm: Contact\n");
        Files.delete(route);
        write("routes/poll.camel.yaml", "- from: {}\n");
        start();
        assertThat(entries(before)).hasSize(2);
        assertThat(entries(before).get(1).path("diff").asText().lines()).contains(
                "--- mappings/hubspot/customer-to-contact.yaml", " shopify: customer", "-crm: contacts", "+crm: Contact",
                "--- routes/accept.camel.yaml", "-- route: {}", "+- from: {}");

        Files.writeString(mapping, "shopify: customer\ncrm: contacts\n");
        start();
        assertThat(entries(before)).as("and back").hasSize(3);
        assertThat(entries(before).get(2).path("diff").asText()).contains("-crm: Contact", "+crm: contacts");
    }

    /** As Kubernetes mounts a ConfigMap; the folder itself is a link here, too. */
    @Test
    void linkedFilesAreRecordedOnceByTheirNames() throws IOException {
        write("real/..2026_1/crm.yaml", "name: linked\n");
        Path data = Files.createSymbolicLink(folder.resolve("real/..data"), Path.of("..2026_1"));
        Files.createSymbolicLink(folder.resolve("real/crm.yaml"), Path.of("..data/crm.yaml"));
        Files.createSymbolicLink(folder.resolve("mappings"), folder.resolve("real"));
        Files.createDirectories(folder.resolve("routes"));
        long before = last();
        start();
        assertThat(entries(before)).singleElement().satisfies(entry -> assertThat(entry.path("files").properties())
                .extracting(Map.Entry::getKey).containsExactly("mappings/crm.yaml"));

        write("real/..2026_2/crm.yaml", "name: linked\n");
        Files.delete(data);
        Files.createSymbolicLink(data, Path.of("..2026_2"));
        start();
        assertThat(entries(before)).as("mounted anew").hasSize(1);
    }

    /** Deliveries have begun by then. */
    @Test
    void whatCantBeReadEndsNothingAndRecordsNothing() throws IOException {
        write("mappings/crm.yaml", "name: unread\n");
        long before = last();
        start();
        assertThat(entries(before)).as("no folder of routes").isEmpty();

        write("routes/accept.camel.yaml", "- route: {unread: 1}\n");
        Path loop = Files.createSymbolicLink(folder.resolve("routes/loop"), folder.resolve("routes"));
        start();
        assertThat(entries(before)).as("a folder that can't be read").isEmpty();

        Files.delete(loop);
        start();
        assertThat(entries(before)).hasSize(1);
    }

    @Test
    void secretsInFilesAreNotKept() throws IOException {
        write("mappings/crm.yaml", "name: secret\n");
        String old = "shpat_0123456789abcdef";
        Path route = write("routes/own.camel.yaml", "- setHeader: " + old + "\n- to: one\n");
        // As an earlier version kept it.
        client.sql("INSERT INTO taken_in (digest, text) VALUES (?, ?)").params(DigestUtils.sha256Hex(
                Files.readString(route)), Files.readString(route)).update();
        long before = last();
        start();
        Files.writeString(route, "- setHeader: pat-eu1-01234567-89ab\n- to: two\n");
        start();
        assertThat(entries(before)).hasSize(2);
        assertThat(entries(before).get(1).path("diff").asText()).contains("-- to: one", "+- to: two", "setHeader: ***")
                .doesNotContain("shpat_", "pat-eu1-");
        assertThat(client.sql("SELECT count(*) FROM taken_in WHERE text LIKE '%pat-eu1%'").query(Long.class).single()).isZero();
    }

    private void start() throws JsonProcessingException {
        ShopbridgeSettings settings = new Binder(new MapConfigurationPropertySource(Map.of(
                "shopbridge.mappings-dir", folder.resolve("mappings").toString(),
                "shopbridge.routes-dir", folder.resolve("routes").toString())))
                .bind("shopbridge", ShopbridgeSettings.class).get();
        new TakenIn(client, JSON, new Audit(client), settings).run(null);
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static long last() {
        return client.sql("SELECT coalesce(max(id), 0) FROM audit").query(Long.class).single();
    }

    private static List<JsonNode> entries(long after) {
        return client.sql("SELECT details FROM audit WHERE did = 'took in' AND id > ? ORDER BY id").param(after)
                .query(String.class).list().stream().map(AuditIT::json).toList();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
