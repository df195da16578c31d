package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmRefused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * What must stand before a row does, and which no mapping can know: the account of a contact or an order, the price
 * book of an order, the price book entry of a line. Fields of the mapping that carry a dot, such as
 * {@code Product2.Name}, say what is to be made where it is missing; they are never sent as they are.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference">Object
 *     reference</a>
 */
@Component
class Parents {

    static final int BATCH = 200;

    /** Keys of accounts begin with it that were made for one contact alone. */
    static final String OWN_ACCOUNT = "contact:";

    private static final String ACCOUNT = "AccountId";
    /** Ids of accounts begin with it. */
    private static final String ACCOUNT_PREFIX = "001";
    static final String CURRENCY = "CurrencyIsoCode";
    private static final String ENTRY = "PricebookEntryId";
    /** What we fill in from memory, and what Salesforce says where that is true no longer. */
    private static final Set<String> REMEMBERED =
            Set.of(ACCOUNT, ENTRY, "Pricebook2Id", "BillToContactId", "ContactId", "Account__c", "Contact__c",
                    "RecordTypeId");
    private static final Set<String> OUTDATED = Set.of("INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED",
            "FIELD_INTEGRITY_EXCEPTION");
    private static final int LONGEST_NAME = 255;
    /** Line items by their parent's field. */
    private static final Map<String, String> ITEMS = Map.of("OrderItem", "OrderId", "OpportunityLineItem", "OpportunityId");
    /** What belongs to a contact's account, by the field that names the contact. */
    private static final Map<String, String> OF_CONTACT = Map.of("Order", "BillToContactId", "Opportunity", "ContactId");
    private static final Map<String, Set<String>> CREATE_ONLY = Map.of("OrderItem", Set.of("OrderId", ENTRY),
            "OpportunityLineItem", Set.of("OpportunityId", ENTRY), "Opportunity", Set.of("ContactId"));

    private final SalesforceClient client;
    private final PriceBooks priceBooks;
    private final Masters masters;

    Parents(SalesforceClient client, PriceBooks priceBooks, Masters masters) {
        this.masters = masters;
        this.client = client;
        this.priceBooks = priceBooks;
    }

