package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Names;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.stereotype.Component;

/**
 * The account of a row: a contact's is created if it has no company, an order's is that of its contact. Contacts and
 * accounts that users merged are replaced by those that they were merged into.
 */
@Component
class Accounts {

    /** Ids of accounts begin with it. */
    static final String PREFIX = "001";
    /** Prefix of the keys of accounts that were created for one contact only. */
    static final String OWN = "contact:";
    static final String FIELD = "AccountId";

    private static final int LONGEST_NAME = 255;
    private static final String ACCOUNT = "Account";
    private static final String CONTACT = "Contact";
    private static final String FIRST_NAME = "FirstName";
    private static final String LAST_NAME = "LastName";
    /** What belongs to a contact's account, by the field that names the contact. */
    private static final Map<String, String> OF_CONTACT = Map.of("Order", "BillToContactId", "Opportunity", "ContactId");

    private final SalesforceClient client;
    private final Masters masters;

    Accounts(SalesforceClient client, Masters masters) {
        this.client = client;
        this.masters = masters;
    }

    /** Custom objects name their contact and account by custom fields; the shipped mapping says so. */
    static String contactField(String object) {
        return isCustom(object) ? "Contact__c" : OF_CONTACT.get(object);
    }

    static String field(String object) {
        return isCustom(object) ? "Account__c" : FIELD;
    }

    static boolean isCustom(String object) {
        return object.endsWith("__c");
    }

    /** Sets the accounts of the rows; refuses rows that need one and can't get one. */
    void complete(SalesforceOrg org, String object, List<Row> rows, boolean update) {
        follow(org, ACCOUNT, rows.stream().filter(Row::renewed).toList(), field(object));
        if (object.equals(CONTACT)) {
            ofContacts(org, update ? rows.stream().filter(row -> row.fields().path(FIELD).isNull()).toList() : rows, update);
            if (update) {
                rename(org, rows);
            }
        }
        if (contactField(object) != null) {
            ofOrders(org, object, rows, update);
        }
    }

    /**
     * A contact without an account is private to its owner, and can have no order. So one that leaves a company goes back
     * under its own account.
     */
    private void ofContacts(SalesforceOrg org, List<Row> rows, boolean update) {
        List<Row> without = rows.stream().filter(row -> row.text(FIELD).isEmpty()).toList();
        String bucket = org.crm().setting("bucket-account").orElse(null);
        if (bucket != null) {
            without.forEach(row -> row.fields().put(FIELD, bucket));
            return;
        }
        Map<String, ObjectNode> accounts = new LinkedHashMap<>();
        for (Row row : without) {
            accounts.putIfAbsent(accountKey(row), named(accountKey(row), fullName(row::known)));
        }
        Map<String, JsonNode> written = update ? present(org, accounts) : new HashMap<>();
        for (List<ObjectNode> batch : SalesforceClient.inBatches(accounts.values(), Parents.BATCH)) {
            JsonNode answer = client.write(org, ACCOUNT, true, batch);
            for (int i = 0; i < batch.size(); i++) {
                written.put(batch.get(i).path(Salesforce.KEY).asText(), answer.path(i));
            }
        }
        for (Row row : without) {
            JsonNode account = written.get(accountKey(row));
            if (account.path("success").asBoolean()) {
                row.fields().set(FIELD, account.get("id"));
            } else {
                row.refuse("its account: " + Salesforce.words(account.at("/errors/0")));
            }
        }
    }

    /**
     * An account that was made for one contact is called as its contact, until users name it: it was made when only an
     * e-mail was known, perhaps, and is "-".
     */
    private void rename(SalesforceOrg org, List<Row> rows) {
        Map<String, Row> renamed = new LinkedHashMap<>();
        rows.stream().filter(row -> row.fields().has(FIRST_NAME) || row.fields().has(LAST_NAME))
                .filter(row -> !fullName(row::before).isEmpty())
                .filter(row -> !fullName(row::before).equals(fullName(row::known)))
                .forEach(row -> renamed.put(row.record().path("id").asText(), row));
        for (List<String> ids : SalesforceClient.inBatches(renamed.keySet(), Parents.BATCH)) {
            Map<String, ObjectNode> accounts = new LinkedHashMap<>();
            for (JsonNode contact : client.query(org, "SELECT Id, AccountId, Account.Name, Account." + Salesforce.KEY
                    + " FROM Contact WHERE Id IN " + SalesforceClient.in(ids))) {
                String key = contact.at("/Account/" + Salesforce.KEY).asText("");
                Row row = renamed.get(contact.path("Id").asText());
                if (key.startsWith(OWN) && contact.at("/Account/Name").asText().equals(fullName(row::before))) {
                    accounts.put(contact.path(FIELD).asText(), named(key, fullName(row::known)));
                }
            }
            if (!accounts.isEmpty()) {
                org.accountLocks().lock(accounts.keySet());
                try {
                    client.write(org, ACCOUNT, true, List.copyOf(accounts.values()));
                } finally {
                    org.accountLocks().unlock(accounts.keySet());
                }
            }
        }
    }

    private static ObjectNode named(String key, String name) {
        return JsonNodeFactory.instance.objectNode().put(Salesforce.KEY, key)
                .put("Name", name.substring(0, Math.min(LONGEST_NAME, name.length())));
    }

