package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.ApiClient;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmLockedOut;
import io.shopbridge.crm.DirectCalls;
import io.shopbridge.crm.DirectCalls.Answered;
import io.shopbridge.crm.FieldKind;
import io.shopbridge.crm.OAuth2Tokens;
import io.shopbridge.doctor.CrmSetup;
import io.shopbridge.doctor.Findings;
import io.shopbridge.doctor.NeededField;
import io.shopbridge.doctor.PresentField;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.security.oauth2.core.OAuth2AccessToken;

/**
 * A Salesforce org, asked with the client credentials of its External Client App. Fields are not made by calls: they
 * are written as metadata for an administrator to review and deploy.
 *
 * @see <a href="https://developer.salesforce.com/docs/platform/api-rest/guide/resources-sobject-describe.html">Describe
 *     </a>
 */
final class SalesforceSetup implements CrmSetup {

    private static final String ROUTE = "salesforce-crm";
    private static final PresentField TEXT = new PresentField(Set.of(FieldKind.TEXT, FieldKind.REFERENCE), "string",
            false, List.of(), false);

    private final Crm crm;
    private final String version;
    private final Path directory;
    private final Map<String, List<NeededField>> toDeploy = new TreeMap<>();
    private final List<String> unknownObjects = new ArrayList<>();
    private ApiClient api;
    private DirectCalls calls;

    /** Of every CRM whose calls go by {@code 4-connect/salesforce.camel.yaml}. */
    public static final class Factory implements CrmSetup.Factory {

        @Override
        public Optional<CrmSetup> of(Crm crm, Path directory) {
            return crm.routeTemplate().equals(ROUTE) ? Optional.of(new SalesforceSetup(crm, directory))
                    : Optional.empty();
        }
    }

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
        findings.version(crm);
        if (crm.setting("client-id").isEmpty() || crm.setting("client-secret").isEmpty()) {
            findings.note("without client-id and client-secret the org can't be asked", "let the External Client App"
                    + " have the client credentials flow as well, or deploy with what --create writes and compare there");
            return false;
        }
        OAuth2AccessToken token;
        try {
            token = new OAuth2Tokens().accessToken(crm);
        } catch (CrmBusy e) {
            findings.problem(e.getMessage(), "check shopbridge.crms." + crm.name() + ".base-url (" + crm.baseUrl()
                    + ") and the network, and run doctor again");
            return false;
        } catch (CrmLockedOut e) {
            findings.problem(e.getMessage(), "base-url must be the org's My Domain"
                    + " (https://….my.salesforce.com), and the External Client App must have the client credentials"
                    + " flow with a run-as user");
            return false;
        }
        api = new ApiClient(crm.baseUrl(), Map.of("Authorization", "Bearer " + token.getTokenValue()));
        calls = new DirectCalls(crm, api);
        Set<String> scopes = token.getScopes();
        if (scopes.isEmpty() || scopes.contains("api") || scopes.contains("full")) {
            findings.ok("a token is given" + (scopes.isEmpty() ? "" : "; scopes " + String.join(" ", scopes)));
        } else {
            findings.problem("the token's scopes are " + String.join(" ", scopes),
                    "add \"Manage user data via APIs (api)\" to the app");
        }
        budget(findings);
        return true;
    }

    private void budget(Findings findings) {
        Reply limits = api.get(data("/limits"));
        findings.clock(limits);
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
        Answered described = calls.call(CrmCall.fields(crm, object));
        Map<String, PresentField> fields = new LinkedHashMap<>();
        // An org of one currency has no such field, and needs none.
        fields.put("CurrencyIsoCode", TEXT);
        if (described.reply().status() == 404 && object.endsWith("__c")) {
            unknownObjects.add(object);
            // Every custom object has these from the beginning.
            fields.put("Name", TEXT);
            fields.put("OwnerId", TEXT);
            return Optional.of(fields);
        }
        if (!described.done()) {
            findings.problem("describing " + object + " was answered " + described.reply().status() + ": "
                    + described.reason(), "give the run-as user a permission set with this object,"
                    + " or choose another form for it in the mappings");
            return Optional.empty();
        }
        described.given().forEach(field -> fields.put(field.path("name").asText(), PresentField.of(crm, field)));
        return Optional.of(fields);
    }

    @Override
    public void create(String object, List<NeededField> missing, Findings findings) {
        List<NeededField> ours = new ArrayList<>();
        for (NeededField field : missing) {
            boolean custom = field.name().endsWith("__c") || field.name().endsWith("__pc");
            if (custom && (field.hasValue() || field.to() != null)) {
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

    private String data(String path) {
        return crm.path("${data}" + path);
    }
}
