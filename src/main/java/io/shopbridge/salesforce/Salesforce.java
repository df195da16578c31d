package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.crm.Meaning;
import io.shopbridge.crm.Operation;
import io.shopbridge.crm.RestCrm;
import io.shopbridge.map.ExpressionFailed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** The step of route template {@code salesforce-crm}: a call in the words of crm.yaml, and its answer. */
@Component("salesforce")
public class Salesforce {

    /** The unique external id field of every object that we write. */
    static final String KEY = "Shopbridge_Key__c";

    private static final int TRIES = 6;
    private static final long FIRST_WAIT_MILLIS = 200;
    private static final int SMALLER = 4;
    /** Salesforce takes 16,384 bytes of address and headers. */
    private static final int LONGEST_PATH = 14_000;
    private static final Set<Operation> READS =
            EnumSet.of(Operation.FIND, Operation.SEARCH, Operation.READ, Operation.CHANGED);
    private static final Set<String> NOT_THERE = Set.of("ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY");

    private final SalesforceOrgs orgs;
    private final SalesforceClient client;
    private final Parents parents;
    private final PersonAccounts personAccounts;
    private final Erasure erasure;
    private final Masters masters;
    private final ActivatedOrders activated;
    private final BulkJobs jobs;

    Salesforce(SalesforceOrgs orgs, SalesforceClient client, Parents parents, PersonAccounts personAccounts,
            Erasure erasure, Masters masters, ActivatedOrders activated, BulkJobs jobs) {
        this.jobs = jobs;
        this.activated = activated;
        this.masters = masters;
        this.erasure = erasure;
        this.personAccounts = personAccounts;
        this.orgs = orgs;
        this.client = client;
        this.parents = parents;
    }

    /**
     * Replaces the call that is the body by the list of what its operation gives.
     *
     * @throws CrmFailure where Salesforce did not do it
     */
    public void deliver(Exchange exchange) {
        CrmCall given = exchange.getMessage().getBody(CrmCall.class);
        SalesforceOrg org = orgs.get(given.crm());
        if (!READS.contains(given.operation())) {
            jobs.requireNoneLeft(org);
        }
        boolean persons = personAccounts.applies(org, given);
        CrmCall call = persons ? personAccounts.call(org, given) : given;
        List<JsonNode> results;
        try {
            results = switch (call.operation()) {
                case FIND, SEARCH -> query(org, call);
                case READ -> read(org, call);
                case ARCHIVE -> archive(org, call);
                case CHANGED -> changed(org, call, exchange);
                case ERASE -> erasure.erase(org, call);
                default -> activated.explained(org, call, followed(org, call, write(org, call))).stream()
                        .map(CrmResult::json).toList();
            };
        } catch (ExpressionFailed e) {
            throw CrmRefused.unreadable(org.crm().title() + " answered " + call.operation()
                    + " in another shape than crm.yaml says: " + e.getMessage());
        }
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(persons ? results.stream().map(personAccounts::result).toList() : results);
    }

    /** A query that is too long for an address is asked in halves. */
    private List<JsonNode> query(SalesforceOrg org, CrmCall call) {
        withoutCurrency(org, call.input());
        String soql = org.crm().request(call).body().path("q").asText();
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
        return org.crm().gives(call, answer);
    }

    /** What was merged into another record is answered with that record's id. */
    private List<JsonNode> read(SalesforceOrg org, CrmCall call) {
        List<JsonNode> records = new ArrayList<>(query(org, call));
        Set<String> missing = new TreeSet<>(call.ids());
        records.forEach(record -> missing.remove(record.path("id").asText()));
        masters.of(org, call.object(), missing).forEach((asked, id) ->
                records.add(JsonNodeFactory.instance.objectNode().put("asked", asked).put("id", id)));
        return records;
    }

