package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.crm.Operation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Records that must exist before a row, and that no mapping can know: its account (see {@link Accounts}), the price
 * book of an order, the price book entry of a line. Fields of the mapping with a dot, such as {@code Product2.Name},
 * define what is created if it is missing; they are never sent themselves.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference">Object
 *     reference</a>
 */
@Component
class Parents {

    static final int BATCH = 200;

    static final String CURRENCY = "CurrencyIsoCode";
    private static final String ENTRY = "PricebookEntryId";
    /** Fields set from the cache, and Salesforce's error if the cached value is outdated. */
    private static final Set<String> REMEMBERED =
            Set.of(Accounts.FIELD, ENTRY, "Pricebook2Id", "BillToContactId", "ContactId", "Account__c", "Contact__c",
                    "RecordTypeId");
    private static final Set<String> OUTDATED = Set.of("INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED",
            "FIELD_INTEGRITY_EXCEPTION");
    /** Line items by their parent's field. */
    private static final Map<String, String> ITEMS = Map.of("OrderItem", "OrderId", "OpportunityLineItem", "OpportunityId");
    private static final Map<String, Set<String>> CREATE_ONLY = Map.of("OrderItem", Set.of("OrderId", ENTRY),
            "OpportunityLineItem", Set.of("OpportunityId", ENTRY), "Opportunity", Set.of("ContactId"));

    private final SalesforceClient client;
    private final PriceBooks priceBooks;
    private final Accounts accounts;

    Parents(SalesforceClient client, PriceBooks priceBooks, Accounts accounts) {
        this.accounts = accounts;
        this.client = client;
        this.priceBooks = priceBooks;
    }

    /** Completes the rows; refuses those for which a missing record can't be created. */
    void complete(SalesforceOrg org, Operation operation, String object, List<Row> rows) {
        boolean update = operation == Operation.UPDATE;
        rows.forEach(Row::completed);
        accounts.complete(org, object, rows, update);
        if (Accounts.contactField(object) != null) {
            currencies(org, rows, CURRENCY);
            priceBooks.ofOrders(org, open(rows));
        }
        if (ITEMS.containsKey(object) && !update) {
            currencies(org, rows, "PricebookEntry." + CURRENCY);
            priceBooks.ofItems(org, open(rows));
        }
        for (Row row : rows) {
            List<String> names = new ArrayList<>();
            row.fields().fieldNames().forEachRemaining(names::add);
            names.removeIf(name -> !name.contains(".") && !(update && createOnly(object, row).contains(name)));
            row.fields().remove(names);
            if (update && row.fields().isEmpty() && row.open()) {
                row.result(CrmResult.done(row.record().path("id").asText()));
            }
        }
    }

    /** The record that this row is a line of; empty where it is a record of its own. */
    private static String parent(Row row) {
        return row.record().path("parent").asText("");
    }

    /** A custom line belongs to its order permanently, by its master-detail field. */
    private static Set<String> createOnly(String object, Row row) {
        String parent = parent(row);
        return !Accounts.isCustom(object) || parent.isEmpty() ? CREATE_ONLY.getOrDefault(object, Set.of())
                : row.fields().properties().stream().filter(one -> one.getValue().asText("").equals(parent))
                        .map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    /**
     * The account that Salesforce locks while it writes this row; rows of one account are never written at the same
     * time.
     */
    String lane(SalesforceOrg org, String object, Row row) {
        String account = row.text(Accounts.field(object));
        if (!account.isEmpty()) {
            return account;
        }
        String parent = parent(row);
        String id = parent.isEmpty() ? row.record().path("id").asText("") : parent;
        String last = org.accounts().last(id);
        return last == null ? id : last;
    }

    /** Caches the account that was written with the row. Lines are under their order's account. */
    void written(SalesforceOrg org, String object, Row row, String id) {
        String account = row.text(Accounts.field(object));
        if (id != null && parent(row).isEmpty() && account.startsWith(Accounts.PREFIX)) {
            org.accounts().put(id, account);
        }
    }

    /**
     * Whether a refused row can be sent in another way: without what can't be changed, since an earlier call whose
     * answer was lost has created it; or with other parents, if the cached ones no longer exist.
     */
    boolean otherwise(SalesforceOrg org, String object, Row row, JsonNode answer) {
        JsonNode error = answer.at("/errors/0");
        Set<String> fields = new LinkedHashSet<>();
        error.path("fields").forEach(field -> fields.add(field.asText()));
        String code = error.path("statusCode").asText();
        if (code.equals("INVALID_FIELD_FOR_INSERT_UPDATE")) {
            boolean created = !fields.isEmpty() && createOnly(object, row).containsAll(fields)
                    && fields.stream().anyMatch(row.fields()::has);
            row.fields().remove(fields);
            return created;
        }
        if (fields.stream().noneMatch(REMEMBERED::contains) || !OUTDATED.contains(code)) {
            return false;
        }
        String contact = Accounts.contactField(object);
        org.accounts().remove(row.text(contact == null ? Accounts.FIELD : contact));
        org.entries().clear();
        return row.renew();
    }

    private static List<Row> open(List<Row> rows) {
        return rows.stream().filter(Row::open).toList();
    }

    /** An org with one currency has no field for it; amounts in another would be wrong there. */
    private void currencies(SalesforceOrg org, List<Row> rows, String field) {
        if (rows.stream().noneMatch(row -> row.fields().has(field)) || multiCurrency(org)) {
            return;
        }
        String only = org.crm().setting("currency").orElse(null);
        for (Row row : rows) {
            String given = row.take(field);
            if (!given.isEmpty() && !given.equalsIgnoreCase(only)) {
                row.refuse(only == null
                        ? "the org has a single currency, and it is not configured: set shopbridge.crms."
                                + org.crm().name() + ".currency, as in USD, then replay"
                        : "its amounts are in " + given + ", but the org knows " + only + " only");
            }
        }
    }

    /** Whether records carry a currency; asked once. */
    boolean multiCurrency(SalesforceOrg org) {
        if (org.multiCurrency() == null) {
            JsonNode description = client.call(new SalesforceRequest(org.crm().name(), "describe", "GET",
                    "/sobjects/Account/describe", null));
            if (!description.has("fields")) {
                throw new CrmRefused(org.crm().title() + " does not describe Account", null);
            }
            org.multiCurrency(description.get("fields").findValuesAsText("name").contains(CURRENCY));
        }
        return org.multiCurrency();
    }
}
