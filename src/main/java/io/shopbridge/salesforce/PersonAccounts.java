package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Operation;
import java.util.List;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Variable;
import org.springframework.stereotype.Component;

/**
 * Writes the mapping's contacts as person accounts, if {@code contacts: person-accounts} is set. Such an account has a
 * contact's fields under names that Salesforce derives from the contact's by rule, so one mapping serves both.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/
 *     sforce_api_guidelines_personaccounts.htm">Person accounts</a>
 */
@Component("personAccounts")
public class PersonAccounts {

    private static final String CONTACT = "Contact";
    private static final String ACCOUNT = "Account";
    private static final String TYPE = "person type";
    private static final String FIELDS = "fields";
    private static final Set<String> PERSON = Set.of("Email", "HasOptedOutOfEmail", "MobilePhone", "HomePhone", "Title",
            "LeadSource", "Birthdate", "DoNotCall");

    private final SalesforceClient client;
    private final SalesforceOrgs orgs;

    PersonAccounts(SalesforceClient client, SalesforceOrgs orgs) {
        this.client = client;
        this.orgs = orgs;
    }

    /**
     * Turns a call for contacts into one for accounts, if the org has person accounts; others are unchanged. So is one
     * for the fields of contacts, which such an org has too.
     */
    public CrmCall asked(CrmCall call) {
        boolean applies = CONTACT.equals(call.object()) && call.operation() != Operation.FIELDS
                && orgs.get(call.crm()).crm().setting("contacts").filter("person-accounts"::equals).isPresent();
        return applies ? ofAccounts(call) : call;
    }

    /** The answer as the mapping knows it. */
    public List<JsonNode> answered(@Body List<JsonNode> results, @Variable("asked") CrmCall call) {
        return isForPersons(call) ? results.stream().map(PersonAccounts::result).toList() : results;
    }

    private static boolean isForPersons(CrmCall call) {
        return call.input().path("persons").asBoolean();
    }

    private static CrmCall ofAccounts(CrmCall call) {
        CrmCall accounts = call.renamed(field -> field.equals("AccountId") ? null : name(field)).about(ACCOUNT);
        accounts.input().put("persons", true);
        return accounts;
    }

    /** Makes these new rows person accounts; their record type is read once. */
    void complete(SalesforceOrg org, CrmCall call, List<Row> rows) {
        if (isForPersons(call) && call.operation() != Operation.UPDATE) {
            rows.forEach(row -> row.fields().put("RecordTypeId", recordType(org)));
        }
    }

    private static JsonNode result(JsonNode result) {
        ObjectNode named = result.deepCopy();
        JsonNode fields = result.path(FIELDS);
        if (fields.isObject()) {
            named.set(FIELDS, CrmCall.renamed(fields, PersonAccounts::contactName));
        } else if (fields.isArray()) {
            // The names of those whose values are refused.
            ArrayNode refused = named.putArray(FIELDS);
            fields.forEach(field -> refused.add(contactName(field.asText())));
        }
        return named;
    }

    private static String name(String field) {
        if (field.endsWith("__c") && !field.equals(Salesforce.KEY)) {
            return field.substring(0, field.length() - 1) + "pc";
        }
        return PERSON.contains(field) || field.startsWith("Mailing") ? "Person" + field : field;
    }

    private static String contactName(String field) {
        if (field.endsWith("__pc")) {
            return field.substring(0, field.length() - 2) + "c";
        }
        return field.startsWith("Person") ? field.substring("Person".length()) : field;
    }

    private String recordType(SalesforceOrg org) {
        String chosen = org.crm().setting("person-record-type").orElse(org.entries().get(TYPE));
        if (chosen != null) {
            return chosen;
        }
        JsonNode found = client.query(org, "SELECT Id FROM RecordType WHERE SobjectType = 'Account'"
                + " AND IsPersonType = true AND IsActive = true").path(0);
        if (found.isMissingNode()) {
            throw new CrmRefused(org.crm().title() + " has no record type for person accounts. Switch person accounts on"
                    + " there, or take shopbridge.crms." + org.crm().name() + ".contacts away", null);
        }
        org.entries().put(TYPE, found.path("Id").asText());
        return found.path("Id").asText();
    }
}
