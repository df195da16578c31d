package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.crm.Meaning;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Variable;
import org.springframework.stereotype.Component;

/**
 * The steps of route template {@code salesforce-crm} that write rows; it keeps them in variable {@code rows}. All fail
 * with a {@link CrmFailure} where Salesforce did not answer; what it says of single rows is in their results.
 */
@Component("salesforceWrites")
public class SalesforceWrites {

    private final SalesforceOrgs orgs;
    private final Parents parents;
    private final PersonAccounts personAccounts;
    private final Masters masters;
    private final ActivatedOrders activated;
    private final IngestJobs jobs;

    SalesforceWrites(SalesforceOrgs orgs, Parents parents, PersonAccounts personAccounts, Masters masters,
            ActivatedOrders activated, IngestJobs jobs) {
        this.jobs = jobs;
        this.orgs = orgs;
        this.parents = parents;
        this.personAccounts = personAccounts;
        this.masters = masters;
        this.activated = activated;
    }

    /** The rows of a call. */
    public Rows rows(@Body CrmCall call) {
        return new Rows(orgs.get(call.crm()), call);
    }

    /** Creates the parents of the rows, and puts open rows into calls. */
    public void begin(@Variable("rows") Rows rows) {
        complete(rows);
        if (rows.isFirstTry()) {
            List<Row> answered = rows.open().stream().filter(row -> row.answered() != null).toList();
            judge(rows, answered, JsonNodeFactory.instance.arrayNode()
                    .addAll(answered.stream().map(Row::answered).toList()));
        }
        rows.begin(row -> parents.lane(rows.org(), rows.object(), row));
    }

    private void complete(Rows rows) {
        List<Row> incomplete = rows.incomplete();
        personAccounts.complete(rows.org(), rows.call(), incomplete);
        parents.complete(rows.org(), rows.operation(), rows.object(), incomplete);
    }

    /** Waits until no other thread writes under the accounts of the next call. */
    public void enter(@Variable("rows") Rows rows) {
        rows.org().accountLocks().lock(rows.next().accounts());
    }

    /** The next call, as Salesforce takes it. */
    public SalesforceRequest request(@Variable("rows") Rows rows) {
        CrmRequest request = request(rows, rows.next().rows());
        return new SalesforceRequest(rows.call().crm(), rows.operation() + " of " + rows.object(), request.method(),
                request.path(), request.body());
    }

    /** Reads the result of each row; rows that met a lock, or can be sent in another way, stay open. */
    public void judge(@Variable("rows") Rows rows, @Body JsonNode answer) {
        judge(rows, rows.next().rows(), answer);
    }

    /** Unlocks the accounts of the call, which has ended. */
    public void leave(@Variable("rows") Rows rows) {
        rows.org().accountLocks().unlock(rows.next().accounts());
        rows.called();
    }

    /** The results of the rows. For merged records they have the id of the record that they were merged into. */
    public List<JsonNode> results(@Variable("rows") Rows rows) {
        return activated.explained(rows.org(), rows.call(), followed(rows, rows.results())).stream()
                .map(CrmResult::json).toList();
    }

    private List<CrmResult> followed(Rows rows, List<CrmResult> results) {
        List<ObjectNode> records = rows.call().records();
        Map<String, Integer> gone = new LinkedHashMap<>();
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).means() == Meaning.GONE) {
                gone.put(records.get(i).path("id").asText(), i);
            }
        }
        List<CrmResult> followed = new ArrayList<>(results);
        masters.of(rows.org(), rows.object(), gone.keySet()).forEach((id, master) ->
                followed.set(gone.get(id), followed.get(gone.get(id)).existing(master)));
        return followed;
    }

    /**
     * Makes a job of the rows. Rows that CSV can't represent stay open; the second row of a record, such as an account
     * and
     * the guest it was, waits for the job of the first.
     */
    public void inJob(@Variable("rows") Rows rows) {
        complete(rows);
        Map<String, Row> first = new LinkedHashMap<>();
        rows.open().forEach(row -> first.putIfAbsent(row.name(rows.operation()), row));
        List<Row> sent = first.values().stream().filter(row -> BulkCsv.isRepresentable(row.fields()))
                .sorted(Comparator.comparing(row -> parents.lane(rows.org(), rows.object(), row))).toList();
        jobs.make(rows, request(rows, sent), sent);
        for (Row row : rows.open()) {
            Row twin = first.get(row.name(rows.operation()));
            if (!twin.open()) {
                row.accepted(twin.result().job());
            }
        }
    }

    private static CrmRequest request(Rows rows, List<Row> some) {
        return rows.org().request(rows.call().withRecords(some.stream().map(Row::record).toList()));
    }

    private void judge(Rows rows, List<Row> some, JsonNode answer) {
        SalesforceOrg org = rows.org();
        List<JsonNode> results = org.gives(rows.call(), answer);
        for (int i = 0; i < some.size() && i < results.size(); i++) {
            Row row = some.get(i);
            CrmResult result = CrmResult.of(results.get(i));
            if (result.means() == null) {
                parents.written(org, rows.object(), row, result.id());
                row.result(result);
            } else if (rows.isLastTry() || result.means() != Meaning.BUSY
                    && !parents.otherwise(org, rows.object(), row, answer.get(i))) {
                row.result(result);
            }
        }
    }
}
