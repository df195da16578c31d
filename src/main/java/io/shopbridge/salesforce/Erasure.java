package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.CrmRequest;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Erases a person: the contact, and the account that was created only for this contact, which has the person's name. If
 * that account has other records by now, it stays, without the name. Deleted records stay in the recycle bin for 15
 * days; no REST call empties it.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_emptyrecyclebin.htm">
 *     emptyRecycleBin, which only SOAP has</a>
 */
@Component
class Erasure {

    private static final String NAMELESS = "Erased";

    private final SalesforceClient client;

    Erasure(SalesforceClient client) {
        this.client = client;
    }

    /**
     * Erases the record that the call names. The account comes first: a repeat after an interruption finds the
     * contact, and begins again.
     *
     * @throws CrmFailure where Salesforce did not do it, or it is gone already
     */
    List<JsonNode> erase(SalesforceOrg org, CrmCall call) {
        String id = call.ids().get(0);
        CrmRequest request = org.crm().request(call);
        JsonNode contact = "Contact".equals(call.object()) ? contactOfOwnAccount(org, id) : null;
        if (contact == null || !withAccount(org, contact)) {
            change(org, request.method(), request.path(), null);
        }
        org.accounts().remove(id);
        return List.of();
    }

    /** The contact with its account, if that was made for this contact; else null. */
    private JsonNode contactOfOwnAccount(SalesforceOrg org, String id) {
        JsonNode contact = client.query(org, "SELECT Id, Name, AccountId, Account.Name, Account." + Salesforce.KEY
                + " FROM Contact WHERE Id IN " + SalesforceClient.in(List.of(id))).path(0);
        return contact.at("/Account/" + Salesforce.KEY).asText("").startsWith(Accounts.OWN) ? contact : null;
    }

    /** Whether the contact was deleted together with its account, which deletes everything under it. */
    private boolean withAccount(SalesforceOrg org, JsonNode contact) {
        String account = contact.path("AccountId").asText();
        if (isAlone(org, account, contact.path("Id").asText())) {
            try {
                change(org, "DELETE", "/sobjects/Account/" + account, null);
                return true;
            } catch (CrmRefused e) {
                // The account has other records: only its name is removed.
            }
        }
        if (contact.at("/Account/Name").equals(contact.path("Name"))) {
            change(org, "PATCH", "/sobjects/Account/" + account,
                    JsonNodeFactory.instance.objectNode().put("Name", NAMELESS));
        }
        return false;
    }

    private boolean isAlone(SalesforceOrg org, String account, String contact) {
        String under = " WHERE AccountId IN " + SalesforceClient.in(List.of(account));
        return Stream.of("Contact" + under + " AND Id != '" + contact + "'", "Order" + under, "Opportunity" + under)
                .allMatch(those -> client.query(org, "SELECT Id FROM " + those + " LIMIT 1").isEmpty());
    }

    private void change(SalesforceOrg org, String method, String path, ObjectNode body) {
        client.call(new SalesforceRequest(org.crm().name(), "erase", method, path, body));
    }
}
