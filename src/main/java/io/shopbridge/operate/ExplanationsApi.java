package io.shopbridge.operate;

import io.shopbridge.audit.Audit;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.explain.Explainer;
import io.shopbridge.explain.Explanation;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.shopify.Ids;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "explanations", description = "Why a value in a CRM is as it is")
class ExplanationsApi {

    private static final Set<String> NAMES = Set.of("crm", "store", "record", "field");

    private final Explainer explainer;
    private final Crms crms;
    private final Stores stores;
    private final Shopify shopify;
    private final JdbcClient database;
    private final Audit audit;

    ExplanationsApi(Explainer explainer, Crms crms, Stores stores, Shopify shopify, JdbcClient database, Audit audit) {
        this.shopify = shopify;
        this.explainer = explainer;
        this.crms = crms;
        this.stores = stores;
        this.database = database;
        this.audit = audit;
    }

    /** What is to be explained. All are text here, so that error messages are our own. */
    record Query(
            @Parameter(description = "Name of a configured CRM; may be left out where there is one") String crm,
            @Parameter(description = "Name of a store; may be left out where one store has such a record") String store,
            @Parameter(description = "The record, as in order/5200000000001", required = true) String record,
            @Parameter(description = "The CRM's name of one field; left out: all fields of the mapping") String field) {
    }

    @GetMapping("/api/v1/explanations")
    @Operation(summary = "Explains a record's fields: values, owner, line of the mapping, event, decision, attempts. The"
            + " record is read from the CRM; the answer contains personal data")
    @ApiResponse(responseCode = "200", description = "The explanation; of a field that no mapping names it says so")
    @ApiResponse(responseCode = "400", description = "There is no such CRM or store, or several stores have the record")
    Explanation explain(@ParameterObject Query query, HttpServletRequest request) {
        Parameters.check(request, NAMES);
        String[] record = query.record() == null ? new String[0] : query.record().split("/", 2);
        if (record.length < 2 || record[0].isBlank() || record[1].isBlank()) {
            throw Problem.badParameter("record: " + (query.record() == null ? "missing" : "\"" + query.record()
                    + "\" is not a record") + "; write its kind and Shopify's id, as in order/5200000000001.");
        }
        List<String> names = crms.all().stream().map(Crm::name).toList();
        String crm = query.crm() == null && names.size() == 1 ? names.get(0) : query.crm();
        if (!names.contains(crm)) {
            throw Problem.badParameter("crm: " + (crm == null ? "missing" : "\"" + crm + "\" is not configured")
                    + "; configured: " + String.join(", ", names) + ".");
        }
        // What is typed stays in the audit for good, so it must be an id: an e-mail address would be the natural mistake.
        if (!Ids.isId(record[1]) || !kinds(crm).contains(record[0])) {
            throw Problem.badParameter("record: write its kind and Shopify's id, as in order/5200000000001; kinds: "
                    + String.join(", ", kinds(crm)) + ".");
        }
        String store = store(crm, query.store(), record[0], record[1]);
        RecordKey key = new RecordKey(store, record[0], own(store, record[0], record[1]));
        audit.did("read", "the explanation of " + key + " of store " + key.store() + " in " + crm);
        return explainer.explain(crm, key, query.field());
    }

    /** Of records that this CRM has, or of which it has parts, and of all that Shopify has. */
    private Set<String> kinds(String crm) {
        Set<String> kinds = new TreeSet<>(shopify.entities());
        crms.get(crm).mappings().forEach(mapping -> mapping.children().stream().map(ChildMapping::entity)
                .filter(Objects::nonNull).forEach(kinds::add));
        return kinds;
    }

    private String store(String crm, String asked, String entity, String id) {
        String[] names = stores.all().stream().map(Store::name).toArray(String[]::new);
        Set<String> known = Set.copyOf(database.sql("SELECT store FROM mirror_facet WHERE store = ANY (?) AND entity = ?"
                + " AND record_id = ? UNION SELECT store FROM link WHERE crm = ? AND store = ANY (?) AND entity = ?"
                + " AND record_id = ? UNION SELECT store FROM record_alias WHERE store = ANY (?) AND entity = ?"
                + " AND alias = ?")
                .params(names, entity, id, crm, names, entity, id, names, entity, id).query(String.class).list());
        if (asked != null) {
            if (stores.find(asked).isEmpty() && !known.contains(asked)) {
                throw Problem.badParameter("store: \"" + asked + "\" is not configured; configured: " + names() + ".");
            }
            return asked;
        } else if (known.size() > 1) {
            throw Problem.badParameter("store: missing; the stores " + known.stream().sorted()
                    .collect(Collectors.joining(", ")) + " have a record " + entity + "/" + id + ".");
        }
        return known.isEmpty() ? stores.all().iterator().next().name() : known.iterator().next();
    }

    /** The id by which a record is known here, of which Shopify has another too: the two tokens of a checkout. */
    private String own(String store, String entity, String id) {
        return database.sql("SELECT record_id FROM record_alias WHERE store = ? AND entity = ? AND alias = ?")
                .params(store, entity, id).query(String.class).optional().orElse(id);
    }

    private String names() {
        return stores.all().stream().map(Store::name).collect(Collectors.joining(", "));
    }
}
