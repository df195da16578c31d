package io.shopbridge.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The simulated CRM in a process of its own, as strict as the CRM is. What it holds, and since when, is the measure. */
final class CrmDouble implements AutoCloseable {

    static final String TOKEN = "bench-token";

    /** One record in the CRM: the version it carries, and when the CRM took it, in ms since the epoch. */
    record Held(int version, long appliedAt) {
    }

    private final Child child;
    private final boolean hubspot;
    private final int port;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    private CrmDouble(Child child, boolean hubspot, int port) {
        this.child = child;
        this.hubspot = hubspot;
        this.port = port;
    }

    /**
     * @param project whose mappings say which fields the CRM has
     * @param limited whether it refuses more calls than the CRM allows
     */
    static CrmDouble start(Path project, Path directory, Path jar, String crm, boolean limited, int hubspotPort,
            int crmOnePort) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Child.java(), "-Xmx512m", "-XX:+UseSerialGC", "-cp",
                jar.toString(), "io.shopbridge.sandbox.SimulatedCrms", "--token=" + TOKEN,
                "--hubspot-port=" + hubspotPort, "--crm-one-port=" + crmOnePort));
        if (!limited) {
            command.add("--unlimited");
        }
        Child child = Child.start(project, directory.resolve("crm.log"), command);
        boolean hubspot = crm.equals("hubspot");
        CrmDouble crmDouble = new CrmDouble(child, hubspot, hubspot ? hubspotPort : crmOnePort);
        for (int i = 0; i < 100 && child.alive(); i++) {
            try {
                crmDouble.calls();
                return crmDouble;
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        crmDouble.close();
        throw new IOException("The simulated CRM does not answer; its log is " + child.log());
    }

    int port() {
        return port;
    }

    void latency(int millis) throws IOException, InterruptedException {
        send("faults", "POST", "{\"latency-ms\":" + millis + "}");
    }

    /** How many calls it has had. */
    long calls() throws IOException, InterruptedException {
        long calls = 0;
        for (JsonNode count : send("calls", "GET", "")) {
            calls += count.asLong();
        }
        return calls;
    }

    /** The same by method and path. */
    Map<String, Long> callsByPath() throws IOException, InterruptedException {
        Map<String, Long> calls = new HashMap<>();
        send("calls", "GET", "").properties().forEach(one -> calls.put(one.getKey(), one.getValue().asLong()));
        return calls;
    }

    /** Everything it holds, by external id: more than one where a record was made twice. */
    Map<String, List<Held>> records() throws IOException, InterruptedException {
        Map<String, List<Held>> records = new HashMap<>();
        for (String object : List.of("contacts", "orders")) {
            for (JsonNode record : send("records/" + object, "GET", "")) {
                JsonNode fields = record.path(hubspot ? "properties" : "fields");
                String key = hubspot
                        ? fields.path(object.equals("orders") ? "shopify_order_key" : "shopify_customer_key").asText()
                        : fields.path("external_id").asText();
                String version = object.equals("orders")
                        ? (hubspot ? fields.path("shopify_tags") : fields.path("tags").path(0)).asText("v0")
                        : fields.path(hubspot ? "shopify_note" : "note").asText("v0");
                long at = Instant.parse(record.path(hubspot ? "updatedAt" : "updated_at").asText()).toEpochMilli();
                records.computeIfAbsent(key, ignored -> new ArrayList<>())
                        .add(new Held(Integer.parseInt(version.substring(1)), at));
            }
        }
        return records;
    }

    void clear() throws IOException, InterruptedException {
        send("records", "DELETE", "");
    }

    private JsonNode send(String path, String method, String body) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(HttpRequest.newBuilder(
                        URI.create("http://localhost:" + port + "/sandbox/" + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofByteArray());
        return json.readTree(response.body().length == 0 ? "{}".getBytes() : response.body());
    }

    @Override
    public void close() {
        child.close();
    }
}
