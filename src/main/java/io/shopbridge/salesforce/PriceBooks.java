package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmRefused;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Products, and their prices in the standard price book and the store's, created if they are missing: a line needs an
 * entry of its order's price book and currency, and a price book accepts no product without a standard price. Existing
 * ones are cached, and their prices are left to users, because each line carries the price that was paid.
 */
@Component
class PriceBooks {

    private static final String BOOK = "Pricebook2.";
    private static final String PRODUCT = "Product2.";
    private static final String CURRENCY = "PricebookEntry.CurrencyIsoCode";
    private static final String PRICE = "PricebookEntry.UnitPrice";

    /** A price that a line needs. */
    private record Wanted(String book, String product, String currency, ObjectNode details, JsonNode price) {
        String in(String priceBook) {
            return "entry " + priceBook + " " + product + " " + currency;
        }
    }

    private final SalesforceClient client;

    PriceBooks(SalesforceClient client) {
        this.client = client;
    }

    /** Sets the store's price book of orders. It can't change after an order has lines, so it is sent once. */
    void ofOrders(SalesforceOrg org, List<Row> rows) {
        for (Row row : rows) {
            if (!row.text(BOOK + Salesforce.KEY).isEmpty() && row.record().path("id").asText("").isEmpty()) {
                try {
                    row.fields().put("Pricebook2Id", book(org, row));
                } catch (CrmRefused e) {
                    row.refuse(e.getMessage());
                }
            }
        }
    }

    /** Gives line items their price book entries. */
    void ofItems(SalesforceOrg org, List<Row> rows) {
        Map<Row, Wanted> wanted = new LinkedHashMap<>();
        for (Row row : rows) {
            try {
                String product = row.text(PRODUCT + Salesforce.KEY);
                if (!product.isEmpty()) {
                    ObjectNode details = JsonNodeFactory.instance.objectNode();
                    row.fields().properties().stream().filter(one -> one.getKey().startsWith(PRODUCT))
                            .forEach(one -> details.set(one.getKey().substring(PRODUCT.length()), one.getValue()));
                    wanted.put(row, new Wanted(book(org, row), product, row.text(CURRENCY), details,
                            row.fields().get(PRICE)));
                }
            } catch (CrmRefused e) {
                row.refuse(e.getMessage());
            }
        }
        Map<String, String> refusals = new HashMap<>();
        if (wanted.values().stream().anyMatch(one -> org.entries().get(one.in(one.book())) == null)) {
            // Two threads must not create the same product at the same time.
            synchronized (org) {
                make(org, wanted.values().stream().filter(one -> org.entries().get(one.in(one.book())) == null)
                        .toList(), refusals);
            }
        }
        wanted.forEach((row, one) -> {
            String entry = org.entries().get(one.in(one.book()));
            if (entry != null) {
                row.fields().put("PricebookEntryId", entry);
            } else {
                row.refuse(refusals.getOrDefault(one.product(), "its product " + one.product() + " has no price in "
                        + one.currency() + " in price book " + one.book() + ", and none could be made"));
            }
        });
    }

    private String book(SalesforceOrg org, Row row) {
        String chosen = org.crm().setting("pricebook").orElse(null);
        if (chosen != null) {
            return chosen;
        }
        String key = row.text(BOOK + Salesforce.KEY);
        String known = org.entries().get("book " + key);
        if (known != null) {
            return known;
        }
        synchronized (org) {
            for (JsonNode found : client.query(org, "SELECT Id FROM Pricebook2 WHERE " + Salesforce.KEY + " IN "
                    + SalesforceClient.in(List.of(key)))) {
                org.entries().put("book " + key, found.path("Id").asText());
            }
            if (!org.entries().containsKey("book " + key)) {
                ObjectNode book = JsonNodeFactory.instance.objectNode().put(Salesforce.KEY, key)
                        .put("Name", row.text(BOOK + "Name").isEmpty() ? key : row.text(BOOK + "Name"))
                        .put("IsActive", true);
                JsonNode answer = client.write(org, "Pricebook2", true, List.of(book)).path(0);
                if (!answer.path("success").asBoolean()) {
                    throw new CrmRefused("the price book " + key + ": " + Salesforce.words(answer.at("/errors/0")), null);
                }
                org.entries().put("book " + key, answer.path("id").asText());
            }
            return org.entries().get("book " + key);
        }
    }

    private String standard(SalesforceOrg org) {
        if (!org.entries().containsKey("standard")) {
            for (JsonNode found : client.query(org, "SELECT Id FROM Pricebook2 WHERE IsStandard = true")) {
                org.entries().put("standard", found.path("Id").asText());
            }
        }
        String standard = org.entries().get("standard");
        if (standard == null) {
            throw new CrmRefused(org.crm().title() + " shows us no standard price book. Give the integration user"
                    + " access to products and price books, then replay", null);
        }
        return standard;
    }

