package io.shopbridge.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.salesforce.Org;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Salesforce, with a contact and an account for every customer. */
final class SalesforceAdapter implements CrmAdapter {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "/services/data/" + SimulatedSalesforce.VERSION;

    private final SimulatedSalesforce crm;

    SalesforceAdapter(Options options) {
        crm = SimulatedSalesforce.start(0, options, Org.defaults().withPageSize(200));
    }

    @Override
    public String folder() {
        return "salesforce";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("base-url", crm.baseUrl(), "client-id", SimulatedSalesforce.CLIENT_ID,
                "client-secret", Options.DEFAULT_TOKEN);
    }

    @Override
    public SimulatedCrm simulator() {
        return crm;
    }

    @Override
    public boolean isWrite(String call) {
        return !call.startsWith("GET") && !call.contains("/oauth2/");
    }

    @Override
    public String creates() {
        return "/composite/sobjects/Contact";
    }

    @Override
    public int batch() {
        return 200;
    }

    @Override
    public Duration moment() {
        return Duration.ofSeconds(1);
    }

    @Override
    public List<ObjectNode> records(String object) {
        return crm.records(object);
    }

    @Override
    public List<Contact> contacts() {
        return crm.records("Contact").stream().map(contact -> new Contact(contact.path("Id").asText(),
                CrmHttp.text(contact, "Shopbridge_Key__c"), CrmHttp.text(contact, "Email"),
                CrmHttp.text(contact, "Phone"), CrmHttp.text(contact, "FirstName"), CrmHttp.text(contact, "LastName"),
                CrmHttp.text(contact, "Shopify_Note__c"))).toList();
    }

    @Override
    public List<Order> orders() {
        Map<String, Long> lines = crm.records("OrderItem").stream()
                .collect(Collectors.groupingBy(item -> item.path("OrderId").asText(), Collectors.counting()));
        return crm.records("Order").stream().map(order -> new Order(order.path("Id").asText(),
                CrmHttp.text(order, "Shopbridge_Key__c"), CrmHttp.text(order, "BillToContactId"),
                lines.getOrDefault(order.path("Id").asText(), 0L).intValue())).toList();
    }

    @Override
    public String companyOf(Order order) {
        return crm.records("Order").stream().filter(record -> record.path("Id").asText().equals(order.id()))
                .map(record -> CrmHttp.text(record, "AccountId")).findFirst().orElse(null);
    }

    /** Who has no company is under an account of their own, because contacts without any are private. */
    @Override
    public String companyOf(Contact contact) {
        String account = crm.records("Contact").stream().filter(record -> record.path("Id").asText().equals(contact.id()))
                .map(record -> CrmHttp.text(record, "AccountId")).findFirst().orElseThrow();
        return crm.records("Account").stream().filter(record -> record.path("Id").asText().equals(account)).findFirst()
                .map(record -> CrmHttp.text(record, "Shopbridge_Key__c")).orElseThrow().startsWith("contact:") ? null : account;
    }

    @Override
    public void moveTo(String company, Contact contact) {
        crm.editAsUser("Contact", contact.id(), JsonNodeFactory.instance.objectNode().put("AccountId", company));
    }

    @Override
    public void putUnder(String parent, String company) {
        crm.editAsUser("Account", company, JsonNodeFactory.instance.objectNode().put("ParentId", parent));
    }

    @Override
    public String parentOf(String company) {
        return crm.records("Account").stream().filter(record -> record.path("Id").asText().equals(company))
                .findFirst().map(record -> CrmHttp.text(record, "ParentId")).orElse(null);
    }

    @Override
    public String add(Contact contact) {
        ObjectNode fields = fields(contact);
        if (!fields.has("LastName")) {
            fields.put("LastName", "-");
        }
        return user().send("POST", DATA + "/sobjects/Contact", fields).path("id").asText();
    }

    @Override
    public void edit(String id, Contact changes) {
        crm.editAsUser("Contact", id, fields(changes));
    }

    @Override
    public void delete(String id) {
        user().send("DELETE", DATA + "/sobjects/Contact/" + id, null);
    }

    @Override
    public void merge(String kept, String other) {
        crm.merge("Contact", kept, other);
    }

    @Override
    public boolean expireToken() {
        crm.expireSessions();
        return true;
    }

    private CrmHttp user() {
        try {
            String answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(
                            URI.create(crm.baseUrl() + "/services/oauth2/token"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString("grant_type=client_credentials&client_id="
                            + SimulatedSalesforce.CLIENT_ID + "&client_secret=" + Options.DEFAULT_TOKEN)).build(),
                    BodyHandlers.ofString()).body();
            return new CrmHttp(crm.baseUrl(), JSON.readTree(answer).path("access_token").asText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode fields(Contact contact) {
        ObjectNode fields = JSON.createObjectNode();
        CrmHttp.put(fields, "Shopbridge_Key__c", contact.key());
        CrmHttp.put(fields, "Email", contact.email());
        CrmHttp.put(fields, "Phone", contact.phone());
        CrmHttp.put(fields, "FirstName", contact.firstName());
        CrmHttp.put(fields, "LastName", contact.lastName());
        CrmHttp.put(fields, "Shopify_Note__c", contact.note());
        return fields;
    }
}