    /** Completes the rows; refuses those for which something is missing that can't be made. */
    void complete(SalesforceOrg org, String operation, String object, List<Row> rows) {
        boolean update = operation.equals("update");
        rows.forEach(Row::completed);
        if (object.equals("Contact") && !update) {
            accountsOfContacts(org, rows);
        }
        if (contactField(object) != null) {
            accountsOfOrders(org, object, rows, update);
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
                row.result(JsonNodeFactory.instance.objectNode().set("id", row.record().get("id")));
            }
        }
    }

    /** Custom objects name their contact and account by custom fields; the shipped mapping says so. */
    private static String contactField(String object) {
        return isCustom(object) ? "Contact__c" : OF_CONTACT.get(object);
    }

    private static String accountField(String object) {
        return isCustom(object) ? "Account__c" : ACCOUNT;
    }

    private static boolean isCustom(String object) {
        return object.endsWith("__c");
    }

    /** The record that this row is a line of; empty where it is a record of its own. */
    private static String parent(String object, Row row) {
        return ITEMS.containsKey(object) ? row.text(ITEMS.get(object)) : row.record().path("parent").asText("");
    }

    /** A custom line belongs to its order for ever, as master-detail fields have it. */
    private static Set<String> createOnly(String object, Row row) {
        String parent = parent(object, row);
        return !isCustom(object) || parent.isEmpty() ? CREATE_ONLY.getOrDefault(object, Set.of())
                : row.fields().properties().stream().filter(one -> one.getValue().asText("").equals(parent))
                        .map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    /** What Salesforce locks while it writes this row; rows of one lane are never under way at the same time. */
    String lane(SalesforceOrg org, String object, Row row) {
        String id = row.record().path("id").asText("");
        boolean line = ITEMS.containsKey(object) || !parent(object, row).isEmpty();
        String parent = line ? parent(object, row) : row.text(accountField(object));
        if (line || parent.isEmpty()) {
            return org.accounts().getOrDefault(parent.isEmpty() ? id : parent, parent.isEmpty() ? id : parent);
        }
        return parent;
    }

    /** Remembers under which account the row is now. */
    void written(SalesforceOrg org, String object, Row row, String id) {
        String lane = lane(org, object, row);
        if (!id.isEmpty() && lane.startsWith(ACCOUNT_PREFIX)) {
            org.accounts().put(id, lane);
        }
    }

    /**
     * Whether a refused row can be sent in another way: without what can't be changed, since an earlier call whose
     * answer was lost has created it; or with other parents, where those that we remembered are gone.
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
        org.accounts().remove(row.text(contactField(object) == null ? ACCOUNT : contactField(object)));
        org.entries().clear();
        return row.renew();
    }

    private static List<Row> open(List<Row> rows) {
        return rows.stream().filter(Row::open).toList();
    }

    /** A contact without an account is private to its owner, and can have no order. */
    private void accountsOfContacts(SalesforceOrg org, List<Row> rows) {
        Crm crm = org.crm();
        List<Row> without = rows.stream().filter(row -> row.text(ACCOUNT).isEmpty()).toList();
        String bucket = crm.setting("bucket-account").orElse(null);
        if (bucket != null) {
            without.forEach(row -> row.fields().put(ACCOUNT, bucket));
            return;
        }
        Map<String, ObjectNode> accounts = new LinkedHashMap<>();
        for (Row row : without) {
            String name = (row.text("FirstName") + " " + row.text("LastName")).strip();
            accounts.putIfAbsent(accountKey(row), JsonNodeFactory.instance.objectNode()
                    .put(Salesforce.KEY, accountKey(row))
                    .put("Name", name.substring(0, Math.min(LONGEST_NAME, name.length()))));
        }
        Map<String, JsonNode> written = new HashMap<>();
        for (List<ObjectNode> batch : SalesforceClient.inBatches(accounts.values(), BATCH)) {
            JsonNode answer = client.write(org, "Account", true, batch);
            for (int i = 0; i < batch.size(); i++) {
                written.put(batch.get(i).path(Salesforce.KEY).asText(), answer.path(i));
            }
        }
        for (Row row : without) {
            JsonNode account = written.get(accountKey(row));
            if (account.path("success").asBoolean()) {
                row.fields().set(ACCOUNT, account.get("id"));
            } else {
                row.refuse("its account: " + Salesforce.words(account.at("/errors/0")));
            }
        }
    }

    /** Of a guest, who has no key, the account is known by a hash of the e-mail address or phone. */
    private static String accountKey(Row row) {
        return OWN_ACCOUNT + (row.key() != null ? row.key()
                : hash(row.text("Email").isEmpty() ? row.text("Phone") : row.text("Email")));
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    /** An order without a company belongs to the account that its contact is under. */
    private void accountsOfOrders(SalesforceOrg org, String object, List<Row> rows, boolean update) {
        String field = contactField(object);
        String ofAccount = accountField(object);
        contactsOfPersons(org, rows, field, ofAccount);
        followContacts(org, rows.stream().filter(row -> !row.text(field).isEmpty())
                .filter(row -> row.text(ofAccount).isEmpty() || row.renewed()).toList(), field);
        for (Row row : rows.stream().filter(Row::open)
                .filter(row -> row.text(ofAccount).isEmpty() && !row.text(field).isEmpty()).toList()) {
            String account = org.accounts().get(row.text(field));
            if (account != null) {
                row.fields().put(ofAccount, account);
            } else if (!update && object.equals("Order")) {
                row.refuse("contact " + row.text(field) + " has no account in " + org.crm().title()
                        + ", which an order needs. Put it under one there, then replay");
            }
        }
    }

    /** Learns the accounts of these rows' contacts; a contact that was merged into another gives way to that one. */
    private void followContacts(SalesforceOrg org, List<Row> rows, String field) {
        Set<String> unknown = new LinkedHashSet<>();
        rows.forEach(row -> unknown.add(row.text(field)));
        unknown.removeAll(org.accounts().keySet());
        Set<String> gone = new LinkedHashSet<>(unknown);
        for (List<String> ids : SalesforceClient.inBatches(unknown, BATCH)) {
            for (JsonNode contact : client.query(org, "SELECT Id, AccountId FROM Contact WHERE Id IN "
                    + SalesforceClient.in(ids))) {
                gone.remove(contact.path("Id").asText());
                if (contact.hasNonNull(ACCOUNT)) {
                    org.accounts().put(contact.path("Id").asText(), contact.path(ACCOUNT).asText());
                }
            }
        }
        Map<String, String> into = masters.of(org, "Contact", gone);
        if (!into.isEmpty()) {
            List<Row> merged = rows.stream().filter(row -> into.containsKey(row.text(field))).toList();
            merged.forEach(row -> row.fields().put(field, into.get(row.text(field))));
            followContacts(org, merged, field);
        }
    }

    /** A person account is linked by its account's id: the order's contact is the one that it has inside. */
    private void contactsOfPersons(SalesforceOrg org, List<Row> rows, String field, String ofAccount) {
        List<Row> persons = rows.stream().filter(row -> row.text(field).startsWith(ACCOUNT_PREFIX)).toList();
        Set<String> unknown = new LinkedHashSet<>();
        persons.forEach(row -> unknown.add(row.text(field)));
        unknown.removeIf(id -> org.entries().containsKey("person " + id));
        for (List<String> ids : SalesforceClient.inBatches(unknown, BATCH)) {
            for (JsonNode account : client.query(org, "SELECT Id, PersonContactId FROM Account WHERE Id IN "
                    + SalesforceClient.in(ids))) {
                org.entries().put("person " + account.path("Id").asText(), account.path("PersonContactId").asText());
            }
        }
        for (Row row : persons) {
            String account = row.text(field);
            String contact = org.entries().get("person " + account);
            if (contact == null) {
                row.refuse("person account " + account + " has no contact in " + org.crm().title());
            } else {
                row.fields().put(field, contact);
                if (row.text(ofAccount).isEmpty()) {
                    row.fields().put(ofAccount, account);
                }
            }
        }
    }

    /** An org of one currency has no field for it; amounts of another would be wrong there. */
    private void currencies(SalesforceOrg org, List<Row> rows, String field) {
        if (rows.stream().noneMatch(row -> row.fields().has(field)) || multiCurrency(org)) {
            return;
        }
        String only = org.crm().setting("currency").orElse(null);
        for (Row row : rows) {
            String given = row.take(field);
            if (!given.isEmpty() && !given.equalsIgnoreCase(only)) {
                row.refuse(only == null
                        ? "the org has a single currency, and nobody has said which: set shopbridge.crms."
                                + org.crm().name() + ".currency, as in USD, then replay"
                        : "its amounts are in " + given + ", but the org knows " + only + " only");
            }
        }
    }

    /** Whether records carry a currency; asked once. */
    boolean multiCurrency(SalesforceOrg org) {
        if (org.multiCurrency() == null) {
            JsonNode description = client.call(new SalesforceRequest(org.crm().name(), "describe", "GET",
                    "/sobjects/PricebookEntry/describe", null));
            if (!description.has("fields")) {
                throw new CrmRefused(org.crm().title() + " does not describe PricebookEntry", null);
            }
            org.multiCurrency(description.get("fields").findValuesAsText("name").contains(CURRENCY));
        }
        return org.multiCurrency();
    }
}
