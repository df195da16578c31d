package io.shopbridge.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.util.List;
import java.util.Map;

/** CRM One, the worked example. */
final class CrmOneAdapter implements CrmAdapter {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedCrmOne crm;
    private final CrmHttp http;

    CrmOneAdapter(Options options) {
        crm = SimulatedCrmOne.start(0, options);
        http = new CrmHttp(crm.baseUrl(), Options.DEFAULT_TOKEN);
    }

    @Override
    public String folder() {
        return "crm-one";
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
        return call.startsWith("PUT") || call.startsWith("DELETE");
    }

    @Override
    public String creates() {
        return "/contacts/bulk";
    }

    @Override
    public int batch() {
        return 200;
    }

    @Override
    public List<ObjectNode> records(String object) {
        return crm.records(object).stream().map(record -> (ObjectNode) record.get("fields")).toList();
    }

    @Override
    public List<Contact> contacts() {
        return crm.records("contacts").stream().map(record -> {
            JsonNode fields = record.path("fields");
            return new Contact(record.path("id").asText(), text(fields, "external_id"), text(fields, "email"),
                    text(fields, "phone"), text(fields, "first_name"), text(fields, "last_name"),
                    text(fields, "note"));
        }).toList();
    }

    @Override
    public List<Order> orders() {
        return crm.records("orders").stream().map(record -> {
            JsonNode fields = record.path("fields");
            return new Order(record.path("id").asText(), text(fields, "external_id"), text(fields, "contact_id"),
                    fields.path("lines").size());
        }).toList();
    }

    @Override
    public String companyOf(Order order) {
        return crm.records("orders").stream().filter(record -> record.path("id").asText().equals(order.id()))
                .map(record -> text(record.path("fields"), "company_id")).findFirst().orElse(null);
    }

    @Override
    public String companyOf(Contact contact) {
        return crm.records("contacts").stream().filter(record -> record.path("id").asText().equals(contact.id()))
                .findFirst().map(record -> text(record.path("fields"), "company_id")).orElse(null);
    }

    @Override
    public void moveTo(String company, Contact contact) {
        crm.editAsUser("contacts", contact.id(), JSON.createObjectNode().put("company_id", company));
    }

    @Override
    public String add(Contact contact) {
        ObjectNode body = JSON.createObjectNode();
        body.withArray("items").addObject().set("fields", fields(contact));
        return http.send("PUT", "/v1/contacts/bulk", body).at("/results/0/id").asText();
    }

    @Override
    public void edit(String id, Contact changes) {
        crm.editAsUser("contacts", id, fields(changes));
    }

    @Override
    public void delete(String id) {
        http.send("DELETE", "/v1/contacts/" + id, null);
    }

    private static ObjectNode fields(Contact contact) {
        ObjectNode fields = JSON.createObjectNode();
        CrmHttp.put(fields, "external_id", contact.key());
        CrmHttp.put(fields, "email", contact.email());
        CrmHttp.put(fields, "phone", contact.phone());
        CrmHttp.put(fields, "first_name", contact.firstName());
        CrmHttp.put(fields, "last_name", contact.lastName());
        CrmHttp.put(fields, "note", contact.note());
        return fields;
    }

    private static String text(JsonNode fields, String name) {
        return CrmHttp.text(fields, name);
    }
}