    private void make(SalesforceOrg org, List<Wanted> missing, Map<String, String> refusals) {
        if (missing.isEmpty()) {
            return;
        }
        String standard = standard(org);
        look(org, standard, missing);
        List<Wanted> none = missing.stream().filter(one -> org.entries().get(one.in(one.book())) == null).toList();
        if (none.isEmpty()) {
            return;
        }
        Map<String, String> products = products(org, none, refusals);
        entries(org, standard, none, products, refusals, true);
        entries(org, standard, none, products, refusals, false);
        // Another process may have created it first: that one is used.
        look(org, standard, none.stream().filter(one -> org.entries().get(one.in(one.book())) == null).toList());
    }

    private void look(SalesforceOrg org, String standard, List<Wanted> missing) {
        Set<String> products = new LinkedHashSet<>();
        Set<String> books = new LinkedHashSet<>(List.of(standard));
        missing.forEach(one -> {
            products.add(one.product());
            books.add(one.book());
        });
        boolean currencies = Boolean.TRUE.equals(org.multiCurrency());
        for (List<String> batch : SalesforceClient.inBatches(products, Parents.BATCH / 2)) {
            for (JsonNode found : client.query(org, "SELECT Id, Pricebook2Id, Product2." + Salesforce.KEY
                    + (currencies ? ", CurrencyIsoCode" : "") + " FROM PricebookEntry WHERE IsActive = true AND Product2."
                    + Salesforce.KEY + " IN " + SalesforceClient.in(batch) + " AND Pricebook2Id IN "
                    + SalesforceClient.in(books))) {
                org.entries().put("entry " + found.path("Pricebook2Id").asText() + " "
                        + found.at("/Product2/" + Salesforce.KEY).asText() + " "
                        + (currencies ? found.path("CurrencyIsoCode").asText() : ""), found.path("Id").asText());
            }
        }
    }

    /** Ids of the products by our key. */
    private Map<String, String> products(SalesforceOrg org, List<Wanted> wanted, Map<String, String> refusals) {
        Map<String, String> ids = new HashMap<>();
        Map<String, ObjectNode> missing = new LinkedHashMap<>();
        wanted.forEach(one -> missing.putIfAbsent(one.product(), one.details().deepCopy().put("IsActive", true)));
        for (List<String> batch : SalesforceClient.inBatches(List.copyOf(missing.keySet()), Parents.BATCH / 2)) {
            for (JsonNode found : client.query(org, "SELECT Id, " + Salesforce.KEY + " FROM Product2 WHERE "
                    + Salesforce.KEY + " IN " + SalesforceClient.in(batch))) {
                ids.put(found.path(Salesforce.KEY).asText(), found.path("Id").asText());
            }
        }
        missing.keySet().removeAll(ids.keySet());
        for (List<ObjectNode> batch : SalesforceClient.inBatches(missing.values(), Parents.BATCH)) {
            JsonNode answer = client.write(org, "Product2", true, batch);
            for (int i = 0; i < batch.size(); i++) {
                String key = batch.get(i).path(Salesforce.KEY).asText();
                if (answer.path(i).path("success").asBoolean()) {
                    ids.put(key, answer.path(i).path("id").asText());
                } else {
                    refusals.put(key, "its product " + key + ": " + Salesforce.words(answer.at("/" + i + "/errors/0")));
                }
            }
        }
        return ids;
    }

    private void entries(SalesforceOrg org, String standard, List<Wanted> wanted, Map<String, String> products,
            Map<String, String> refusals, boolean inStandard) {
        Map<String, ObjectNode> rows = new LinkedHashMap<>();
        Map<String, String> productOf = new HashMap<>();
        for (Wanted one : wanted) {
            String book = inStandard ? standard : one.book();
            String key = one.in(book);
            if (products.containsKey(one.product()) && org.entries().get(key) == null) {
                ObjectNode row = JsonNodeFactory.instance.objectNode().put("Pricebook2Id", book)
                        .put("Product2Id", products.get(one.product())).put("IsActive", true);
                row.set("UnitPrice", one.price() == null || one.price().isNull()
                        ? JsonNodeFactory.instance.numberNode(0) : one.price());
                if (!one.currency().isEmpty()) {
                    row.put("CurrencyIsoCode", one.currency());
                }
                rows.put(key, row);
                productOf.put(key, one.product());
            }
        }
        List<String> keys = new ArrayList<>(rows.keySet());
        for (List<String> batch : SalesforceClient.inBatches(keys, Parents.BATCH)) {
            JsonNode answer = client.write(org, "PricebookEntry", false, batch.stream().map(rows::get).toList());
            for (int i = 0; i < batch.size(); i++) {
                if (answer.path(i).path("success").asBoolean()) {
                    org.entries().put(batch.get(i), answer.path(i).path("id").asText());
                } else {
                    refusals.put(productOf.get(batch.get(i)), "the price of product " + productOf.get(batch.get(i))
                            + ": " + Salesforce.words(answer.at("/" + i + "/errors/0")));
                }
            }
        }
    }
}
