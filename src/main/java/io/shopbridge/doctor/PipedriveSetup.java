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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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

    private static final Map<String, String> FIELDS = Map.of("persons", "personFields", "organizations",
            "organizationFields", "deals", "dealFields", "products", "productFields", "activities", "activityFields");

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
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("field_name", forPeople(field.name()));
        switch (field.kind()) {
            case NUMBER -> body.put("field_type", "double");
            case CHOICE, BOOLEAN -> {
                body.put("field_type", "enum");
                List<String> choices = field.kind() == Kind.CHOICE ? field.choices() : List.of("true", "false");
                choices.forEach(choice -> body.withArray("options").addObject().put("label", choice));
            }
            // Only a varchar is found by its value, and a date has no time of day.
            case TIME -> body.put("field_type", "varchar");
            default -> body.put("field_type", field.length() == 0 || field.length() > 255 ? "text" : "varchar");
        }
        return body;
    }

    private static void add(Map<String, PresentField> fields, JsonNode field) {
        String type = field.path("field_type").asText();
        Set<Kind> kinds = switch (type) {
            case "double", "int", "monetary" -> Set.of(Kind.NUMBER);
            case "enum", "set" -> Set.of(Kind.CHOICE, Kind.BOOLEAN, Kind.TEXT);
            case "date", "time", "daterange", "timerange" -> Set.of(Kind.TIME);
            case "user", "org", "people", "stage", "status", "pipeline" -> Set.of(Kind.REFERENCE, Kind.TEXT,
                    Kind.CHOICE);
            default -> Set.of(Kind.TEXT, Kind.CHOICE, Kind.TIME, Kind.BOOLEAN);
        };
        List<String> choices = new ArrayList<>();
        if (field.path("is_custom_field").asBoolean()) {
            field.path("options").forEach(option -> choices.add(option.path("label").asText()));
        }
        PresentField present = new PresentField(kinds, type, false, choices, false);
        fields.putIfAbsent(field.path("field_code").asText(), present);
        fields.putIfAbsent(inMappings(field.path("field_name").asText()), present);
    }

    /** Mappings name a field as people read it, in lower case with underscores. */
    private static String inMappings(String name) {
        return name.toLowerCase(Locale.ROOT).strip().replaceAll("[^\\p{L}0-9]+", "_");
    }

    /** shopify_customer_key is Shopify customer key to people. */
    private static String forPeople(String name) {
        String words = name.replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    private void refused(String doing, Reply reply, Findings findings) {
        findings.problem(doing + " was answered " + reply.status() + ": "
                + reply.body().path("error").asText("without a reason"), reply.status() == 403
                ? "let a Pipedrive administrator do it, or give the token's user the right to"
                : "check shopbridge.crms." + crm.name() + ".base-url, which is the address before /api/v2");
    }
}
