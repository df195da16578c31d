package io.shopbridge.sandbox;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a simulator answers; {@code wrote} says that records changed, so that its answer is one worth losing. */
record Answer(int status, byte[] body, Map<String, String> headers, boolean wrote) {

    private static final byte[] NOTHING = new byte[0];

    static Answer read(int status, JsonNode body) {
        return new Answer(status, Json.bytes(body), Map.of(), false);
    }

    static Answer wrote(int status, JsonNode body) {
        return new Answer(status, Json.bytes(body), Map.of(), true);
    }

    static Answer wroteNothingToSay() {
        return new Answer(204, NOTHING, Map.of(), true);
    }

    static Answer empty(int status) {
        return new Answer(status, NOTHING, Map.of(), false);
    }

    Answer with(String header, Object value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, String.valueOf(value));
        return new Answer(status, body, more, wrote);
    }
}
