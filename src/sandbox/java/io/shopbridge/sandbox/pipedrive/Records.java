package io.shopbridge.sandbox.pipedrive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.RecordStore;
import io.shopbridge.sandbox.server.RecordStore.Shape;
import io.shopbridge.sandbox.server.RecordStore.Stored;
import io.shopbridge.sandbox.server.Refused;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The company's records and the rules for writing them. What is deleted stays, marked, until it is purged. Every
 * method must be called inside {@link #locked}.
 */
final class Records implements AutoCloseable {

    /** Hears of every change; {@code previous} is null for what is new, {@code now} for what is deleted. */
    interface Listener {
        void changed(String object, ObjectNode now, ObjectNode previous, boolean byApi);
    }

    static final List<String> OBJECTS = List.of("persons", "organizations", "deals", "products", "activities");

    private static final Set<String> TABLES = Set.of("persons", "organizations", "deals", "products", "activities",
            "deal_products", "deal_discounts", "notes", "webhooks", "fields", "pipelines", "stages");
    private static final Map<String, String> REFERENCES =
            Map.of("person_id", "persons", "org_id", "organizations", "deal_id", "deals", "product_id", "products",
                    "pipeline_id", "pipelines", "stage_id", "stages");
    /** What can only be set with some status: https://developers.pipedrive.com/docs/api/v1/Deals#addDeal */
    private static final Map<String, Set<String>> ENDINGS = Map.of("lost_reason", Set.of("lost"), "lost_time",
            Set.of("lost"), "won_time", Set.of("won"), "close_time", Set.of("won", "lost"));
    private static final int OWNER = 1;

    private final Fields fields;
    private final Company company;
    private int mostOpenDeals = Integer.MAX_VALUE;
    private final RecordStore store;
    private final Listener listener;
    private final Map<String, Map<String, ObjectNode>> custom = new HashMap<>();
    private long firstStage;
    private long firstPipeline;

    Records(Company company, Path journal, Listener listener) {
        this.company = company;
        this.fields = new Fields(company.contactSync());
        this.listener = listener;
        Map<String, Shape> shapes = new HashMap<>();
        TABLES.forEach(table -> shapes.put(table, new Shape("", List.of())));
        this.store = new RecordStore(journal, 1, shapes);
        store.locked(() -> {
            seed();
            return null;
        });
    }

    <T> T locked(Supplier<T> work) {
        return store.locked(work);
    }

    boolean knows(String table) {
        return TABLES.contains(table);
    }

    void clear() {
        List<ObjectNode> definitions = custom.values().stream().flatMap(one -> one.values().stream()).toList();
        store.clear();
        definitions.forEach(one -> store.create("fields", one));
        seed();
    }

    @Override
    public void close() {
        store.close();
    }

    private void seed() {
        if (store.all("pipelines").isEmpty()) {
            long pipeline = store.create("pipelines",
                    Json.object().put("name", "Pipeline").put("order_nr", 1)).number();
            for (String name : List.of("Qualified", "Contact Made", "Negotiations Started")) {
                store.create("stages", Json.object().put("name", name).put("pipeline_id", pipeline));
            }
        }
        firstPipeline = store.all("pipelines").iterator().next().number();
        firstStage = store.all("stages").iterator().next().number();
        custom.clear();
        OBJECTS.forEach(object -> custom.put(object, new LinkedHashMap<>()));
        store.all("fields").forEach(one -> custom.get(one.text("object"))
                .put(one.text("field_code"), one.values()));
        for (String text : company.fields()) {
            String[] words = text.split(" ", 3);
            String[] nameAndOptions = words[2].split(":", 2);
            if (custom.get(words[0]).values().stream()
                    .noneMatch(one -> one.get("field_name").asText().equals(nameAndOptions[0]))) {
                define(words[0], words[1], nameAndOptions[0],
                        nameAndOptions.length > 1 ? Arrays.asList(nameAndOptions[1].split(",")) : List.of());
            }
        }
    }

    /** Adds a custom field and gives its definition. */
    ObjectNode define(String object, String type, String name, List<String> options) {
        Map<String, ObjectNode> ofObject = custom.get(object);
        int sameName = (int) ofObject.values().stream()
                .filter(one -> one.get("field_name").asText().equals(name)).count();
        ObjectNode definition = Fields.definition(name, Fields.code(object, name, sameName), type,
                options, 1 + 10 * ofObject.size(), true).put("object", object);
        store.create("fields", definition);
        ofObject.put(definition.get("field_code").asText(), definition);
        return definition;
    }

    /** Adds options to an enum or a set, and gives those that are new. */
    ArrayNode addOptions(String object, String code, List<String> labels) {
        ObjectNode definition = custom(object).get(code);
        if (definition == null || !definition.path("options").isArray()) {
            throw Errors.notFound();
        }
        long highest = 0;
        for (JsonNode option : definition.get("options")) {
            highest = Math.max(highest, option.get("id").asLong());
        }
        ObjectNode more = definition.deepCopy();
        ArrayNode added = Json.array();
        for (String label : labels) {
            added.addObject().put("id", ++highest).put("label", label);
        }
        more.withArray("options").addAll(added);
        Stored old = store.all("fields").stream().filter(one -> code.equals(one.text("field_code"))
                && object.equals(one.text("object"))).findFirst().orElseThrow();
        store.replace("fields", old, more);
        custom.get(object).put(code, more);
        return added;
    }

    /** Custom fields of an object by code. */
    Map<String, ObjectNode> custom(String object) {
        return custom.getOrDefault(object, Map.of());
    }

    void forget(String object, String code) {
        custom.get(object).remove(code);
        List.copyOf(store.all("fields")).stream().filter(one -> code.equals(one.text("field_code"))
                && object.equals(one.text("object"))).forEach(one -> store.delete("fields", one));
    }

    /** All fields of an object as the field endpoints show them. */
    List<ObjectNode> definitions(String object) {
        List<ObjectNode> all = new ArrayList<>();
        fields.standard(object).forEach((name, type) ->
                all.add(Fields.definition(name, name, type, List.of(), 0, false)));
        custom(object).values().forEach(one -> all.add(one.deepCopy().without("object")));
        return all;
    }

    /** Deleted or not; null if there never was one, or it has been purged. */
    Stored any(String table, String id) {
        return store.get(table, id);
    }

    /** @throws Refused if there is none, or it is deleted */
    Stored present(String table, String id) {
        Stored stored = store.get(table, id);
        if (stored == null || isDeleted(stored)) {
            throw Errors.notFound();
        }
        return stored;
    }

    static boolean isDeleted(Stored stored) {
        return stored.values().path("is_deleted").asBoolean();
    }

    static boolean isArchived(Stored stored) {
        return stored.values().path("is_archived").asBoolean();
    }

    Stream<Stored> all(String table) {
        return store.all(table).stream().filter(one -> !isDeleted(one));
    }

    Stored create(String table, ObjectNode body) {
        fields.check(table, body, custom(table), true);
        ObjectNode values = body.deepCopy();
        requireReferences(values);
        complete(table, values, null);
        Stored stored = store.create(table, values);
        listener.changed(table, view(table, stored, null), null, true);
        return stored;
    }

    Stored update(String table, String id, ObjectNode body) {
        Stored old = present(table, id);
        fields.check(table, body, custom(table), false);
        if (isArchived(old) && body.path("is_archived").asBoolean(true)) {
            throw Errors.archived();
        }
        requireReferences(body);
        ObjectNode values = merged(old, body);
        complete(table, values, old);
        return replace(table, old, values, true);
    }

    private static ObjectNode merged(Stored old, ObjectNode changes) {
        ObjectNode values = old.values().deepCopy();
        changes.fields().forEachRemaining(one -> {
            if (one.getKey().equals("custom_fields")) {
                values.withObject("/custom_fields").setAll((ObjectNode) one.getValue());
            } else {
                boolean emptied = one.getKey().equals("address") && one.getValue().path("value").asText("?").isEmpty();
                values.set(one.getKey(), emptied ? values.nullNode() : one.getValue());
            }
        });
        return values;
    }

    private Stored replace(String table, Stored old, ObjectNode values, boolean byApi) {
        ObjectNode before = view(table, old, null);
        Stored stored = store.replace(table, old, values);
        listener.changed(table, isDeleted(stored) ? null : view(table, stored, null), before, byApi);
        return stored;
    }

    void delete(String table, String id) {
        Stored old = present(table, id);
        if (table.equals("deals")) {
            lines(old.id()).forEach(one -> delete("deal_products", one.id()));
            discounts(old.id()).forEach(one -> delete("deal_discounts", one.id()));
        }
        replace(table, old, old.values().deepCopy().put("is_deleted", true), true);
    }

    /** Changes what a user changes: any property, without validation. */
    void edit(String table, String id, ObjectNode changes) {
        Stored old = present(table, id);
        replace(table, old, merged(old, changes), false);
    }

    /** Makes what was deleted as if it had never been, as Pipedrive does after thirty days. */
    void purge() {
        for (String table : TABLES) {
            List.copyOf(store.all(table)).stream().filter(Records::isDeleted)
                    .forEach(one -> store.delete(table, one));
        }
    }

    /** Merges the first into the second, which keeps its id and wins every conflict; the first is then deleted. */
    Stored merge(String table, String id, String withId, boolean byApi) {
        Stored loser = present(table, id);
        Stored winner = present(table, withId);
        if (loser.id().equals(winner.id())) {
            throw new Refused(Errors.failure(400, "A record cannot be merged with itself"));
        }
        ObjectNode values = loser.values().deepCopy();
        winner.values().fields().forEachRemaining(one -> {
            if (!one.getValue().isNull() && !one.getKey().equals("custom_fields")) {
                values.set(one.getKey(), one.getValue());
            }
        });
        winner.values().path("custom_fields").fields().forEachRemaining(one -> {
            if (!one.getValue().isNull()) {
                values.withObject("/custom_fields").set(one.getKey(), one.getValue());
            }
        });
        for (String list : List.of("emails", "phones")) {
            joined(winner.values().path(list), loser.values().path(list), values, list);
        }
        REFERENCES.entrySet().stream().filter(one -> one.getValue().equals(table)).forEach(one -> {
            for (String other : TABLES) {
                all(other).filter(stored -> loser.id().equals(stored.text(one.getKey()))).toList()
                        .forEach(stored -> store.replace(other, stored,
                                stored.values().deepCopy().put(one.getKey(), winner.number())));
            }
        });
        replace(table, loser, loser.values().deepCopy().put("is_deleted", true), byApi);
        Stored merged = replace(table, winner, values, byApi);
        if (!table.equals("deals") || lines(merged.id()).isEmpty()) {
            return merged;
        }
        // The products of both are its products.
        sum(merged.id());
        return present(table, merged.id());
    }

    private static void joined(JsonNode first, JsonNode second, ObjectNode into, String name) {
        if (!second.isArray() || second.isEmpty()) {
            return;
        }
        ArrayNode all = Json.array();
        first.forEach(all::add);
        for (JsonNode one : second) {
            boolean known = false;
            for (JsonNode present : first) {
                known |= present.path("value").asText().equalsIgnoreCase(one.path("value").asText());
            }
            if (!known) {
                all.add(((ObjectNode) one.deepCopy()).put("primary", all.isEmpty()));
            }
        }
        into.set(name, all);
    }

    private void requireReferences(ObjectNode body) {
        REFERENCES.forEach((name, table) -> {
            JsonNode id = body.path(name);
            Stored stored = id.isIntegralNumber() ? store.get(table, id.asText()) : null;
            if (id.isIntegralNumber() && (stored == null || isDeleted(stored))) {
                throw new Refused(Errors.failure(400, name + ": " + id.asText() + " was not found"));
            }
        });
        if (body.has("owner_id") && body.get("owner_id").asInt() != OWNER) {
            throw new Refused(Errors.failure(400, "owner_id: user " + body.get("owner_id").asText()
                    + " was not found"));
        }
        for (JsonNode participant : body.path("participants")) {
            Stored person = store.get("persons", participant.path("person_id").asText());
            if (person == null || isDeleted(person)) {
                throw new Refused(Errors.failure(400, "participants: a person was not found"));
            }
        }
    }

    private void complete(String table, ObjectNode values, Stored old) {
        for (String list : List.of("emails", "phones", "im")) {
            onePrimary(values.path(list));
        }
        switch (table) {
            case "persons" -> consent(values, old);
            case "deals" -> completeDeal(values, old);
            case "notes" -> {
                if (!values.hasNonNull("person_id") && !values.hasNonNull("deal_id") && !values.hasNonNull("org_id")) {
                    throw new Refused(Errors.failure(400, "At least one of deal_id, person_id, org_id, "
                            + "lead_id or project_id must be given"));
                }
            }
            case "webhooks" -> {
                if (!values.path("subscription_url").asText().startsWith("http")) {
                    throw new Refused(Errors.failure(400, "subscription_url must be a URL"));
                }
            }
            default -> {
                // nothing to fill in
            }
        }
    }

    private static void onePrimary(JsonNode list) {
        boolean found = false;
        for (JsonNode one : list) {
            boolean primary = one.path("primary").asBoolean() && !found;
            ((ObjectNode) one).put("primary", primary);
            found |= primary;
            if (!one.has("label")) {
                ((ObjectNode) one).put("label", "work");
            }
        }
        if (!found && list.size() > 0) {
            ((ObjectNode) list.get(0)).put("primary", true);
        }
    }

    // Pipedrive lets the status change once; every later attempt succeeds and changes nothing.
    private void consent(ObjectNode values, Stored old) {
        if (!company.campaigns()) {
            if (values.has("marketing_status")) {
                throw Errors.invalid("property marketing_status should not exist");
            }
            return;
        }
        boolean mail = false;
        for (JsonNode one : values.path("emails")) {
            mail |= one.path("value").asText().matches("[^@\\s]+@[^@\\s]+\\.[^@\\s]+");
        }
        String before = old == null ? "no_consent" : old.values().path("marketing_status").asText("no_consent");
        String wanted = values.path("marketing_status").asText(before);
        boolean spent = old != null && old.values().path("_consent_spent").asBoolean();
        boolean changes = mail && !wanted.equals(before) && !spent;
        values.put("marketing_status", changes ? wanted : before);
        if (changes && old != null) {
            values.put("_consent_spent", true);
        }
    }

    private void completeDeal(ObjectNode values, Stored old) {
        if (!values.hasNonNull("stage_id")) {
            values.put("stage_id", firstStage);
        }
        values.put("pipeline_id", store.get("stages", values.get("stage_id").asText()).values().path("pipeline_id")
                .asLong(firstPipeline));
        if (!values.hasNonNull("status")) {
            values.put("status", "open");
        }
        if (!values.hasNonNull("value")) {
            values.put("value", 0);
        }
        if (!values.hasNonNull("currency")) {
            values.put("currency", "USD");
        }
        String status = values.get("status").asText();
        if (old == null && status.equals("open")
                && all("deals").filter(deal -> deal.text("status").equals("open")).count() >= mostOpenDeals) {
            throw Errors.tooManyOpenDeals();
        }
        ENDINGS.forEach((name, statuses) -> {
            if (values.hasNonNull(name) && !statuses.contains(status)
                    && (old == null || !values.get(name).equals(old.values().get(name)))) {
                throw Errors.invalid(name + ": can only be set if the status of the deal is " + statuses);
            }
        });
        String now = time(System.currentTimeMillis());
        if (old == null || !status.equals(old.text("status"))) {
            values.put("won_time", status.equals("won") ? values.path("won_time").asText(now) : null);
            values.put("lost_time", status.equals("lost") ? values.path("lost_time").asText(now) : null);
            values.put("close_time", status.equals("open") ? null : values.path("close_time").asText(now));
        }
    }

    void limitOpenDeals(int most) {
        mostOpenDeals = most;
    }

    /** Products of a deal, in their order. */
    List<Stored> lines(String dealId) {
        return all("deal_products").filter(one -> dealId.equals(one.text("deal_id"))).toList();
    }

    /** Discounts on a whole deal. */
    List<Stored> discounts(String dealId) {
        return all("deal_discounts").filter(one -> dealId.equals(one.text("deal_id"))).toList();
    }

    Stored createDiscount(Stored deal, ObjectNode body) {
        fields.check("deal_discounts", body, Map.of(), true);
        return store.create("deal_discounts", body.deepCopy().put("deal_id", deal.number())
                .put("_uuid", UUID.randomUUID().toString()));
    }

    Stored createLine(Stored deal, ObjectNode body) {
        fields.check("deal_products", body, Map.of(), true);
        requireReferences(body);
        return store.create("deal_products", body.deepCopy().put("deal_id", deal.number()));
    }

    void checkLine(ObjectNode body) {
        fields.check("deal_products", body, Map.of(), true);
        requireReferences(body);
    }

    /** The deal's value is the sum of its products, less its discounts, from the moment it has any. */
    void sum(String dealId) {
        Stored deal = present("deals", dealId);
        double gross = lines(dealId).stream().mapToDouble(line -> sum(line.values())).sum();
        double sum = gross - discounts(dealId).stream().mapToDouble(one -> {
            double amount = one.values().path("amount").asDouble();
            return "amount".equals(one.text("type")) ? amount : gross * amount / 100;
        }).sum();
        replace("deals", deal, deal.values().deepCopy().put("value", Math.round(sum * 100) / 100.0), true);
    }

    private static double sum(JsonNode line) {
        double gross = line.path("item_price").asDouble() * line.path("quantity").asDouble();
        double discount = line.path("discount").asDouble();
        double net = line.path("discount_type").asText("percentage").equals("amount") ? gross - discount
                : gross * (1 - discount / 100);
        return line.path("tax_method").asText().equals("exclusive") ? net * (1 + line.path("tax").asDouble() / 100)
                : net;
    }

    static String time(long millis) {
        return Json.time(millis).replaceAll("\\.\\d+", "");
    }

    /** @param codes custom fields to show; null shows all */
    ObjectNode view(String table, Stored stored, List<String> codes) {
        ObjectNode view = Json.object().put("id", stored.number());
        stored.values().fields().forEachRemaining(one -> {
            if (!one.getKey().startsWith("_")) {
                view.set(one.getKey(), one.getValue());
            }
        });
        boolean old = table.equals("notes") || table.equals("webhooks");
        String added = time(stored.createdAt());
        view.put("add_time", view.path("add_time").asText(old ? added.replace('T', ' ').replace("Z", "") : added));
        view.put("update_time", old ? time(stored.updatedAt()).replace('T', ' ').replace("Z", "")
                : time(stored.updatedAt()));
        if (!old) {
            view.put("is_deleted", isDeleted(stored));
        }
        switch (table) {
            case "persons" -> {
                String name = view.path("name").asText();
                int space = name.lastIndexOf(' ');
                view.put("first_name", space < 0 ? name : name.substring(0, space));
                view.put("last_name", space < 0 ? null : name.substring(space + 1));
                absent(view, "org_id");
                view.withArray("emails");
                view.withArray("phones");
                view.withArray("label_ids");
            }
            case "organizations" -> {
                List.of("address", "website", "linkedin", "industry", "annual_revenue", "employee_count")
                        .forEach(name -> absent(view, name));
                view.withArray("label_ids");
            }
            case "deals" -> {
                List.of("person_id", "org_id", "probability", "lost_reason", "expected_close_date", "won_time",
                        "lost_time", "close_time").forEach(name -> absent(view, name));
                view.put("creator_user_id", OWNER).put("is_archived", view.path("is_archived").asBoolean());
                view.withArray("label_ids");
            }
            case "activities" -> view.put("type", view.path("type").asText("call"))
                    .put("done", view.path("done").asBoolean()).put("creator_user_id", OWNER);
            case "deal_products" -> completeLine(view);
            case "deal_discounts" -> view.put("id", stored.text("_uuid"))
                    .put("created_at", time(stored.createdAt())).put("updated_at", time(stored.updatedAt()))
                    .put("created_by", OWNER).put("updated_by", OWNER)
                    .remove(List.of("add_time", "update_time", "is_deleted"));
            default -> {
                // shown as stored
            }
        }
        if (OBJECTS.contains(table)) {
            view.put("owner_id", OWNER);
            if (!table.equals("activities")) {
                view.put("visible_to", view.path("visible_to").asInt(3));
                customInto(view, table, codes);
            }
        }
        return view;
    }

    private static void absent(ObjectNode view, String name) {
        if (!view.has(name)) {
            view.putNull(name);
        }
    }

    private void completeLine(ObjectNode view) {
        Stored product = store.get("products", view.path("product_id").asText());
        Stored deal = store.get("deals", view.path("deal_id").asText());
        view.put("sum", sum(view)).put("name", product == null ? null : product.text("name"))
                .put("currency", deal.text("currency")).put("tax", view.path("tax").asDouble())
                .put("discount", view.path("discount").asDouble())
                .put("discount_type", view.path("discount_type").asText("percentage"))
                .put("tax_method", view.path("tax_method").asText("inclusive"))
                .put("is_enabled", view.path("is_enabled").asBoolean(true));
        absent(view, "product_variation_id");
    }

    private void customInto(ObjectNode view, String table, List<String> codes) {
        JsonNode given = view.path("custom_fields");
        ObjectNode shown = Json.object();
        for (String code : custom(table).keySet()) {
            if (codes == null || codes.contains(code)) {
                shown.set(code, given.has(code) ? given.get(code) : null);
            }
        }
        view.set("custom_fields", shown);
    }
}
