package io.shopbridge.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.ApiClient;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.crm.Crm;
import io.shopbridge.doctor.NeededField.Kind;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A HubSpot account.
 *
 * @see <a href="https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide">Properties</a>
 */
final class HubSpotSetup implements CrmSetup {

    private static final String GROUP = "shopify";
    /** https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when */
    private static final LocalDate END_OF_V3 = LocalDate.of(2027, 10, 1);
    private static final int MONTHS_OF_SUPPORT = 18;
    private static final int CREATED = 201;
    private static final int EXISTS = 409;

    private final Crm crm;
    private final ApiClient api;

    HubSpotSetup(Crm crm) {
        this.crm = crm;
        this.api = ApiClient.of(crm);
    }

    @Override
    public boolean account(Findings findings) {
        String version = crm.apiVersion();
        findings.version(version, version.startsWith("v") ? END_OF_V3
                : YearMonth.parse(version).atDay(1).plusMonths(MONTHS_OF_SUPPORT),
                "add a newer one under api-versions of " + crm.folder() + "/crm.yaml and set shopbridge.crms."
                + crm.name() + ".api-version to it, after a run in a sandbox account");
        Reply reply = api.get(crm.path("${account}/details"));
        findings.clock(reply);
        if (reply.status() == 401) {
            findings.problem("the token is not accepted", "make a service key in HubSpot under Development > Keys, and"
                    + " set shopbridge.crms." + crm.name() + ".token to it");
            return false;
        }
        if (reply.isSuccess()) {
            findings.ok("the token is accepted; account " + reply.body().path("portalId").asText() + ", time zone "
                    + reply.body().path("timeZone").asText());
        } else {
            refused("the account's details", reply, findings);
        }
        reply.header("X-HubSpot-RateLimit-Max").map(Integer::parseInt).ifPresent(most -> {
            if (crm.limits().requests() > most) {
                findings.problem("crm.yaml allows itself " + crm.limits().requests()
                        + " requests in a period, the account has " + most, "lower limits.requests in " + crm.folder() + "/crm.yaml");
            }
        });
        crm.setting("subscription-id").ifPresent(id -> subscription(id, findings));
        new HubSpotStages(crm, api).check(findings);
        return true;
    }

    /** The subscription that e-mail consent goes to. */
    private void subscription(String id, Findings findings) {
        Reply reply = api.get(crm.path("${preferences}/definitions"));
        if (!reply.isSuccess()) {
            refused("looking at the subscriptions", reply, findings);
            return;
        }
        List<String> there = new ArrayList<>();
        reply.body().path("results").forEach(one ->
                there.add(one.path("id").asText() + " (" + one.path("name").asText() + ")"));
        if (there.stream().noneMatch(one -> one.startsWith(id + " "))) {
            findings.problem("there is no subscription " + id, "set shopbridge.crms." + crm.name()
                    + ".subscription-id to one of " + there);
        } else if (crm.setting("legal-basis").isEmpty()) {
            findings.note("e-mail consent goes to subscription " + id + " without a legal basis, so nobody who"
                    + " unsubscribed is subscribed again", "set shopbridge.crms." + crm.name() + ".legal-basis where"
                    + " HubSpot's data privacy settings are on");
        } else {
            findings.ok("e-mail consent goes to subscription " + id + " on the legal basis "
                    + crm.setting("legal-basis").get());
        }
    }

    @Override
    public Optional<Map<String, PresentField>> fields(String object, Findings findings) {
        Reply read = api.get(crm.path("${objects}/" + object + "?limit=1"));
        if (!read.isSuccess()) {
            refused("reading " + object, read, findings);
        }
        Reply reply = api.get(crm.path("${properties}/" + object));
        if (!reply.isSuccess()) {
            refused("looking at the properties of " + object, reply, findings);
            return Optional.empty();
        }
        Map<String, PresentField> fields = new LinkedHashMap<>();
        reply.body().path("results").forEach(one -> fields.put(one.path("name").asText(), present(one)));
        return Optional.of(fields);
    }

    @Override
    public boolean keepsUnique() {
        return true;
    }

