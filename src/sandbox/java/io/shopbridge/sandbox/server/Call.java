package io.shopbridge.sandbox.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One request, already read. Path segments and query values are decoded; header names are matched in any case. */
public record Call(String method, String path, List<String> segments, Map<String, String> query,
        Map<String, String> headers, byte[] body) {

    /** Only tests send this header, to play the people who work in the CRM. */
    private static final String BY_PERSON = "X-Sandbox-By-Person";

    public static Call of(String method, String rawPath, String rawQuery, Map<String, List<String>> headers, byte[] body) {
        List<String> segments = Arrays.stream(rawPath.split("/")).filter(s -> !s.isEmpty()).map(Call::decode).toList();
        Map<String, String> query = new TreeMap<>();
        if (rawQuery != null) {
            for (String pair : rawQuery.split("&")) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
                }
            }
        }
        Map<String, String> single = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, values) -> single.put(name, values.isEmpty() ? "" : values.get(0)));
        return new Call(method, rawPath, segments, query, single, body);
    }

    /** The body as a submitted form, with the Authorization header beside it in lower case. */
    public Map<String, String> form() {
        Map<String, String> form = new TreeMap<>(
                of(method, "", new String(body, StandardCharsets.UTF_8), Map.of(), new byte[0]).query());
        if (headers.containsKey("Authorization")) {
            form.put("authorization", headers.get("Authorization"));
        }
        return form;
    }

    public boolean is(String wantedMethod, String... wantedSegments) {
        if (!method.equals(wantedMethod) || segments.size() != wantedSegments.length) {
            return false;
        }
        for (int i = 0; i < wantedSegments.length; i++) {
            if (!wantedSegments[i].equals("*") && !wantedSegments[i].equals(segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether it stands for what a person does on the CRM's own pages, which no limit of the API counts. */
    public boolean byPerson() {
        return headers.containsKey(BY_PERSON);
    }

    public boolean hasBearer(String token) {
        return ("Bearer " + token).equals(headers.get("Authorization"));
    }

    /** The body as a JSON object; IOException says that it is not one. */
    public ObjectNode object() throws IOException {
        JsonNode node = Json.parse(body);
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IOException("the body must be a JSON object");
    }

    /** What HTTP Basic carries. */
    public record Credentials(String user, String password) {

        @Override
        public String toString() {
            return "Credentials[user=" + user + "]";
        }

        /** Null if the Authorization header is absent or of another kind. */
        public static Credentials of(String header) {
            if (header == null || !header.startsWith("Basic ")) {
                return null;
            }
            String[] both = new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8)
                    .split(":", 2);
            return new Credentials(both[0], both.length > 1 ? both[1] : "");
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
