package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.crm.RestCrm;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/**
 * The steps of route template {@code salesforce-crm} that read and delete: each makes a call in the words of crm.yaml
 * and gives what its operation says. All fail with a {@link CrmFailure} where Salesforce did not do it.
 */
@Component("salesforce")
public class Salesforce {

    /** The unique external id field of every object that we write. */
    static final String KEY = "Shopbridge_Key__c";

    /** Salesforce accepts 16,384 bytes of URL and headers. */
    private static final int LONGEST_PATH = 14_000;
    private static final Set<String> NOT_THERE = Set.of("ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY");

    private final SalesforceOrgs orgs;
    private final SalesforceClient client;
    private final Parents parents;
    private final Erasure erasure;
    private final Masters masters;
    private final ActivatedOrders activated;

    Salesforce(SalesforceOrgs orgs, SalesforceClient client, Parents parents, Erasure erasure, Masters masters,
            ActivatedOrders activated) {
        this.activated = activated;
        this.masters = masters;
        this.erasure = erasure;
        this.orgs = orgs;
        this.client = client;
        this.parents = parents;
    }

    /** The records that have these values. */
    public List<JsonNode> find(CrmCall call) {
        return query(orgs.get(call.crm()), call);
    }

    /** The records of these ids. What was merged into another record is answered with that record's id. */
    public List<JsonNode> read(CrmCall call) {
        SalesforceOrg org = orgs.get(call.crm());
        List<JsonNode> records = new ArrayList<>(query(org, call));
        Set<String> missing = new TreeSet<>(call.ids());
        records.forEach(record -> missing.remove(record.path("id").asText()));
        masters.of(org, call.object(), missing).forEach((asked, id) ->
                records.add(JsonNodeFactory.instance.objectNode().put("asked", asked).put("id", id)));
        return records;
    }

    /** A query that is too long for a URL is sent in halves. */
    private List<JsonNode> query(SalesforceOrg org, CrmCall call) {
        withoutCurrency(org, call.input());
        String soql = org.request(call).body().path("q").asText();
        List<JsonNode> all = new ArrayList<>();
        call.asked().forEach(all::add);
        if (SalesforceClient.encoded(soql).length() > LONGEST_PATH && all.size() > 1) {
            List<JsonNode> found = new ArrayList<>();
            for (List<JsonNode> half : SalesforceClient.inBatches(all, (all.size() + 1) / 2)) {
                found.addAll(query(org, call.part(half)));
            }
            return found;
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.set("records", client.query(org, soql));
        return org.gives(call, answer);
    }

    /** One page of what changed; Salesforce keeps the rest of the answer for two days. */
    public List<JsonNode> changed(CrmCall call, Exchange exchange) {
        SalesforceOrg org = orgs.get(call.crm());
        withoutCurrency(org, call.input());
        String path = call.input().path("page").asText("");
        return page(org, call, path.isEmpty() ? query(org.request(call)) : path, exchange);
    }

    /** One page of a list in the order of ids; the next one begins after its last id, however much later. */
    public List<JsonNode> listed(CrmCall call, Exchange exchange) {
        SalesforceOrg org = orgs.get(call.crm());
        return page(org, call, query(org.request(call)), exchange);
    }

    /** What the object's fields are like. */
    public List<JsonNode> fields(CrmCall call) {
        SalesforceOrg org = orgs.get(call.crm());
        return org.gives(call, client.call(new SalesforceRequest(call.crm(), call.operation().toString(), "GET",
                org.request(call).path(), null)));
    }

    private static String query(CrmRequest request) {
        return "/query?q=" + SalesforceClient.encoded(request.body().path("q").asText());
    }

    private List<JsonNode> page(SalesforceOrg org, CrmCall call, String path, Exchange exchange) {
        JsonNode page = client.call(new SalesforceRequest(call.crm(), call.operation().toString(), "GET", path, null));
        List<JsonNode> told = org.gives(call, page);
        exchange.setVariable(RestCrm.NEXT, org.crm().operations().next(call, page, told.size()));
        return told;
    }

    /** An org of one currency has no column for it. */
    private void withoutCurrency(SalesforceOrg org, ObjectNode input) {
        List<JsonNode> fields = new ArrayList<>();
        input.path("fields").forEach(fields::add);
        if (fields.removeIf(field -> field.asText().equals(Parents.CURRENCY)) && !parents.multiCurrency(org)) {
            input.putArray("fields").addAll(fields);
        }
    }

    /** Records that no longer exist count as deleted; those that can't be deleted are reported. */
    public List<JsonNode> archive(CrmCall call) {
        SalesforceOrg org = orgs.get(call.crm());
        CrmRequest request = org.request(call);
        JsonNode answer = client.call(new SalesforceRequest(call.crm(), call.operation().toString(), request.method(),
                withQuery(request), null));
        for (JsonNode row : answer) {
            JsonNode error = row.at("/errors/0");
            String code = error.path("statusCode").asText();
            if (code.equals("UNABLE_TO_LOCK_ROW")) {
                throw new CrmBusy(words(error), null, null);
            }
            if (!row.path("success").asBoolean() && !NOT_THERE.contains(code)) {
                throw new CrmRefused(words(error) + activated.hint(org, call), null);
            }
        }
        return List.of();
    }

    /** Deletes a person permanently, as far as a call can. */
    public List<JsonNode> erase(CrmCall call) {
        return erasure.erase(orgs.get(call.crm()), call);
    }

    private static String withQuery(CrmRequest request) {
        StringJoiner query = new StringJoiner("&", request.path() + "?", "");
        request.body().properties().forEach(one ->
                query.add(one.getKey() + "=" + SalesforceClient.encoded(one.getValue().asText())));
        return query.toString();
    }

    static String words(JsonNode error) {
        return error.path("statusCode").asText() + ": " + error.path("message").asText();
    }
}
