package io.shopbridge.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.ApiClient;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.crm.Crm;
import io.shopbridge.doctor.NeededField.Kind;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A Salesforce org, asked with the client credentials of its External Client App. Fields are not made by calls: they
 * are written as metadata for an administrator to review and deploy.
 *
 * @see <a href="https://developer.salesforce.com/docs/platform/api-rest/guide/resources-sobject-describe.html">Describe
 *     </a>
 */
final class SalesforceSetup implements CrmSetup {

    /** A version is supported for at least three years: https://help.salesforce.com/s/articleView?id=000389618 */
    private static final int YEARS_OF_SUPPORT = 3;

    private final Crm crm;
    private final String version;
    private final Path directory;
    private final Map<String, List<NeededField>> toDeploy = new TreeMap<>();
    private final List<String> unknownObjects = new ArrayList<>();
    private ApiClient api;

    /** @param directory where the metadata is written */
    SalesforceSetup(Crm crm, Path directory) {
        this.crm = crm;
        this.directory = directory;
        this.version = crm.apiVersion();
    }

    @Override
    public boolean account(Findings findings) {
        if (version == null || !version.matches("[0-9]{2,3}\\.0") || data("").startsWith("$")) {
            findings.problem("crm.yaml does not say where the paths of an API version begin", "write it under"
                    + " api-versions of " + crm.folder() + "/crm.yaml: the version, and data: /services/data/v<version>");
            return false;
        }
        int number = Integer.parseInt(version.replace(".0", ""));
        findings.version(version, released(number).plusYears(YEARS_OF_SUPPORT),
                "add a newer one under api-versions of " + crm.folder() + "/crm.yaml and set shopbridge.crms."
                        + crm.name() + ".api-version after a run in a sandbox");
        Optional<String> id = crm.setting("client-id");
        Optional<String> secret = crm.setting("client-secret");
        if (id.isEmpty() || secret.isEmpty()) {
            findings.note("without client-id and client-secret the org can't be asked", "let the External Client App"
                    + " have the client credentials flow as well, or deploy with what --create writes and compare there");
            return false;
        }
        Reply reply = new ApiClient(crm.baseUrl(), Map.of()).post("/services/oauth2/token", Map.of("grant_type",
                "client_credentials", "client_id", id.get(), "client_secret", secret.get()));
        findings.clock(reply);
        if (!reply.isSuccess()) {
            findings.problem("no token is given: " + reply.body().path("error").asText() + " "
                    + reply.body().path("error_description").asText(), "base-url must be the org's My Domain"
                    + " (https://….my.salesforce.com), and the External Client App must have the client credentials"
                    + " flow with a run-as user");
            return false;
        }
        api = new ApiClient(crm.baseUrl(), Map.of("Authorization", "Bearer "
                + reply.body().path("access_token").asText()));
        String scopes = reply.body().path("scope").asText("");
        if (!scopes.isEmpty() && !List.of(scopes.split(" ")).contains("api")
                && !List.of(scopes.split(" ")).contains("full")) {
            findings.problem("the token's scopes are " + scopes, "add \"Manage user data via APIs (api)\" to the app");
        } else {
            findings.ok("a token is given" + (scopes.isEmpty() ? "" : "; scopes " + scopes));
        }
        budget(findings);
        return true;
    }

    private void budget(Findings findings) {
        Reply limits = api.get(data("/limits"));
        JsonNode daily = limits.body().path("DailyApiRequests");
        if (limits.status() == 404) {
            findings.problem("this org does not know API version " + version, "set shopbridge.crms." + crm.name()
                    + ".api-version to one of /services/data");
        } else if (daily.path("Max").asInt() > 0) {
            findings.ok(daily.path("Remaining").asText() + " of " + daily.path("Max").asText()
                    + " API requests of the last 24 hours are left");
        }
    }

    @Override
    public Optional<Map<String, PresentField>> fields(String object, Findings findings) {
        Reply reply = api.get(data("/sobjects/" + object + "/describe"));
        if (reply.status() == 404 && object.endsWith("__c")) {
            unknownObjects.add(object);
            // Every custom object has these from the beginning.
            PresentField text = new PresentField(Set.of(Kind.TEXT, Kind.REFERENCE), "string", false, List.of(), false);
            return Optional.of(Map.of("Name", text, "OwnerId", text, "CurrencyIsoCode", text));
        }
        if (!reply.isSuccess()) {
            findings.problem("describing " + object + " was answered " + reply.status() + ": "
                    + reply.body().at("/0/message").asText(), "give the run-as user a permission set with this object,"
                    + " or choose another form for it in the mappings");
            return Optional.empty();
        }
        Map<String, PresentField> fields = new LinkedHashMap<>();
        // An org of one currency has no such field, and needs none.
        fields.put("CurrencyIsoCode", new PresentField(Set.of(Kind.TEXT), "picklist", false, List.of(), false));
        reply.body().path("fields").forEach(field -> fields.put(field.path("name").asText(), present(field)));
        return Optional.of(fields);
    }

    @Override
    public boolean keepsUnique() {
        return true;
    }

    @Override
    public void create(String object, List<NeededField> missing, Findings findings) {
        List<NeededField> ours = new ArrayList<>();
        for (NeededField field : missing) {
            boolean custom = field.name().endsWith("__c") || field.name().endsWith("__pc");
            if (custom && field.kind() != Kind.ANY && (field.kind() != Kind.REFERENCE || field.to() != null)) {
                ours.add(field);
            } else {
                findings.problem(field.description() + " is missing and can't be prepared", "look whether the org's"
                        + " edition and the run-as user have it, or take it out of the mapping");
            }
        }
        if (!ours.isEmpty()) {
            toDeploy.put(object, ours);
            new SalesforceMetadata(version).write(directory, toDeploy, unknownObjects);
            ours.forEach(field -> findings.problem(field.description() + " is missing; it is in " + directory,
                    "deploy it with `sf project deploy start --metadata-dir " + directory
                    + "` and assign its permission set Shopbridge to the run-as user"));
        }
    }

    private static PresentField present(JsonNode field) {
        String type = field.path("type").asText();
        Set<Kind> kinds = switch (type) {
            case "double", "int", "currency", "percent", "long" -> Set.of(Kind.NUMBER);
            case "boolean" -> Set.of(Kind.BOOLEAN);
            case "date", "datetime" -> Set.of(Kind.TIME, Kind.DAY);
            case "reference", "id" -> Set.of(Kind.REFERENCE, Kind.TEXT);
            case "picklist", "multipicklist", "combobox" -> Set.of(Kind.CHOICE, Kind.TEXT);
            default -> Set.of(Kind.TEXT, Kind.CHOICE);
        };
        List<String> choices = new ArrayList<>();
        if (field.path("restrictedPicklist").asBoolean()) {
            field.path("picklistValues").forEach(value -> choices.add(value.path("value").asText()));
        }
        boolean writable = field.path("createable").asBoolean(true) || field.path("updateable").asBoolean(true);
        return new PresentField(kinds, type, field.path("unique").asBoolean() || field.path("externalId").asBoolean()
                && field.path("idLookup").asBoolean(), choices, !writable);
    }

    /** Winter comes out in October of the year before, spring in February, summer in June; 68 is Winter '27. */
    private static LocalDate released(int version) {
        int year = 2005 + (version - 2) / 3;
        return switch (Math.floorMod(version, 3)) {
            case 2 -> LocalDate.of(year - 1, 10, 1);
            case 0 -> LocalDate.of(year, 2, 1);
            default -> LocalDate.of(year, 6, 1);
        };
    }

    private String data(String path) {
        return crm.path("${data}" + path);
    }
}
