package io.shopbridge.sandbox.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a simulator answers; {@code wrote} says that records changed, so that its answer is one worth losing. */
public record Answer(int status, byte[] body, Map<String, String> headers, boolean wrote) {

    private static final byte[] NOTHING = new byte[0];

    public static Answer read(int status, JsonNode body) {
        return new Answer(status, Json.bytes(body), Map.of(), false);
    }

    public static Answer wrote(int status, JsonNode body) {
        return new Answer(status, Json.bytes(body), Map.of(), true);
    }

    public static Answer wroteNothingToSay() {
        return new Answer(204, NOTHING, Map.of(), true);
    }

    public static Answer empty(int status) {
        return new Answer(status, NOTHING, Map.of(), false);
    }

    public Answer with(String header, Object value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, String.valueOf(value));
        return new Answer(status, body, more, wrote);
    }
}