    private static String fullName(UnaryOperator<String> field) {
        return (field.apply(FIRST_NAME) + " " + field.apply(LAST_NAME)).strip();
    }

    /** Takes out the accounts that the org has, whose names are its users' by now; gives them by key. */
    private Map<String, JsonNode> present(SalesforceOrg org, Map<String, ObjectNode> accounts) {
        Map<String, JsonNode> present = new HashMap<>();
        for (List<String> keys : SalesforceClient.inBatches(List.copyOf(accounts.keySet()), Parents.BATCH)) {
            for (JsonNode account : client.query(org, "SELECT Id, " + Salesforce.KEY + " FROM Account WHERE "
                    + Salesforce.KEY + " IN " + SalesforceClient.in(keys))) {
                String key = account.path(Salesforce.KEY).asText();
                present.put(key, JsonNodeFactory.instance.objectNode().put("success", true)
                        .set("id", account.get("Id")));
                accounts.remove(key);
            }
        }
        return present;
    }

    /** A guest has no key, so the account's key is a hash of the e-mail address, or of phone and name. */
    private static String accountKey(Row row) {
        return OWN + (row.key() != null ? row.key()
                : hash(row.text("Email").isEmpty() ? row.text("Phone") + "\n" + name(row) : row.text("Email")));
    }

    /** Many people share the phone of an office or a marketplace. */
    private static String name(Row row) {
        return Names.compared(row.text(FIRST_NAME) + " " + row.text(LAST_NAME));
    }

    private static String hash(String text) {
        return DigestUtils.sha256Hex(text).substring(0, 32);
    }

    /** An order without a company belongs to the account that its contact is under. */
    private void ofOrders(SalesforceOrg org, String object, List<Row> rows, boolean update) {
        String field = contactField(object);
        String ofAccount = field(object);
        contactsOfPersons(org, rows, field, ofAccount);
        followContacts(org, rows.stream().filter(row -> !row.text(field).isEmpty())
                .filter(row -> row.text(ofAccount).isEmpty() || row.renewed()).toList(), field);
        for (Row row : rows.stream().filter(Row::open)
                .filter(row -> row.text(ofAccount).isEmpty() && !row.text(field).isEmpty()).toList()) {
            String account = org.accounts().last(row.text(field));
            if (account != null) {
                row.fields().put(ofAccount, account);
            } else if (!update && object.equals("Order")) {
                row.refuse("contact " + row.text(field) + " has no account in " + org.crm().title()
                        + ", which an order needs. Put it under one there, then replay");
            }
        }
    }

    /** Reads the accounts of these rows' contacts; a merged contact is replaced by the one that it was merged into. */
    private void followContacts(SalesforceOrg org, List<Row> rows, String field) {
        Set<String> unknown = new LinkedHashSet<>();
        rows.forEach(row -> unknown.add(row.text(field)));
        unknown.removeIf(org.accounts()::isFresh);
        Set<String> gone = new LinkedHashSet<>(unknown);
        for (List<String> ids : SalesforceClient.inBatches(unknown, Parents.BATCH)) {
            for (JsonNode contact : client.query(org, "SELECT Id, AccountId FROM Contact WHERE Id IN "
                    + SalesforceClient.in(ids))) {
                gone.remove(contact.path("Id").asText());
                if (contact.hasNonNull(FIELD)) {
                    org.accounts().put(contact.path("Id").asText(), contact.path(FIELD).asText());
                } else {
                    org.accounts().remove(contact.path("Id").asText());
                }
            }
        }
        if (follow(org, CONTACT, rows.stream().filter(row -> gone.contains(row.text(field))).toList(), field)) {
            followContacts(org, rows, field);
        }
    }

    /** Replaces merged records by those that they were merged into; returns whether there was any. */
    private boolean follow(SalesforceOrg org, String object, List<Row> rows, String field) {
        Set<String> ids = new LinkedHashSet<>();
        rows.forEach(row -> ids.add(row.text(field)));
        ids.remove("");
        Map<String, String> into = masters.of(org, object, ids);
        rows.stream().filter(row -> into.containsKey(row.text(field)))
                .forEach(row -> row.fields().put(field, into.get(row.text(field))));
        return !into.isEmpty();
    }

    /** A person account is linked by its account's id: the order's contact is the one that it has inside. */
    private void contactsOfPersons(SalesforceOrg org, List<Row> rows, String field, String ofAccount) {
        List<Row> persons = rows.stream().filter(row -> row.text(field).startsWith(PREFIX)).toList();
        Set<String> unknown = new LinkedHashSet<>();
        persons.forEach(row -> unknown.add(row.text(field)));
        unknown.removeIf(id -> org.entries().get("person " + id) != null);
        for (List<String> ids : SalesforceClient.inBatches(unknown, Parents.BATCH)) {
            for (JsonNode account : client.query(org, "SELECT Id, PersonContactId FROM Account WHERE Id IN "
                    + SalesforceClient.in(ids))) {
                unknown.remove(account.path("Id").asText());
                org.entries().put("person " + account.path("Id").asText(), account.path("PersonContactId").asText());
            }
        }
        if (follow(org, ACCOUNT, persons.stream().filter(row -> unknown.contains(row.text(field))).toList(), field)) {
            contactsOfPersons(org, rows, field, ofAccount);
            return;
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
}
