package io.shopbridge.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** HubSpot. */
final class HubSpotAdapter implements CrmAdapter {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTACTS = "/crm/objects/" + SimulatedHubSpot.VERSION + "/contacts";

    private final SimulatedHubSpot crm;
    private final CrmHttp http;

    HubSpotAdapter(Options options) {
        crm = SimulatedHubSpot.start(0, options.withSearchLag(Duration.ZERO));
        http = new CrmHttp(crm.baseUrl(), Options.DEFAULT_TOKEN);
    }

    @Override
    public String folder() {
        return "hubspot";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("base-url", crm.baseUrl(), "token", Options.DEFAULT_TOKEN);
    }

    @Override
    public SimulatedCrm simulator() {
        return crm;
    }

    @Override
    public boolean isWrite(String call) {
        return !call.startsWith("GET") && !call.endsWith("/batch/read") && !call.endsWith("/search");
    }

    @Override
    public String creates() {
        return "/contacts/batch/upsert";
    }

    @Override
    public int batch() {
        return 100;
    }

    @Override
    public List<ObjectNode> records(String object) {
        return crm.records(object).stream().map(record -> (ObjectNode) record.get("properties")).toList();
    }

    @Override
    public List<Contact> contacts() {
        return crm.records("contacts").stream().map(record -> {
            JsonNode properties = record.path("properties");
            return new Contact(record.path("id").asText(), text(properties, "shopify_customer_key"),
                    text(properties, "email"), text(properties, "phone"), text(properties, "firstname"),
                    text(properties, "lastname"), text(properties, "shopify_note"));
        }).toList();
    }

    @Override
    public List<Order> orders() {
        return crm.records("orders").stream().map(record -> new Order(record.path("id").asText(),
                text(record.path("properties"), "shopify_order_key"),
                record.at("/associations/contacts").size() == 1
                        ? record.at("/associations/contacts/0").asText() : null,
                record.at("/associations/line_items").size())).toList();
    }

    @Override
    public String companyOf(Order order) {
        return crm.records("orders").stream().filter(record -> record.path("id").asText().equals(order.id()))
                .map(record -> record.at("/associations/companies/0")).filter(JsonNode::isValueNode)
                .map(JsonNode::asText).findFirst().orElse(null);
    }

    @Override
    public String companyOf(Contact contact) {
        return crm.primaryCompany("contacts", contact.id());
    }

    @Override
    public void moveTo(String company, Contact contact) {
        associate("contacts", contact.id(), company, 1);
    }

    @Override
    public void putUnder(String parent, String company) {
        associate("companies", company, parent, 14);
    }

    private void associate(String object, String id, String company, int type) {
        ObjectNode body = JSON.createObjectNode();
        ObjectNode pair = body.putArray("inputs").addObject();
        pair.putObject("from").put("id", id);
        pair.putObject("to").put("id", company);
        pair.putArray("types").addObject().put("associationCategory", "HUBSPOT_DEFINED").put("associationTypeId", type);
        http.send("POST", "/crm/associations/" + SimulatedHubSpot.VERSION + "/" + object + "/companies/batch/create", body);
    }

    @Override
    public String parentOf(String company) {
        return crm.parentCompany(company);
    }

    @Override
    public String add(Contact contact) {
        ObjectNode body = JSON.createObjectNode();
        body.putArray("associations");
        body.set("properties", properties(contact));
        return http.send("POST", CONTACTS, body).path("id").asText();
    }

    @Override
    public void edit(String id, Contact changes) {
        http.send("PATCH", CONTACTS + "/" + id, JSON.createObjectNode().set("properties", properties(changes)));
    }

    @Override
    public boolean keepsEmailsUnique() {
        return true;
    }

    @Override
    public void delete(String id) {
        http.send("DELETE", CONTACTS + "/" + id, null);
    }

    @Override
    public void merge(String kept, String other) {
        crm.mergeContacts(kept, other);
    }

    private static ObjectNode properties(Contact contact) {
        ObjectNode properties = JSON.createObjectNode();
        CrmHttp.put(properties, "shopify_customer_key", contact.key());
        CrmHttp.put(properties, "email", contact.email());
        CrmHttp.put(properties, "phone", contact.phone());
        CrmHttp.put(properties, "firstname", contact.firstName());
        CrmHttp.put(properties, "lastname", contact.lastName());
        CrmHttp.put(properties, "shopify_note", contact.note());
        return properties;
    }

    private static String text(JsonNode properties, String name) {
        return CrmHttp.text(properties, name);
    }
}
