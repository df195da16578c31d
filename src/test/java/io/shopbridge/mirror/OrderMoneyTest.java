package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.mirror.OrderLife.Line;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.GivenBody;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.PayloadPart;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.store.RecordKey;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens to an order, in whatever order and however often Shopify tells it, by webhooks or by the API: each
 * total of each form that an order takes in each CRM is what {@link OrderLife} says it is. {@code -Dhistories=10000}
 * tries more of them, {@code -Dhistory=123} one alone.
 */
class OrderMoneyTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final Path MAPPINGS = Path.of("mappings");
    private static final MappingContext MAIN = new MappingContext("main", "US");
    private static final Topics TOPICS = Topics.ofNoInstallation(SHOPIFY, "US");

    /** Where each total goes, by {@code folder/object.field}. */
    private static final Map<String, String> FIELDS = new HashMap<>();
    /** Texts that begin with net or have it after the order's name. */
    private static final Set<String> TEXTS = Set.of("crm-one/activities.body", "hubspot/notes.hs_note_body",
            "hubspot/tasks.hs_task_body", "pipedrive/activities.note");
    private static final Map<String, String> QUANTITIES = Map.of("quantity", "sold", "Quantity", "sold",
            "Shopify_Quantity__c", "sold", "current_quantity", "current", "shopify_current_quantity", "current",
            "Shopify_Current_Quantity__c", "current", "refunded_quantity", "back", "shopify_refunded_quantity", "back",
            "Shopify_Refunded_Quantity__c", "back");

    static {
        String hubspot = "hubspot/orders.";
        FIELDS.putAll(Map.of(hubspot + "hs_total_price", "original", hubspot + "shopify_current_total", "current",
                hubspot + "shopify_refunded_total", "refunded", hubspot + "shopify_net_total", "net",
                hubspot + "shopify_discount_total", "discounts", hubspot + "shopify_shipping_total", "shipping",
                hubspot + "shopify_tax_total", "tax", hubspot + "shopify_presentment_total", "original presentment",
                hubspot + "shopify_presentment_currency", "currency presentment"));
        FIELDS.putAll(Map.of(hubspot + "hs_subtotal_price", "subtotal", hubspot + "hs_order_discount", "discounts",
                hubspot + "hs_tax", "tax", hubspot + "hs_shipping_cost", "shipping", hubspot + "hs_refund_amount",
                "refunded"));
        FIELDS.putAll(Map.of("hubspot/deals.amount", "net", "hubspot/deals.shopify_refunded_total", "refunded"));
        String one = "crm-one/orders.";
        FIELDS.putAll(Map.of(one + "total", "original", one + "current_total", "current", one + "refunded", "refunded",
                one + "net", "net", one + "discount", "discounts", one + "shipping", "shipping", one + "tax", "tax",
                one + "buyer_total", "original presentment", one + "buyer_currency", "currency presentment"));
        FIELDS.put("crm-one/deals.amount", "net");
        for (String object : List.of("Order", "Shopify_Order__c")) {
            String at = "salesforce/" + object + ".Shopify_";
            FIELDS.putAll(Map.of(at + "Total__c", "original", at + "Refunded__c", "refunded", at + "Net__c", "net",
                    at + "Discount__c", "discounts", at + "Shipping__c", "shipping", at + "Tax__c", "tax"));
        }
        FIELDS.putAll(Map.of("salesforce/Opportunity.Shopify_Net__c", "net",
                "salesforce/Opportunity.Shopify_Refunded__c", "refunded"));
        FIELDS.putAll(Map.of("pipedrive/deals.value", "net", "pipedrive/deals.shopify_net_total", "net",
                "pipedrive/deals.shopify_refunded_total", "refunded"));
    }

    static {
        Set.of("hubspot/orders.shopify_outstanding_total", "salesforce/Order.Shopify_Outstanding__c",
                "salesforce/Shopify_Order__c.Shopify_Outstanding__c", "pipedrive/deals.shopify_outstanding_total",
                "crm-one/orders.outstanding").forEach(field -> FIELDS.put(field, "outstanding"));
        FIELDS.putAll(Map.of("pipedrive/deals.shopify_shipping_total", "shipping", "pipedrive/deals.shopify_tax_total",
                "tax"));
    }

    private final List<Mapping> mappings = Mappings.load(MAPPINGS).all().stream()
            .filter(mapping -> mapping.entity().equals(RecordKey.ORDER)).toList();
    

    /** What is told, and what is the case when it has all been told. */
    private record Told(OrderLife life, List<ReceivedEvent> events) {
    }

    @Test
    void everyTotalOfEveryFormIsWhatTheOrdersLifeMadeIt() {
        Long alone = Long.getLong("history");
        LongStream seeds = alone == null ? LongStream.rangeClosed(1, Long.getLong("histories", 400))
                : LongStream.of(alone);
        seeds.forEach(seed -> {
            Told told = tell(seed);
            List<String> wrong = new ArrayList<>();
            CanonicalRecord byWebhooks = assemble(told.events());
            check(told.life(), byWebhooks, wrong, "webhooks");
            byte[] answer = Json.write(new OrderLifeBodies(told.life()).answer());
            List<ReceivedEvent> asked = new ArrayList<>();
            for (PayloadPart part : GivenBody.of(answer, Optional.empty(), SHOPIFY).parts()) {
                asked.add(new ReceivedEvent(1, "main", part.topic(), null, Instant.EPOCH, part.body()));
            }
            CanonicalRecord byAnswer = assemble(asked);
            checkTotals(told.life(), byAnswer.json(), wrong, "answer");
            checkLines(told.life(), byAnswer.json(), wrong, "answer");
            List<ReceivedEvent> both = new ArrayList<>(asked);
            both.addAll(told.events());
            CanonicalRecord byBoth = assemble(both);
            checkTotals(told.life(), byBoth.json(), wrong, "webhooks and answer");
            checkLines(told.life(), byBoth.json(), wrong, "webhooks and answer");
            assertThat(wrong).as("history %d (-Dhistory=%d repeats it): %s", seed, seed,
                    String.join("\n", told.life().story)).isEmpty();
        });
    }

    @Test
    void noTotalOfAnyMappingIsLeftOut() {
        Set<String> totals = new TreeSet<>();
        for (Mapping mapping : mappings) {
            mapping.fields().stream().filter(field -> field.mentions("totals")).forEach(field ->
                    totals.add(mapping.folder() + "/" + mapping.object() + "." + field.name()));
        }
        Set<String> checked = new TreeSet<>(FIELDS.keySet());
        checked.addAll(TEXTS);
        assertThat(totals).isEqualTo(checked);
    }

    /** Webhooks of the whole life, in any order, some of them twice. */
    private static Told tell(long seed) {
        OrderLife life = new OrderLife(seed);
        OrderLifeBodies bodies = new OrderLifeBodies(life);
        List<ReceivedEvent> events = new ArrayList<>();
        events.add(event(events, life, "orders/create", bodies.order()));
        int steps = life.random.nextInt(12);
        for (int i = 0; i < steps; i++) {
            int refunds = life.refunds.size();
            int said = life.story.size();
            boolean cancelled = life.cancelledAt != 0;
            life.step();
            for (int made = refunds; made < life.refunds.size(); made++) {
                events.add(event(events, life, "refunds/create", bodies.refund(life.refunds.get(made))));
            }
            if (life.story.size() > said && life.story.get(said).contains("edit")) {
                events.add(event(events, life, "orders/edited", bodies.edited()));
            }
            events.add(event(events, life, !cancelled && life.cancelledAt != 0 ? "orders/cancelled" : "orders/updated",
                    bodies.order()));
            if (life.chance(15)) {
                events.add(event(events, life, "orders/updated", part(life, bodies.order())));
            }
        }
        for (ReceivedEvent event : List.copyOf(events)) {
            if (life.chance(20)) {
                events.add(event);
            }
        }
        Collections.shuffle(events, life.random);
        return new Told(life, events);
    }

    /** As a subscription with {@code include_fields} gets it. */
    private static ObjectNode part(OrderLife life, ObjectNode order) {
        order.properties().removeIf(field -> !field.getKey().matches("id|updated_at|financial_status")
                && life.chance(60));
        return order;
    }

    private static ReceivedEvent event(List<ReceivedEvent> before, OrderLife life, String topic, ObjectNode body) {
        return new ReceivedEvent(before.size(), "main", topic,
                Instant.ofEpochSecond(life.now).plusMillis(before.size()), Instant.EPOCH, Json.write(body));
    }

    /** As the mirror does it. */
    private static CanonicalRecord assemble(List<ReceivedEvent> events) {
        List<FacetChange> changes = events.stream().flatMap(event -> TOPICS.read(event).orElseThrow().stream())
                .filter(change -> change.key().entity().equals(RecordKey.ORDER)).toList();
        return CanonicalRecords.assemble(SHOPIFY.entity(changes.get(0).key().entity()), changes.get(0).key(), Mirror.newest(changes).stream().map(change ->
                new StoredFacet(change.facet(), change.version(), change.value())).toList());
    }

    private void check(OrderLife life, CanonicalRecord record, List<String> wrong, String by) {
        checkTotals(life, record.json(), wrong, by);
        checkLines(life, record.json(), wrong, by);
        OrderFigures figures = OrderFigures.of(record.json(), true, ZoneOffset.UTC);
        boolean unpaid = life.paid() == 0 && life.net() > 0;
        same(wrong, by + " figures", unpaid ? null : shop(life, life.paid()), figures.net());
        Map<String, Object> totals = totals(life);
        for (Mapping mapping : mappings) {
            String at = mapping.folder() + "/" + mapping.object();
            MappedRecord mapped = mapping.map(record.json(), MAIN);
            mapped.refusals().forEach(refusal -> wrong.add(at + ": " + refusal));
            mapped.fields().forEach((field, value) -> {
                String total = FIELDS.get(at + "." + field);
                if (total != null && total.startsWith("currency")) {
                    same(wrong, at + "." + field, totals.get(total), value.asText());
                } else if (total != null) {
                    same(wrong, at + "." + field, totals.get(total), number(value));
                } else if (TEXTS.contains(at + "." + field)) {
                    String begin = ((BigDecimal) totals.get("net")).toPlainString() + " ";
                    if (!value.asText().replaceFirst("^[^:]*: ", "").startsWith(begin)) {
                        wrong.add(at + "." + field + ": expected " + begin + ", but was " + value.asText());
                    }
                }
            });
            for (ChildMapping child : mapping.children()) {
                if ("line_item".equals(child.entity())) {
                    checkChildren(life, at, child.each(record.json(), MAIN).stream()
                            .map(element -> child.map(element, MAIN).fields()).toList(), wrong);
                }
            }
            JsonNode inside = mapped.fields().get("lines");
            if (inside != null) {
                List<Map<String, JsonNode>> lines = new ArrayList<>();
                inside.forEach(line -> {
                    Map<String, JsonNode> fields = new HashMap<>();
                    line.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
                    lines.add(fields);
                });
                checkChildren(life, at, lines, wrong);
            }
        }
    }

    /** The lines of a form: which there are, how many units of each, and what all of them are worth. */
    private static void checkChildren(OrderLife life, String at, List<Map<String, JsonNode>> lines,
            List<String> wrong) {
        List<Line> sold = life.lines.stream().filter(line -> line.sold() > 0).toList();
        if (sold.size() != lines.size()) {
            wrong.add(at + " lines: expected " + sold.size() + ", but was " + lines.size());
            return;
        }
        for (int i = 0; i < sold.size(); i++) {
            Line line = sold.get(i);
            Map<String, JsonNode> fields = lines.get(i);
            BigDecimal discount = shop(life, discount(line));
            fields.forEach((field, value) -> {
                String quantity = QUANTITIES.get(field);
                if (quantity != null) {
                    same(wrong, at + " line " + field, BigDecimal.valueOf(quantity.equals("sold") ? line.sold()
                            : quantity.equals("current") ? line.current() : line.back), number(value));
                } else if (field.equals("discount") && at.startsWith("hubspot")) {
                    same(wrong, at + " line " + field, discount.divide(BigDecimal.valueOf(line.sold()), 6,
                            RoundingMode.HALF_UP), number(value));
                } else if (Set.of("amount", "net", "Shopify_Net__c").contains(field)) {
                    same(wrong, at + " line " + field, shop(life, line.price * line.sold() - discount(line)),
                            number(value));
                } else if (field.equals("discount") || field.endsWith("total_discount")
                        || field.equals("Shopify_Discount__c")) {
                    same(wrong, at + " line " + field, discount, number(value));
                } else if (field.equals("UnitPrice")) {
                    long value2 = 2 * (line.price * line.sold() - discount(line));
                    same(wrong, at + " line " + field, shop(life, (value2 + line.sold()) / (2L * line.sold())),
                            number(value));
                } else if (Set.of("price", "unit_price", "item_price", "Shopify_Unit_Price__c").contains(field)) {
                    same(wrong, at + " line " + field, shop(life, line.price), number(value));
                }
            });
        }
    }

    /** Of the units sold, rounded half up. */
    private static long discount(Line line) {
        return (2 * line.discount() * line.sold() + line.ordered) / (2L * line.ordered);
    }

    private static void checkTotals(OrderLife life, JsonNode record, List<String> wrong, String by) {
        Map<String, Object> expected = totals(life);
        for (String total : List.of("original", "current", "refunded", "net", "paid", "subtotal", "discounts",
                "shipping", "tax")) {
            for (String money : List.of("shop", "presentment")) {
                Object right = expected.get(money.equals("shop") ? total : total + " presentment");
                same(wrong, by + " " + total + " " + money, right,
                        number(record.path("totals").path(total).path(money).path("amount")));
            }
        }
    }

    private static void checkLines(OrderLife life, JsonNode record, List<String> wrong, String by) {
        for (int i = 0; i < life.lines.size(); i++) {
            Line line = life.lines.get(i);
            JsonNode one = record.path("line_items").path(i);
            same(wrong, by + " sold of line " + i, line.sold(), one.path("sold_quantity").asInt());
            same(wrong, by + " back of line " + i, line.back, one.path("refunded_quantity").asInt());
        }
    }

    /** Every total by its name in the canonical record; in the buyer's money with the word presentment. */
    private static Map<String, Object> totals(OrderLife life) {
        OrderLifeBodies bodies = new OrderLifeBodies(life);
        Map<String, Object> totals = new HashMap<>();
        Map.of("original", life.gross(), "current", life.current(), "refunded", life.refunded(), "net", life.net(),
                "paid", life.paid(), "subtotal", bodies.subtotal(), "discounts", bodies.discounts(), "shipping",
                life.shipping, "tax", bodies.tax(), "outstanding", life.outstanding()).forEach((name, amount) -> {
            totals.put(name, new BigDecimal(bodies.shop(amount)));
            totals.put(name + " presentment", new BigDecimal(bodies.presentment(amount)));
        });
        totals.put("currency presentment", life.currencies.presentment());
        return totals;
    }

    private static BigDecimal shop(OrderLife life, long amount) {
        return BigDecimal.valueOf(amount, life.currencies.shopDigits());
    }

    private static BigDecimal number(JsonNode value) {
        return value.isNull() || value.isMissingNode() ? null : new BigDecimal(value.asText());
    }

    private static void same(List<String> wrong, String what, Object expected, Object was) {
        boolean same = expected instanceof BigDecimal one && was instanceof BigDecimal other
                ? one.compareTo(other) == 0 : Objects.equals(expected, was);
        if (!same) {
            wrong.add(what + ": expected " + expected + ", but was " + was);
        }
    }
}
