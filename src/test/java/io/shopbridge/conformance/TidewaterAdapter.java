package io.shopbridge.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.SimulatedCrm;
import io.shopbridge.sandbox.tidewater.SimulatedTidewater;
import java.util.List;
import java.util.Map;

/** A CRM that was added as a folder of YAML alone. */
final class TidewaterAdapter implements CrmAdapter {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedTidewater crm;

    TidewaterAdapter(Options options) {
        crm = SimulatedTidewater.start(options);
    }

    /** Its description names no lengths of texts, so none is cut. */
    @Override
    public String refused() {
        return "'note': '" + "x".repeat(70_000) + "'";
    }

    @Override
    public String folder() {
        return "tidewater";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("base-url", crm.baseUrl(), "client-id", SimulatedTidewater.CLIENT_ID,
                "client-secret", SimulatedTidewater.CLIENT_SECRET);
    }

    @Override
    public SimulatedCrm simulator() {
        return crm;
    }

    @Override
    public boolean isWrite(String call) {
        return call.endsWith(".put") || call.endsWith(".forget");
    }

    @Override
    public String creates() {
        return "/people.put";
    }

    @Override
    public int batch() {
        return SimulatedTidewater.MOST;
    }

    @Override
    public List<ObjectNode> records(String object) {
        return crm.records(object).stream().map(record -> (ObjectNode) record.get("attrs")).toList();
    }

    @Override
    public List<Contact> contacts() {
        return crm.records("people").stream().map(record -> {
            JsonNode attributes = record.path("attrs");
            return new Contact(record.path("ref").asText(), CrmHttp.text(attributes, "shop_key"),
                    CrmHttp.text(attributes, "mail"), CrmHttp.text(attributes, "phone"),
                    CrmHttp.text(attributes, "given_name"), CrmHttp.text(attributes, "family_name"),
                    CrmHttp.text(attributes, "remark"));
        }).toList();
    }

    @Override
    public List<Order> orders() {
        return crm.records("purchases").stream().map(record -> new Order(record.path("ref").asText(),
                CrmHttp.text(record.path("attrs"), "shop_key"), CrmHttp.text(record.path("attrs"), "person"),
                record.at("/attrs/lines").size())).toList();
    }

    @Override
    public String add(Contact contact) {
        return crm.put("people", null, attributes(contact));
    }

    @Override
    public void edit(String id, Contact changes) {
        crm.put("people", id, attributes(changes));
    }

    @Override
    public void delete(String id) {
        crm.delete("people", id);
    }

    @Override
    public void refuseToken() {
        crm.accept(false);
    }

    @Override
    public void acceptToken() {
        crm.accept(true);
    }

    @Override
    public boolean expireToken() {
        crm.endToken();
        return true;
    }

    private static ObjectNode attributes(Contact contact) {
        ObjectNode attributes = JSON.createObjectNode();
        CrmHttp.put(attributes, "shop_key", contact.key());
        CrmHttp.put(attributes, "mail", contact.email());
        CrmHttp.put(attributes, "phone", contact.phone());
        CrmHttp.put(attributes, "given_name", contact.firstName());
        CrmHttp.put(attributes, "family_name", contact.lastName());
        CrmHttp.put(attributes, "remark", contact.note());
        return attributes;
    }
}