    @Override
    public void create(String object, List<NeededField> missing, Findings findings) {
        ObjectNode group = JsonNodeFactory.instance.objectNode().put("name", GROUP).put("label", "Shopify");
        Reply made = api.post(crm.path("${properties}/" + object + "/groups"), group);
        if (!made.isSuccess() && made.status() != EXISTS) {
            refused("making the property group \"shopify\" of " + object, made, findings);
            return;
        }
        List<NeededField> ours = new ArrayList<>();
        for (NeededField field : missing) {
            if (field.name().startsWith("hs_") || field.kind() == Kind.ANY || field.kind() == Kind.REFERENCE) {
                findings.problem(field.description() + " is missing and not ours to make", "look whether the account's"
                        + " plan has it, or take it out of the mapping");
            } else {
                ours.add(field);
            }
        }
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        ours.forEach(field -> all.withArray("inputs").add(definition(field)));
        // A call for each would use up the account's allowance of ten seconds. Only a call for one says which is wrong.
        boolean together = ours.size() > 1
                && api.post(crm.path("${properties}/" + object + "/batch/create"), all).status() == CREATED;
        for (NeededField field : ours) {
            Reply reply = together ? null : api.post(crm.path("${properties}/" + object), definition(field));
            if (together || reply.isSuccess() || reply.status() == EXISTS) {
                findings.ok(field.description() + " was created");
            } else {
                refused("making " + field.description(), reply, findings);
            }
        }
    }

    private static ObjectNode definition(NeededField field) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("name", field.name()).put("label",
                label(field.name())).put("groupName", GROUP).put("hasUniqueValue", field.unique());
        switch (field.kind()) {
            case NUMBER -> body.put("type", "number").put("fieldType", "number");
            case TIME -> body.put("type", "datetime").put("fieldType", "date");
            case DAY -> body.put("type", "date").put("fieldType", "date");
            case BOOLEAN -> {
                body.put("type", "bool").put("fieldType", "booleancheckbox");
                options(body, List.of("true", "false"));
            }
            case CHOICE -> {
                body.put("type", "enumeration").put("fieldType", "select");
                options(body, field.choices());
            }
            default -> body.put("type", "string").put("fieldType", field.length() == 0 ? "textarea" : "text");
        }
        return body;
    }

    private static void options(ObjectNode body, List<String> values) {
        for (String value : values) {
            body.withArray("options").addObject().put("label", label(value)).put("value", value).put("hidden", false)
                    .put("displayOrder", body.path("options").size() - 1);
        }
    }

    /** shopify_last_order_at is Shopify last order at to people. */
    private static String label(String name) {
        String words = name.replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    private static PresentField present(JsonNode property) {
        String type = property.path("type").asText();
        Set<Kind> kinds = switch (type) {
            case "number" -> Set.of(Kind.NUMBER);
            case "bool" -> Set.of(Kind.BOOLEAN);
            case "datetime" -> Set.of(Kind.TIME);
            // A date takes midnights only, and a time of day is lost or refused.
            case "date" -> Set.of(Kind.DAY);
            case "enumeration" -> Set.of(Kind.CHOICE, Kind.TEXT, Kind.BOOLEAN);
            default -> Set.of(Kind.TEXT, Kind.CHOICE);
        };
        List<String> choices = new ArrayList<>();
        property.path("options").forEach(option -> choices.add(option.path("value").asText()));
        return new PresentField(kinds, type, property.path("hasUniqueValue").asBoolean(), choices,
                property.at("/modificationMetadata/readOnlyValue").asBoolean());
    }

    private void refused(String doing, Reply reply, Findings findings) {
        if (reply.status() == 403) {
            Set<String> scopes = new TreeSet<>();
            reply.body().path("errors").forEach(error -> {
                error.at("/context/requiredGranularScopes").forEach(scope -> scopes.add(scope.asText()));
                error.at("/context/requiredScopes").forEach(scope -> scopes.add(scope.asText()));
            });
            findings.problem(doing + " is not within the token's scopes", "add "
                    + (scopes.isEmpty() ? "the object's read, write and schema scopes" : String.join(", ", scopes))
                    + " to the service key in HubSpot");
        } else {
            findings.problem(doing + " was answered " + reply.status() + ": "
                    + reply.body().path("message").asText("without a reason"), reply.status() == 429
                    ? "wait until the limit renews and run doctor again"
                    : "check shopbridge.crms." + crm.name() + ".base-url and .api-version");
        }
    }
}
