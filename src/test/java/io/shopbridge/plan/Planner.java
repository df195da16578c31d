package io.shopbridge.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.crm.Crms;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.util.FileSystemUtils;

/** Whoever edits mappings: changes a copy of the folder, has it planned by the API, and takes it in. */
public final class Planner {

    private final RunningShopbridge shopbridge;
    private final Path running;

    /** @param running the folder that Shopbridge runs with */
    public Planner(RunningShopbridge shopbridge, Path running) {
        this.shopbridge = shopbridge;
        this.running = running;
    }

    public static Path copy(Path folder) {
        try {
            Path copy = Files.createTempDirectory("plan-test");
            FileSystemUtils.copyRecursively(folder, copy);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void replace(Path file, String from, String to) {
        try {
            String text = Files.readString(file);
            assertThat(text).as(file.toString()).contains(from);
            Files.writeString(file, text.replace(from, to));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] zip(Path folder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes); Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    static String path(long id) {
        return "/api/v1/plans/" + id;
    }

    /** @throws IllegalStateException with the answer, if it is refused */
    public JsonNode begin(byte[] zip, String query) {
        return begin(zip, query, "application/zip");
    }

    JsonNode begin(byte[] zip, String query, String type) {
        String login = Base64.getEncoder().encodeToString(
                ("operator:" + RunningShopbridge.PASSWORD).getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> answer = shopbridge.send(HttpRequest.newBuilder(shopbridge.uri("/api/v1/plans" + query))
                .header("Authorization", "Basic " + login).header("Content-Type", type)
                .POST(BodyPublishers.ofByteArray(zip)).build());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
        }
        return shopbridge.object(answer.body());
    }

    public JsonNode find(long id) {
        return shopbridge.operator("GET", path(id));
    }

    JsonNode planned(JsonNode begun) {
        long id = begun.path("id").asLong();
        await().until(() -> !find(id).path("state").asText().equals("planning"));
        assertThat(find(id).path("state").asText()).as(find(id).toString()).isEqualTo("planned");
        return find(id);
    }

    /** As after a start with this folder. */
    public void takeIn(Path folder) {
        try {
            FileSystemUtils.deleteRecursively(running);
            FileSystemUtils.copyRecursively(folder, running);
            shopbridge.bean(Crms.class).reload();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
