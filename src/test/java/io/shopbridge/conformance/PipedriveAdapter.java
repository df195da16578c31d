package io.shopbridge.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.PipedriveContract;
import io.shopbridge.RecordingProxy;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Pipedrive: no upsert, no batches, nothing unique, and a person has one name. */
final class PipedriveAdapter implements CrmAdapter {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedPipedrive crm;
    private final RecordingProxy proxy;
    private final CrmHttp http;
    private final String personKey;
    private final String personNote;
    private final String dealKey;

    PipedriveAdapter(Options options) {
        crm = SimulatedPipedrive.start(0, options.withSearchLag(Duration.ZERO), Company.defaults());
        proxy = RecordingProxy.to(crm.baseUrl());
        http = new CrmHttp(crm.baseUrl(), Options.DEFAULT_TOKEN);
        personKey = crm.defineField("persons", "varchar", "Shopify customer key");
        personNote = crm.defineField("persons", "text", "Shopify note");
        dealKey = crm.defineField("deals", "varchar", "Shopify order key");
    }

    @Override
    public String folder() {
        return "pipedrive";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("base-url", proxy.baseUrl(), "token", Options.DEFAULT_TOKEN, "time-zone", "UTC");
    }

    @Override
    public SimulatedCrm simulator() {
        return crm;
    }

    @Override
    public boolean isWrite(String call) {
        return !call.startsWith("GET");
    }

    @Override
    public String creates() {
        return "/api/v2/persons";
    }

    @Override
    public int batch() {
        return 1;
    }

    @Override
    public Duration moment() {
        return Duration.ofSeconds(1);
    }

    @Override
    public List<ObjectNode> records(String object) {
        Map<String, String> names = new HashMap<>();
        String fields = Map.of("persons", "personFields", "deals", "dealFields").get(object);
        if (fields != null) {
            http.send("GET", "/api/v2/" + fields + "?limit=500", null).path("data").forEach(field ->
                    names.put(field.path("field_code").asText(), field.path("field_name").asText()
                            .toLowerCase(Locale.ROOT).replace(' ', '_')));
        }
        return crm.records(object).stream().map(record -> {
            ObjectNode named = record.deepCopy();
            record.path("custom_fields").properties().forEach(field ->
                    named.set(names.getOrDefault(field.getKey(), field.getKey()), field.getValue()));
            named.put("email", first(record.path("emails"))).put("phone", first(record.path("phones")));
            return named;
        }).toList();
    }

    @Override
    public List<Contact> contacts() {
        return crm.records("persons").stream().map(person -> {
            String name = person.path("name").asText();
            int space = name.lastIndexOf(' ');
            return new Contact(person.path("id").asText(), CrmHttp.text(person.path("custom_fields"), personKey),
                    first(person.path("emails")), first(person.path("phones")),
                    space < 0 ? name : name.substring(0, space), space < 0 ? null : name.substring(space + 1),
                    CrmHttp.text(person.path("custom_fields"), personNote));
        }).toList();
    }

    @Override
    public List<Order> orders() {
        Map<String, Long> lines = crm.records("deal_products").stream()
                .collect(Collectors.groupingBy(line -> line.path("deal_id").asText(), Collectors.counting()));
        return crm.records("deals").stream().map(deal -> new Order(deal.path("id").asText(),
                CrmHttp.text(deal.path("custom_fields"), dealKey), CrmHttp.text(deal, "person_id"),
                lines.getOrDefault(deal.path("id").asText(), 0L).intValue())).toList();
    }

    /** Its description has no null for a deal's person, so what is written leaves the person as it is. */
    @Override
    public boolean hasOrdersOfNobody() {
        return false;
    }

    @Override
    public String companyOf(Order order) {
        return crm.records("deals").stream().filter(record -> record.path("id").asText().equals(order.id()))
                .map(record -> CrmHttp.text(record, "org_id")).findFirst().orElse(null);
    }

    @Override
    public String companyOf(Contact contact) {
        return crm.records("persons").stream().filter(record -> record.path("id").asText().equals(contact.id()))
                .findFirst().map(record -> CrmHttp.text(record, "org_id")).orElse(null);
    }

    @Override
    public void moveTo(String company, Contact contact) {
        http.send("PATCH", "/api/v2/persons/" + contact.id(),
                JsonNodeFactory.instance.objectNode().put("org_id", Long.parseLong(company)));
    }

    @Override
    public String add(Contact contact) {
        ObjectNode person = person(contact);
        if (!person.has("name")) {
            person.put("name", "Somebody");
        }
        return http.send("POST", "/api/v2/persons", person).at("/data/id").asText();
    }

    @Override
    public void edit(String id, Contact changes) {
        http.send("PATCH", "/api/v2/persons/" + id, person(changes));
    }

    @Override
    public void delete(String id) {
        http.send("DELETE", "/api/v2/persons/" + id, null);
    }

    @Override
    public void merge(String kept, String other) {
        crm.merge("persons", other, kept);
    }

    @Override
    public Optional<List<String>> breaches() {
        return PipedriveContract.breaches(proxy.requests());
    }

    @Override
    public void close() {
        proxy.close();
        crm.close();
    }

    private ObjectNode person(Contact contact) {
        ObjectNode person = JSON.createObjectNode();
        String name = Stream.of(contact.firstName(), contact.lastName()).filter(part -> part != null)
                .collect(Collectors.joining(" "));
        CrmHttp.put(person, "name", name.isEmpty() ? null : name);
        if (contact.email() != null) {
            person.putArray("emails").addObject().put("value", contact.email()).put("primary", true)
                    .put("label", "work");
        }
        if (contact.phone() != null) {
            person.putArray("phones").addObject().put("value", contact.phone()).put("primary", true)
                    .put("label", "work");
        }
        if (contact.key() != null || contact.note() != null) {
            ObjectNode custom = person.putObject("custom_fields");
            CrmHttp.put(custom, personKey, contact.key());
            CrmHttp.put(custom, personNote, contact.note());
        }
        return person;
    }

    private static String first(JsonNode values) {
        return values.isEmpty() ? null : CrmHttp.text(values.get(0), "value");
    }
}
