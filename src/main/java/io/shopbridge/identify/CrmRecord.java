package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.merge.CrmValues;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;

/** A record from a CRM's find, search or read. */
public record CrmRecord(String id, CrmValues values) {

    /** From {id, fields, updated_at, times}, which crm.yaml's {@code gives} makes. */
    public static CrmRecord of(JsonNode given) {
        Map<String, JsonNode> fields = new HashMap<>();
        given.path("fields").properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        Map<String, Instant> times = new HashMap<>();
        given.path("times").properties().forEach(field -> {
            Instant time = time(field.getValue().asText(""));
            if (time != null) {
                times.put(field.getKey(), time);
            }
        });
        return new CrmRecord(given.path("id").asText(),
                new CrmValues(fields, time(given.path("updated_at").asText("")), times));
    }

    private static Instant time(String text) {
        try {
            return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