    /** Says of the records that are gone into which others they were merged. */
    private List<CrmResult> followed(SalesforceOrg org, CrmCall call, List<CrmResult> results) {
        List<ObjectNode> records = call.records();
        Map<String, Integer> gone = new LinkedHashMap<>();
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).means() == Meaning.GONE) {
                gone.put(records.get(i).path("id").asText(), i);
            }
        }
        List<CrmResult> followed = new ArrayList<>(results);
        masters.of(org, call.object(), gone.keySet()).forEach((id, master) ->
                followed.set(gone.get(id), followed.get(gone.get(id)).existing(master)));
        return followed;
    }

    /** One page of what changed; Salesforce keeps the rest of the answer for two days. */
    private List<JsonNode> changed(SalesforceOrg org, CrmCall call, Exchange exchange) {
        withoutCurrency(org, call.input());
        String first = "/query?q=" + SalesforceClient.encoded(org.crm().request(call).body().path("q").asText());
        String path = call.input().path("page").asText("");
        JsonNode page = client.call(new SalesforceRequest(call.crm(), call.operation().toString(), "GET",
                path.isEmpty() ? first : path, null));
        List<JsonNode> told = org.crm().gives(call, page);
        exchange.setVariable(RestCrm.NEXT, org.crm().next(call, page, told.size()));
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

    /** What is gone already is as good as deleted; what can't be deleted is said. */
    private List<JsonNode> archive(SalesforceOrg org, CrmCall call) {
        CrmRequest request = org.crm().request(call);
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

    private static String withQuery(CrmRequest request) {
        StringJoiner query = new StringJoiner("&", request.path() + "?", "");
        request.body().properties().forEach(one ->
                query.add(one.getKey() + "=" + SalesforceClient.encoded(one.getValue().asText())));
        return query.toString();
    }

    private List<CrmResult> write(SalesforceOrg org, CrmCall call) {
        String object = call.object();
        List<Row> rows = new ArrayList<>();
        call.records().forEach(record -> rows.add(new Row(record)));
        int usual = org.crm().batch(call.operation(), object);
        boolean bulk = rows.size() > usual;
        int size = Math.min(rows.size(), usual);
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            List<Row> incomplete = rows.stream().filter(Row::incomplete).toList();
            personAccounts.complete(org, call, incomplete);
            parents.complete(org, call.operation(), object, incomplete);
            // Rows of one parent next to each other meet its lock once.
            List<Row> open = rows.stream().filter(Row::open)
                    .sorted(Comparator.comparing(row -> parents.lane(org, object, row))).toList();
            boolean last = attempt == TRIES;
            if (bulk) {
                // What a job leaves open goes the usual way from then on.
                bulk = false;
                org.lanes().in(List.of("jobs of " + object), () -> {
                    sendInBulk(org, call, object, open);
                    return null;
                });
                continue;
            }
            for (List<Row> batch : SalesforceClient.inBatches(open, Math.max(1, size))) {
                Set<String> lanes = batch.stream().map(row -> parents.lane(org, object, row))
                        .filter(lane -> !lane.isEmpty()).collect(Collectors.toCollection(TreeSet::new));
                org.lanes().in(lanes, () -> {
                    send(org, call, object, batch, last);
                    return null;
                });
            }
            if (rows.stream().noneMatch(Row::open)) {
                break;
            }
            pause(attempt);
            size /= SMALLER;
        }
        return rows.stream().map(Row::result).toList();
    }

    /** One call; rows that met a lock, or that can be sent in another way, stay open. */
    private void send(SalesforceOrg org, CrmCall call, String object, List<Row> batch, boolean last) {
        CrmRequest request = request(org, call, batch);
        JsonNode answer = client.call(new SalesforceRequest(call.crm(), call.operation() + " of " + object,
                request.method(), request.path(), request.body()));
        judge(org, call, object, batch, answer, last);
    }

    /** One job; what it did not process, and what can't be said in CSV, stays open beside what a call leaves open. */
    private void sendInBulk(SalesforceOrg org, CrmCall call, String object, List<Row> rows) {
        List<Row> sent = rows.stream().filter(row -> BulkCsv.canSay(row.fields())).toList();
        Map<Row, JsonNode> answers = jobs.write(org, call.operation().toString(), object, request(org, call, sent), sent);
        ArrayNode answer = JsonNodeFactory.instance.arrayNode().addAll(answers.values());
        judge(org, call, object, List.copyOf(answers.keySet()), answer, false);
    }

    private static CrmRequest request(SalesforceOrg org, CrmCall call, List<Row> rows) {
        try {
            return org.crm().request(call.withRecords(rows.stream().map(Row::record).toList()));
        } catch (ExpressionFailed e) {
            // Nothing was sent, so it is no answer that can't be read.
            throw new CrmRefused("no call can be made of it: " + e.getMessage(), null);
        }
    }

    private void judge(SalesforceOrg org, CrmCall call, String object, List<Row> batch, JsonNode answer, boolean last) {
        List<JsonNode> results = org.crm().gives(call, answer);
        for (int i = 0; i < batch.size() && i < results.size(); i++) {
            Row row = batch.get(i);
            CrmResult result = CrmResult.of(results.get(i));
            if (result.means() == null) {
                parents.written(org, object, row, result.id());
                row.result(result);
            } else if (last || result.means() != Meaning.BUSY && !parents.otherwise(org, object, row, answer.get(i))) {
                row.result(result);
            }
        }
    }

    static String words(JsonNode error) {
        return error.path("statusCode").asText() + ": " + error.path("message").asText();
    }

    /** Longer each time and never the same for two, or those who met would meet again. */
    private static void pause(int attempt) {
        long longest = FIRST_WAIT_MILLIS << attempt;
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(longest / 4, longest));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CrmBusy("Interrupted while waiting for a lock", null, e);
        }
    }
}
