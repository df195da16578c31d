package io.shopbridge.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.ApiClient;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.crm.Crm;
import io.shopbridge.doctor.NeededField.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A Pipedrive account. Its own fields are known by a hash that differs from account to account, so they are compared by
 * the name that people see as well.
 *
 * @see <a href="https://developers.pipedrive.com/docs/api/v1/PersonFields">Person fields</a>
 */
final class PipedriveSetup implements CrmSetup {

    /** Parts of a record that the folder's crm.yaml names otherwise than the list of its fields does. */
    private static final List<String> BUILT_IN = List.of("email", "phone", "address");
    private static final Map<String, String> FIELDS = Map.of("persons", "personFields", "organizations",
            "organizationFields", "deals", "dealFields", "products", "productFields");

    private final Crm crm;
    private final ApiClient api;

    PipedriveSetup(Crm crm) {
        this.crm = crm;
        this.api = ApiClient.of(crm);
    }

    @Override
    public boolean account(Findings findings) {
        Reply reply = api.get("/v1/users/me");
        findings.clock(reply);
        if (reply.status() == 401 || reply.status() == 403) {
            findings.problem("the token is not accepted", "copy it from Pipedrive under Personal preferences > API, and"
                    + " set it under shopbridge.crms." + crm.name());
            return false;
        }
        if (!reply.isSuccess()) {
            refused("asking who we are", reply, findings);
            return false;
        }
        findings.ok("the token is accepted; company " + reply.body().at("/data/company_domain").asText());
        findings.ok("API v2 has no end announced; v1 is used only for notes, webhooks and merges");
        reply.header("x-daily-requests-left").or(() ->
                reply.header("x-daily-ratelimit-token-remaining"))
                .ifPresent(left -> findings.ok(left + " tokens of today's budget are left"));
        return true;
    }

    @Override
    public Optional<Map<String, PresentField>> fields(String object, Findings findings) {
        String path = FIELDS.get(object);
        if (path == null) {
            findings.note(object + " has no fields of its own to look at", null);
            return Optional.empty();
        }
        Map<String, PresentField> fields = new HashMap<>();
        BUILT_IN.forEach(name -> fields.put(name, new PresentField(Set.of(Kind.TEXT), "varchar", false, List.of(),
                false)));
        String cursor = null;
        do {
            Reply reply = api.get("/api/v2/" + path + "?limit=500" + (cursor == null ? ""
                    : "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8)));
            if (!reply.isSuccess()) {
                refused("looking at the fields of " + object, reply, findings);
                return Optional.empty();
            }
            reply.body().path("data").forEach(field -> add(fields, field));
            cursor = reply.body().at("/additional_data/next_cursor").asText(null);
        } while (cursor != null && !cursor.isBlank() && !cursor.equals("null"));
        return Optional.of(fields);
    }

    @Override
    public boolean keepsUnique() {
        return false;
    }

    @Override
    public void create(String object, List<NeededField> missing, Findings findings) {
        for (NeededField field : missing) {
            if (field.kind() == Kind.ANY || field.kind() == Kind.REFERENCE) {
                findings.problem(field.description() + " is missing and not ours to make",
                        "look for its name in Pipedrive, or take it out of the mapping");
                continue;
            }
            Reply reply = api.post("/api/v2/" + FIELDS.get(object), definition(field));
            if (reply.isSuccess()) {
                findings.ok(field.description() + " was created, as "
                        + reply.body().at("/data/field_code").asText());
            } else {
                refused("making " + field.description(), reply, findings);
            }
        }
    }

    private static ObjectNode definition(NeededField field) {
        String words = field.name().replace('_', ' ');
        ObjectNode body = JsonNodeFactory.instance.objectNode()
                .put("field_name", Character.toUpperCase(words.charAt(0)) + words.substring(1));
        switch (field.kind()) {
            case NUMBER -> body.put("field_type", "double");
            case DAY -> body.put("field_type", "date");
            // The options of an enum have other ids in every account, and a date has no time of day.
            case CHOICE, BOOLEAN, TIME -> body.put("field_type", "varchar");
            default -> body.put("field_type", field.length() == 0 || field.length() > 255 ? "text" : "varchar");
        }
        return body;
    }

    private static void add(Map<String, PresentField> fields, JsonNode field) {
        String type = field.path("field_type").asText();
        Set<Kind> kinds = switch (type) {
            case "int" -> Set.of(Kind.NUMBER, Kind.REFERENCE);
            case "double" -> Set.of(Kind.NUMBER);
            case "enum", "set" -> field.path("is_custom_field").asBoolean() ? Set.of() : Set.of(Kind.CHOICE, Kind.TEXT);
            case "date" -> Set.of(Kind.DAY);
            case "time", "daterange", "timerange" -> Set.of();
            case "user", "org", "people", "stage", "status", "pipeline" -> Set.of(Kind.REFERENCE, Kind.TEXT,
                    Kind.CHOICE);
            default -> Set.of(Kind.TEXT, Kind.CHOICE, Kind.TIME, Kind.DAY, Kind.BOOLEAN, Kind.REFERENCE);
        };
        PresentField present = new PresentField(kinds, type, false, List.of(), false);
        fields.putIfAbsent(field.path("field_code").asText(), present);
        fields.putIfAbsent(Crm.fieldName(field.path("field_name").asText()), present);
    }

    private void refused(String doing, Reply reply, Findings findings) {
        findings.problem(doing + " was answered " + reply.status() + ": "
                + reply.body().path("error").asText("without a reason"), reply.status() == 403
                ? "let a Pipedrive administrator do it, or give the token's user the right to"
                : "check shopbridge.crms." + crm.name() + ".base-url, which is the address before /api/v2");
    }
}
