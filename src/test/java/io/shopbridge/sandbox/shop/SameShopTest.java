package io.shopbridge.sandbox.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.PayloadRecords;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.shop.State.Resource;
import io.shopbridge.shopify.GivenBody;
import io.shopbridge.shopify.GraphqlType;
import io.shopbridge.shopify.PayloadPart;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.DirectAdminApi;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the shop tells by its webhooks, and what it answers when it is asked, is the same record, field by field. */
class SameShopTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    /**
     * What webhooks have and the queries don't ask for. Of a line whose pieces were all returned, the API does not say
     * whether they had been shipped.
     */
    private static final Set<String> TOLD_ONLY = Set.of("checkout attribution.landing_page",
            "checkout attribution.landing_site", "checkout attribution.source_name", "checkout buyer_accepts_marketing",
            "checkout cart_token", "checkout customer_locale", "checkout days", "checkout landing_site",
            "checkout line_items.gift_card", "checkout line_items.grams", "checkout line_items.presentment_title",
            "checkout line_items.presentment_variant_title", "checkout line_items.requires_shipping",
            "checkout line_items.taxable", "checkout line_items.variant_price", "checkout source_name",
            "checkout total_weight", "checkout totals.shipping.presentment.amount",
            "checkout totals.shipping.shop.amount", "customer days",
            "draft_order allow_discount_codes_in_checkout?", "draft_order b2b?", "draft_order days",
            "draft_order line_items.fulfillment_service", "draft_order line_items.grams", "order days", "order app_id",
            "order current_shipping_price_set", "order current_subtotal_price", "order current_subtotal_price_set",
            "order current_total_discounts", "order current_total_discounts_set", "order current_total_tax",
            "order current_total_tax_set", "order discount_applications", "order discount_codes.amount",
            "order discount_codes.type", "order duties_included", "order estimated_taxes",
            "order fulfillments.destination", "order fulfillments.email", "order fulfillments.line_items",
            "order fulfillments.location_id", "order fulfillments.service",
            "order line_items.discount_allocations.discount_application_index",
            "order line_items.fulfillable_quantity", "order line_items.fulfillment_service",
            "order line_items.fulfillment_status", "order line_items.grams",
            "order line_items.tax_lines.channel_liable", "order line_items.tax_lines.rate",
            "order line_items.variant_inventory_management", "order merchant_business_entity_id", "order number",
            "order refunds.refund_line_items.line_item", "order refunds.refund_line_items.subtotal",
            "order refunds.refund_line_items.total_tax", "order refunds.restock", "order refunds.total_duties_set",
            "order refunds.transactions.message", "order refunds.transactions.parent_id",
            "order refunds.transactions.source_name", "order refunds.transactions.test",
            "order shipping_lines.current_discounted_price_set", "order shipping_lines.discounted_price",
            "order shipping_lines.discounted_price_set", "order shipping_lines.is_removed", "order tax_lines",
            "order token", "order total_cash_rounding_payment_adjustment_set",
            "order total_cash_rounding_refund_adjustment_set", "order total_line_items_price",
            "order total_line_items_price_set", "order total_outstanding", "order total_tip_received",
            "order total_weight");

    /**
     * What only the API has. A customer who never was asked has a consent there, and no topic tells of one; and webhooks
     * of carts have no amounts in the shop's currency, where it is another than the buyer's.
     */
    private static final Set<String> ANSWERED_ONLY = Set.of("checkout line_items.discounted_unit_price.shop.amount",
            "checkout line_items.price_set", "checkout line_items.unit_price.shop.amount", "checkout subtotal_price_set",
            "checkout total_discounts_set", "checkout total_line_items_price_set", "checkout total_price_set",
            "checkout total_tax_set", "checkout totals.current.shop.amount", "checkout totals.discounts.shop.amount",
            "checkout totals.net.shop.amount", "checkout totals.original.shop.amount",
            "checkout totals.subtotal.shop.amount", "checkout totals.tax.shop.amount", "customer email_marketing_consent",
            "customer sms_marketing_consent", "customer tags", "customer whats_app_marketing_consent",
            "draft_order line_items.price_set", "draft_order presentment_currency", "draft_order shipping_lines.price_set",
            "draft_order subtotal_price_set", "draft_order total_price_set", "draft_order total_tax_set",
            "order attribution.channel", "order channel_name",
            "order first_visit", "order net_payment_set", "order original_total_price_set",
            "order refunds.transactions.amount_set", "order total_outstanding_set", "order total_received_set",
            "order transactions");

    /**
     * Webhooks have what was paid back in the buyer's currency alone, and what is still to be paid in the shop's; the
     * other is worked out, to a cent.
     */
    private static final Set<String> WORKED_OUT = Set.of("order refunds.total.shop.amount",
            "order totals.refunded.shop.amount", "order totals.outstanding.presentment.amount",
            "order totals.paid.presentment.amount", "order totals.net.presentment.amount");
    private static final BigDecimal CENT = new BigDecimal("0.01");

    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {
    };

    private static final ShopModel MODEL = model();
    private static final AdminOptions OPTIONS =
            AdminOptions.defaults().withPoints(Integer.MAX_VALUE, 1).withJourneyDelay(Duration.ZERO);
    private static final AdminGraphql GRAPHQL = new AdminGraphql(MODEL, OPTIONS,
            new Access(OPTIONS.scopes(), OPTIONS.protectedData()),
            new Points(OPTIONS.bucket(), OPTIONS.restoreRate(), OPTIONS.clock()), new Subscriptions());

    @Test
    void ordersAreTheSame() throws IOException {
        for (State.Order order : MODEL.all(State.Order.class)) {
            same(order, new PayloadPart("orders/updated", Json.bytes(Payloads.order(order))));
        }
    }

    @Test
    void customersAreTheSame() throws IOException {
        for (State.Customer customer : MODEL.all(State.Customer.class)) {
            List<PayloadPart> told = new ArrayList<>();
            told.add(new PayloadPart("customers/update", Json.bytes(Payloads.customer(customer))));
            if (customer.emailConsentAt != null) {
                told.add(new PayloadPart("customers_email_marketing_consent/update",
                        Json.bytes(Payloads.emailConsent(customer))));
            }
            if (customer.smsConsentAt != null) {
                told.add(new PayloadPart("customers_marketing_consent/update",
                        Json.bytes(Payloads.smsConsent(customer))));
            }
            if (customer.contact != null) {
                told.add(new PayloadPart("company_contacts/update", Json.bytes(Payloads.contact(customer.contact))));
            }
            same(customer, told.toArray(PayloadPart[]::new));
        }
    }

    @Test
    void companiesAreTheSame() throws IOException {
        for (State.Company company : MODEL.all(State.Company.class)) {
            List<PayloadPart> told = new ArrayList<>();
            told.add(new PayloadPart("companies/update", Json.bytes(Payloads.company(company))));
            company.locations.forEach(location -> told.add(new PayloadPart("company_locations/update",
                    Json.bytes(Payloads.location(location)))));
            same(company, told.toArray(PayloadPart[]::new));
        }
    }

    @Test
    void checkoutsAreTheSame() throws IOException {
        for (State.Checkout checkout : MODEL.all(State.Checkout.class)) {
            same(checkout, new PayloadPart("checkouts/update", Json.bytes(Payloads.checkout(checkout))));
        }
    }

    @Test
    void draftOrdersAreTheSame() throws IOException {
        List<State.DraftOrder> drafts = MODEL.all(State.DraftOrder.class);
        assertThat(drafts).extracting(State.DraftOrder::status).contains("open", "invoice_sent", "completed");
        for (State.DraftOrder draft : drafts) {
            same(draft, new PayloadPart("draft_orders/update", Json.bytes(Payloads.draft(draft))));
        }
    }

    private static ShopModel model() {
        ShopModel model = ShopModel.stepping(1, START, Duration.ofSeconds(20)).withCartsAndCompanies().withDraftOrders();
        model.events(2_500);
        // More than a query asks for at once, and more than a page has.
        model.largeOrder(120, 25);
        model.largeOrder(620, 300);
        return model;
    }

    private static void same(Resource resource, PayloadPart... webhooks) throws IOException {
        GraphqlType type = SHOPIFY.types().all().stream().filter(one -> one.name().equals(resource.type())).findFirst()
                .orElseThrow();
        String query = "query ($id: ID!) { node(id: $id) { ..." + type.fragment().split("\\s+")[1] + " } }\n"
                + type.fragment();
        JsonNode node = DirectAdminApi.whole(SHOPIFY, answer(query, Map.of("id", resource.gid())).at("/data/node"),
                (page, variables) -> answer(page.text(), Json.MAPPER.convertValue(variables, VARIABLES))).orElseThrow();
        byte[] answer = Json.MAPPER.writeValueAsBytes(node);
        Map<String, CanonicalRecord> told = byKey(List.of(webhooks));
        Map<String, CanonicalRecord> answered = byKey(GivenBody.of(answer, Optional.empty(), SHOPIFY).parts());
        List<String> differences = new ArrayList<>();
        assertThat(answered.keySet()).isEqualTo(told.keySet());
        told.forEach((key, record) -> {
            assertThat(answered.get(key).mainAt()).isEqualTo(record.mainAt());
            compare(record.key().entity(), "", record.json(), answered.get(key).json(), differences);
        });
        assertThat(differences).as(resource.gid()).isEmpty();
    }

    private static JsonNode answer(String query, Map<String, Object> variables) {
        Map<String, Object> body = GRAPHQL.answer(query, null, variables, false).body();
        assertThat(body).as(query).doesNotContainKey("errors");
        return Json.MAPPER.valueToTree(body);
    }

    private static void compare(String entity, String path, JsonNode told, JsonNode answered,
            List<String> differences) {
        String field = entity + " " + path;
        // Webhooks do not tell that the buyer of a draft has another currency than the shop.
        if (field.equals("checkout id") || field.startsWith("draft_order ") && path.contains(".presentment.")) {
            return;
        }
        if (told.isNull() ? ANSWERED_ONLY.contains(field) : answered.isNull() && TOLD_ONLY.contains(field)) {
            return;
        }
        if (WORKED_OUT.contains(field) && told.isTextual() && answered.isTextual()) {
            assertThat(new BigDecimal(told.asText())).isCloseTo(new BigDecimal(answered.asText()), within(CENT));
            return;
        }
        if (told.isArray() && answered.isArray() && told.size() == answered.size()) {
            for (int i = 0; i < told.size(); i++) {
                compare(entity, path, told.get(i), answered.get(i), differences);
            }
        } else if (told.isObject() && answered.isObject()) {
            Set<String> names = new TreeSet<>();
            told.fieldNames().forEachRemaining(names::add);
            answered.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> compare(entity, path.isEmpty() ? name : path + "." + name, orNull(told, name),
                    orNull(answered, name), differences));
        } else if (!told.equals(answered)) {
            differences.add(field + ": told " + told + ", answered " + answered);
        }
    }

    /** As mappings see it, nothing, a blank text and an empty list are the same. */
    private static JsonNode orNull(JsonNode object, String name) {
        JsonNode value = object.path(name);
        boolean isEmpty = value.isMissingNode() || value.isTextual() && value.asText().isBlank()
                || value.isContainerNode() && value.isEmpty();
        return isEmpty ? NullNode.getInstance() : value;
    }

    /** But for carts: what a webhook calls its cart by, the API does not give. */
    private static Map<String, CanonicalRecord> byKey(List<PayloadPart> parts) {
        return PayloadRecords.of(SHOPIFY, "main", "US", parts).stream().collect(Collectors.toMap(record ->
                record.key().entity() + (record.key().entity().equals("checkout") ? "" : " " + record.key().recordId()),
                Function.identity()));
    }
}
