package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** The contents of the simulated CRMs, to be compared with what another way of the same changes made of them. */
public final class CrmRecords {

    private CrmRecords() {
    }

    /** Everything in HubSpot and CRM One, by what a record is known by, without ids and times of the CRM's own. */
    public static TreeMap<String, String> of(RunningShopbridge shopbridge) {
        TreeMap<String, String> records = new TreeMap<>();
        Map<String, String> people = new HashMap<>();
        for (ObjectNode contact : shopbridge.crmOne.records("contacts")) {
            ObjectNode fields = (ObjectNode) contact.get("fields");
            String person = person(fields.path("external_id"), fields.path("email"), fields.path("phone"));
            people.put(contact.path("id").asText(), person);
            put(records, "CRM One contact " + person, fields);
        }
        for (ObjectNode order : shopbridge.crmOne.records("orders")) {
            ObjectNode fields = (ObjectNode) order.get("fields");
            fields.put("contact_id", people.get(fields.path("contact_id").asText()));
            put(records, "CRM One order " + fields.path("external_id").asText(), fields);
        }
        Map<String, String> hubspot = new HashMap<>();
        for (ObjectNode contact : shopbridge.hubspot.records("contacts")) {
            JsonNode properties = contact.get("properties");
            hubspot.put("contacts " + contact.path("id").asText(), person(properties.path("shopify_customer_key"),
                    properties.path("email"), properties.path("phone")));
        }
        shopbridge.hubspot.records("orders").forEach(order -> hubspot.put("orders " + order.path("id").asText(),
                order.at("/properties/shopify_order_key").asText()));
        shopbridge.hubspot.records("line_items").forEach(item -> hubspot.put("line_items " + item.path("id").asText(),
                item.at("/properties/shopify_line_item_key").asText()));
        for (String object : List.of("contacts", "orders", "line_items")) {
            for (ObjectNode record : shopbridge.hubspot.records(object)) {
                ObjectNode properties = (ObjectNode) record.get("properties");
                properties.remove(List.of("createdate", "lastmodifieddate", "hs_createdate", "hs_lastmodifieddate",
                        "hs_object_id"));
                TreeSet<String> related = new TreeSet<>();
                record.path("associations").properties().forEach(others -> others.getValue().forEach(id ->
                        related.add(hubspot.get(others.getKey() + " " + id.asText()))));
                properties.put("associated", related.toString());
                put(records, "HubSpot " + object + " " + hubspot.get(object + " " + record.path("id").asText()), properties);
            }
        }
        return records;
    }

    private static String person(JsonNode key, JsonNode email, JsonNode phone) {
        return key.isTextual() ? key.asText() : email.isTextual() ? email.asText() : phone.asText();
    }

    /** Empty is the same as absent: a CRM keeps no difference between them. */
    private static void put(TreeMap<String, String> records, String name, ObjectNode fields) {
        TreeMap<String, JsonNode> sorted = new TreeMap<>();
        fields.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (!value.isNull() && !(value.isTextual() && value.asText().isEmpty())
                    && !(value.isArray() && value.isEmpty())) {
                sorted.put(field.getKey(), value);
            }
        });
        assertThat(records.put(name, sorted.toString())).as("%s exists twice", name).isNull();
    }

    /** What is in only one of them, or not the same. */
    public static List<String> differences(TreeMap<String, String> expected, TreeMap<String, String> actual) {
        TreeSet<String> names = new TreeSet<>(expected.keySet());
        names.addAll(actual.keySet());
        return names.stream().filter(name -> !Objects.equals(expected.get(name), actual.get(name)))
                .map(name -> name + "\n  in order " + expected.get(name) + "\n  now      " + actual.get(name)).toList();
    }
}
