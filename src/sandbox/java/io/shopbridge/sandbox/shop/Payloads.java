package io.shopbridge.sandbox.shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.shop.State.Address;
import io.shopbridge.sandbox.shop.State.Checkout;
import io.shopbridge.sandbox.shop.State.Company;
import io.shopbridge.sandbox.shop.State.Contact;
import io.shopbridge.sandbox.shop.State.Customer;
import io.shopbridge.sandbox.shop.State.DraftOrder;
import io.shopbridge.sandbox.shop.State.Fulfillment;
import io.shopbridge.sandbox.shop.State.Line;
import io.shopbridge.sandbox.shop.State.Location;
import io.shopbridge.sandbox.shop.State.Order;
import io.shopbridge.sandbox.shop.State.Refund;
import io.shopbridge.sandbox.shop.State.Risk;
import io.shopbridge.sandbox.shop.State.Role;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * Bodies in the shape of Shopify's webhooks, API 2026-10: customers carry neither tags nor consent (since 2025-01),
 * orders carry no checkout id (since 2026-04), money is a string with a {@code *_set} twin.
 *
 * @see <a href="https://shopify.dev/docs/api/webhooks/latest">Webhook topics</a>
 */
final class Payloads {

    static final String CURRENCY = "EUR";
    static final String VENDOR = "Demo Store";
    static final String CARRIER = "DHL";
    /** The app that assesses the risk of orders, beside Shopify. */
    static final String RISK_APP = "Fraud Watch";

    /** What staff call their discount on a line of a draft. */
    static final String OFFER = "Offer";

    /** The shop's. An hour ahead of UTC, all year. */
    static final ZoneId ZONE = ZoneId.of("Africa/Algiers");

    // Shopify writes whole seconds in the shop's own offset.
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx").withZone(ZONE);

    private Payloads() {
    }

    static ObjectNode customer(Customer customer) {
        ObjectNode body = embedded(customer);
        ArrayNode addresses = body.putArray("addresses");
        if (customer.address != null) {
            addresses.add(customerAddress(customer));
        }
        return body;
    }

    static ObjectNode customerDeleted(Customer customer) {
        ObjectNode body = Json.object().put("id", customer.id);
        body.putArray("tax_exemptions");
        return body.put("admin_graphql_api_id", gid("Customer", customer.id));
    }

    static ObjectNode emailConsent(Customer customer) {
        ObjectNode body = Json.object().put("customer_id", customer.id).put("email_address", customer.email);
        body.putObject("email_marketing_consent").put("state", customer.emailConsent)
                .put("opt_in_level", optInLevel(customer))
                .put("consent_updated_at", time(customer.emailConsentAt));
        return body;
    }

    static ObjectNode smsConsent(Customer customer) {
        ObjectNode body = Json.object().put("id", customer.id).put("phone", customer.phone);
        body.putObject("sms_marketing_consent").put("state", customer.smsConsent)
                .put("opt_in_level", "single_opt_in").put("consent_updated_at", time(customer.smsConsentAt))
                .put("consent_collected_from", "other");
        return body;
    }

    static ObjectNode tags(Customer customer, List<String> tags, Instant at) {
        ObjectNode body = Json.object().put("customerId", gid("Customer", customer.id));
        ArrayNode list = body.putArray("tags");
        tags.forEach(list::add);
        return body.put("occurredAt", Json.time(at.toEpochMilli()));
    }

    static ObjectNode order(Order order) {
        ObjectNode body = Json.object();
        body.put("id", order.id).put("admin_graphql_api_id", gid("Order", order.id)).put("app_id", 580111)
                .putNull("browser_ip").put("buyer_accepts_marketing", false).put("cancel_reason", order.cancelReason)
                .put("cancelled_at", time(order.cancelledAt)).put("cart_token", "c" + order.token)
                .put("checkout_token", order.token).putNull("client_details").put("closed_at", time(order.closedAt))
                .put("confirmation_number", confirmationNumber(order))
                .put("confirmed", true).put("contact_email", order.email).put("created_at", time(order.createdAt))
                .put("currency", CURRENCY);
        money(body, order, "current_subtotal_price", order.currentSubtotal());
        money(body, order, "current_total_discounts", order.discounts);
        money(body, order, "current_total_price", order.currentTotal());
        money(body, order, "current_total_tax", tax(order.currentTotal()));
        set(body, order, "current_shipping_price", order.cancelledAt == null ? order.shippingPrice : 0);
        set(body, order, "total_cash_rounding_payment_adjustment", 0);
        set(body, order, "total_cash_rounding_refund_adjustment", 0);
        body.putNull("current_total_additional_fees_set").putNull("current_total_duties_set")
                .put("customer_locale", "en").putNull("device_id");
        ArrayNode codes = body.putArray("discount_codes");
        ArrayNode applications = body.putArray("discount_applications");
        if (order.discountCode != null) {
            codes.addObject().put("code", order.discountCode).put("amount", amount(order.discounts))
                    .put("type", "percentage");
            applications.addObject().put("target_type", "line_item").put("type", "discount_code").put("value", "10.0")
                    .put("value_type", "percentage").put("allocation_method", "across").put("target_selection", "all")
                    .put("code", order.discountCode);
        }
        body.put("duties_included", false).put("email", order.email).put("estimated_taxes", false)
                .put("financial_status", order.financialStatus).put("fulfillment_status", order.fulfillmentStatus)
                .put("landing_site", order.landingSite).putNull("landing_site_ref").putNull("location_id")
                .put("merchant_business_entity_id", "MTAwMDAwMDAx")
                .putNull("merchant_of_record_app_id").put("name", "#" + order.number).put("note", order.note);
        body.putArray("note_attributes");
        body.put("number", order.number - 1000).put("order_number", order.number)
                .put("order_status_url", statusPage(order));
        body.putNull("original_total_additional_fees_set").putNull("original_total_duties_set");
        body.putArray("payment_gateway_names").add("shopify_payments");
        body.put("phone", order.phone).putNull("po_number").put("presentment_currency", order.presentmentCurrency)
                .put("processed_at", time(order.createdAt)).putNull("reference")
                .put("referring_site", order.referringSite).putNull("source_identifier")
                .put("source_name", order.sourceName).putNull("source_url");
        money(body, order, "subtotal_price", order.subtotal);
        body.put("tags", String.join(", ", order.tags)).put("tax_exempt", false);
        taxLines(body, order, order.total);
        body.put("taxes_included", true).put("test", order.test).put("token", order.token);
        money(body, order, "total_discounts", order.discounts);
        money(body, order, "total_line_items_price", order.subtotal + order.discounts);
        body.put("total_outstanding", amount(order.outstanding()));
        money(body, order, "total_price", order.total);
        set(body, order, "total_shipping_price", order.shippingPrice);
        money(body, order, "total_tax", tax(order.total));
        body.put("total_tip_received", "0.00")
                .put("total_weight", order.lines.stream().mapToInt(line -> line.grams * line.quantity).sum())
                .put("updated_at", time(order.updatedAt)).putNull("user_id");
        if (order.location != null) {
            body.putObject("company").put("id", order.location.company.id).put("location_id", order.location.id);
        }
        body.set("billing_address", address(order.billing));
        body.set("customer", order.customer == null ? null : embedded(order.customer));
        ArrayNode fulfillments = body.putArray("fulfillments");
        order.fulfillments.forEach(one -> fulfillments.add(fulfillment(order, one)));
        ArrayNode lines = body.putArray("line_items");
        order.lines.forEach(line -> lines.add(line(order, line, line.quantity)));
        body.putNull("payment_terms");
        ArrayNode refunds = body.putArray("refunds");
        order.refunds.forEach(one -> refunds.add(refund(order, one)));
        body.putArray("returns");
        body.putArray("line_item_groups");
        body.set("shipping_address", address(order.shipping));
        shippingLines(body, order);
        return body;
    }

    static ObjectNode orderEdited(Order order, long editId, Line added, Line removed, Instant at) {
        ObjectNode body = Json.object();
        ObjectNode edit = body.putObject("order_edit").put("id", editId).putNull("app_id")
                .put("created_at", time(at)).put("committed_at", time(at)).put("notify_customer", false)
                .put("order_id", order.id).put("staff_note", "").putNull("user_id");
        ObjectNode lines = edit.putObject("line_items");
        ArrayNode additions = lines.putArray("additions");
        ArrayNode removals = lines.putArray("removals");
        if (added != null) {
            additions.addObject().put("id", added.id).put("delta", added.quantity);
        }
        if (removed != null) {
            removals.addObject().put("id", removed.id).put("delta", 1);
        }
        ObjectNode discounts = edit.putObject("discounts").putObject("line_item");
        discounts.putArray("additions");
        discounts.putArray("removals");
        ObjectNode shipping = edit.putObject("shipping_lines");
        shipping.putArray("additions");
        shipping.putArray("removals");
        return body;
    }

    static ObjectNode orderDeleted(Order order) {
        return Json.object().put("id", order.id);
    }

    static ObjectNode refund(Order order, Refund refund) {
        ObjectNode body = Json.object().put("id", refund.id).put("order_id", order.id)
                .put("created_at", time(refund.createdAt)).put("note", refund.note).putNull("user_id")
                .put("processed_at", time(refund.createdAt)).put("restock", false)
                .put("admin_graphql_api_id", gid("Refund", refund.id));
        body.putArray("duties");
        set(body, order, "total_duties", 0);
        body.putNull("return");
        body.putArray("refund_shipping_lines");
        body.putArray("order_adjustments");
        ArrayNode lines = body.putArray("refund_line_items");
        for (int i = 0; i < refund.lines.size(); i++) {
            Line line = refund.lines.get(i);
            int quantity = refund.quantities.get(i);
            long net = line.net(quantity);
            // Here, and only here, Shopify writes money as a bare number.
            ObjectNode one = lines.addObject().put("id", refund.id + 1 + i).put("quantity", quantity)
                    .put("line_item_id", line.id).putNull("location_id").put("restock_type", "no_restock")
                    .put("subtotal", new BigDecimal(amount(net))).put("total_tax", new BigDecimal(amount(tax(net))));
            set(one, order, "subtotal", net);
            set(one, order, "total_tax", tax(net));
            one.set("line_item", nestedLine(order, line, line.quantity));
        }
        ArrayNode transactions = body.putArray("transactions");
        // What goes over a payment gateway is in the buyer's currency.
        transactions.addObject().put("id", refund.id + 90).put("admin_graphql_api_id",
                        gid("OrderTransaction", refund.id + 90)).put("amount", amount(presentment(order, refund.amount)))
                .put("kind", "refund").put("status", "success").put("gateway", "shopify_payments")
                .put("created_at", time(refund.createdAt)).put("processed_at", time(refund.createdAt))
                .put("currency", order.presentmentCurrency).put("order_id", order.id).put("message", "Refunded")
                .put("test", order.test)
                .put("parent_id", order.id + 5).put("source_name", "web").putNull("error_code").putNull("user_id")
                .putNull("location_id").putNull("device_id").putNull("authorization");
        return body;
    }

    static ObjectNode fulfillment(Order order, Fulfillment fulfillment) {
        ObjectNode body = Json.object().put("id", fulfillment.id)
                .put("admin_graphql_api_id", gid("Fulfillment", fulfillment.id)).put("order_id", order.id)
                .put("status", "success").put("created_at", time(fulfillment.createdAt)).put("service", "manual")
                .put("updated_at", time(fulfillment.updatedAt)).put("tracking_company", CARRIER)
                .put("shipment_status", fulfillment.shipmentStatus).put("location_id", 655441491)
                .putNull("origin_address").put("email", order.email)
                .put("name", "#" + order.number + "." + fulfillment.number)
                .put("tracking_number", fulfillment.tracking);
        body.putArray("tracking_numbers").add(fulfillment.tracking);
        body.putObject("receipt");
        body.put("tracking_url", trackingUrl(fulfillment));
        body.putArray("tracking_urls").add(trackingUrl(fulfillment));
        body.set("destination", address(order.shipping));
        ArrayNode lines = body.putArray("line_items");
        for (int i = 0; i < fulfillment.lines.size(); i++) {
            lines.add(nestedLine(order, fulfillment.lines.get(i), fulfillment.quantities.get(i)));
        }
        return body;
    }

    /** Bare amounts are in the buyer's currency, unlike an order's; there is no set beside them. */
    static ObjectNode checkout(Checkout checkout) {
        ObjectNode body = Json.object().put("token", checkout.token).put("cart_token", "c" + checkout.token)
                .put("email", checkout.customer.email).putNull("gateway").put("buyer_accepts_marketing", false)
                .put("created_at", time(checkout.createdAt)).put("updated_at", time(checkout.updatedAt))
                .put("landing_site", "/").put("note", checkout.note);
        body.putArray("note_attributes");
        body.putNull("referring_site");
        body.putArray("shipping_lines");
        body.put("taxes_included", true)
                .put("total_weight", checkout.lines.stream().mapToInt(line -> line.grams * line.quantity).sum())
                .put("currency", CURRENCY).put("completed_at", time(checkout.completedAt)).putNull("closed_at")
                .putNull("user_id").putNull("location_id").putNull("source_identifier").putNull("source_url")
                .putNull("device_id").put("phone", checkout.customer.phone).put("customer_locale", "en");
        ArrayNode lines = body.putArray("line_items");
        for (Line line : checkout.lines) {
            String price = amount(presentment(checkout, line.price));
            ObjectNode one = lines.addObject().put("key", String.valueOf(line.id));
            id(one, "product_id", line.productId);
            id(one, "variant_id", line.variantId);
            one.put("title", line.title).put("variant_title", line.variant).put("sku", line.sku)
                    .put("vendor", VENDOR).put("quantity", line.quantity).put("price", price)
                    .put("line_price", amount(presentment(checkout, line.price * line.quantity)))
                    .putNull("properties").put("gift_card", line.giftCard).put("requires_shipping", true)
                    .put("grams", line.grams).put("taxable", true).put("presentment_title", line.title)
                    .put("presentment_variant_title", line.variant).put("variant_price", price);
        }
        body.put("name", checkoutName(checkout)).putNull("source").put("abandoned_checkout_url", recovery(checkout));
        body.putArray("discount_codes");
        body.putArray("tax_lines");
        String subtotal = amount(presentment(checkout, checkout.subtotal()));
        body.put("source_name", "web").put("presentment_currency", checkout.presentmentCurrency)
                .put("total_discounts", "0.00").put("total_line_items_price", subtotal).put("total_price", subtotal)
                .put("total_tax", amount(presentment(checkout, tax(checkout.subtotal()))))
                .put("subtotal_price", subtotal);
        body.set("billing_address", address(checkout.customer.address));
        body.set("shipping_address", address(checkout.customer.address));
        body.set("customer", embedded(checkout.customer));
        return body;
    }

    /** Since 2026-04 without an id. */
    static ObjectNode checkoutDeleted(Checkout checkout) {
        return Json.object().put("cart_token", "c" + checkout.token)
                .put("presentment_currency", checkout.presentmentCurrency)
                .put("total_price", amount(presentment(checkout, checkout.subtotal())));
    }

    /** Its amounts are the shop's, without sets beside them, and {@code order_id} follows when it is completed. */
    static ObjectNode draft(DraftOrder draft) {
        ObjectNode body = Json.object().put("id", draft.id).put("note", draft.note).put("email", draft.customer.email)
                .put("taxes_included", true).put("currency", CURRENCY).put("invoice_sent_at", time(draft.invoiceSentAt))
                .put("created_at", time(draft.createdAt)).put("updated_at", time(draft.updatedAt))
                .put("tax_exempt", draft.customer.taxExempt).put("completed_at", time(draft.completedAt))
                .put("name", draftName(draft)).put("allow_discount_codes_in_checkout?", false).put("b2b?", false)
                .put("status", draft.status());
        ArrayNode lines = body.putArray("line_items");
        draft.lines.forEach(line -> lines.add(draftLine(line)));
        body.putNull("api_client_id");
        body.set("shipping_address", address(draft.customer.address));
        body.set("billing_address", address(draft.customer.address));
        body.put("invoice_url", invoice(draft)).putNull("created_on_api_version_handle").putNull("applied_discount");
        id(body, "order_id", draft.order == null ? 0 : draft.order.id);
        if (draft.shippingPrice == 0) {
            body.putNull("shipping_line");
        } else {
            body.putObject("shipping_line").put("custom", true).putNull("handle").put("title", "Standard")
                    .put("price", amount(draft.shippingPrice));
        }
        long total = draft.subtotal() + draft.shippingPrice;
        body.putArray("tax_lines").addObject().put("rate", 0.22).put("title", "VAT").put("price", amount(tax(total)));
        body.put("tags", String.join(", ", draft.tags)).putArray("note_attributes");
        body.put("total_price", amount(total)).put("subtotal_price", amount(draft.subtotal()))
                .put("total_tax", amount(tax(total))).putNull("payment_terms").put("admin_graphql_api_id", draft.gid());
        body.set("customer", embedded(draft.customer));
        return body;
    }

    private static ObjectNode draftLine(Line line) {
        ObjectNode body = Json.object().put("id", line.id);
        id(body, "variant_id", line.variantId);
        id(body, "product_id", line.productId);
        body.put("title", line.title).put("variant_title", line.variant).put("sku", line.sku).put("vendor", VENDOR)
                .put("quantity", line.quantity).put("requires_shipping", true).put("taxable", true)
                .put("gift_card", false).put("fulfillment_service", "manual").put("grams", line.grams)
                .putArray("tax_lines");
        if (line.discount == 0) {
            body.putNull("applied_discount");
        } else {
            body.putObject("applied_discount").put("description", OFFER).put("value", "10.0").put("title", OFFER)
                    .put("amount", amount(line.discount)).put("value_type", "percentage");
        }
        body.put("name", name(line)).putArray("properties");
        return body.put("custom", false).put("price", amount(line.price))
                .put("admin_graphql_api_id", gid("DraftOrderLineItem", line.id));
    }

    static ObjectNode draftDeleted(DraftOrder draft) {
        return Json.object().put("id", draft.id);
    }

    static ObjectNode company(Company company) {
        return Json.object().put("name", company.name).put("note", company.note)
                .put("external_id", company.externalId)
                .put("main_contact_admin_graphql_api_id",
                        company.mainContact == null ? null : company.mainContact.gid())
                .put("created_at", time(company.createdAt)).put("updated_at", time(company.updatedAt))
                .put("customer_since", time(company.createdAt)).put("admin_graphql_api_id", company.gid());
    }

    static ObjectNode location(Location location) {
        ObjectNode body = Json.object().put("name", location.name).putNull("external_id").put("phone", location.phone)
                .put("locale", "en").put("created_at", time(location.createdAt))
                .put("updated_at", time(location.updatedAt)).putNull("note")
                .putNull("buyer_experience_configuration").put("admin_graphql_api_id", location.gid());
        body.putArray("tax_exemptions");
        body.putObject("tax_settings").putNull("tax_registration_id").put("tax_exempt", location.taxExempt)
                .putArray("tax_exemptions");
        body.set("company", company(location.company));
        for (int i = 0; i < 2; i++) {
            Address address = location.address;
            body.set(i == 0 ? "billing_address" : "shipping_address", Json.object().put("address1", address.street)
                    .put("city", address.city).put("province", address.province).put("country", address.country)
                    .put("zip", address.zip).put("recipient", location.company.name).putNull("first_name")
                    .putNull("last_name").putNull("address2").put("phone", address.phone)
                    .put("zone_code", address.provinceCode).put("country_code", address.countryCode)
                    .put("created_at", time(location.createdAt)).put("updated_at", time(location.createdAt))
                    .put("admin_graphql_api_id", gid("CompanyAddress", location.id + 1 + i))
                    .put("company_admin_graphql_api_id", location.company.gid()));
        }
        body.putObject("tax_registration").putNull("tax_id");
        return body;
    }

    static ObjectNode contact(Contact contact) {
        ObjectNode body = Json.object().put("customer_admin_graphql_api_id", contact.customer.gid())
                .put("title", contact.title).put("locale", "en").put("created_at", time(contact.createdAt))
                .put("updated_at", time(contact.updatedAt)).put("admin_graphql_api_id", contact.gid());
        body.set("company", company(contact.company));
        return body;
    }

    static ObjectNode risk(Order order, Risk risk) {
        ObjectNode body = Json.object();
        if (risk.app() == 0) {
            body.putNull("provider_id").putNull("provider_title");
        } else {
            body.put("provider_id", risk.app()).put("provider_title", RISK_APP);
        }
        return body.put("risk_level", risk.level()).put("created_at", time(risk.at())).put("order_id", order.id)
                .put("admin_graphql_api_order_id", order.gid());
    }

    /** Of a role that a contact is given or that is taken away. */
    static ObjectNode role(Role role) {
        ObjectNode body = Json.object();
        body.set("company_contact", contact(role.contact));
        body.set("company_location", location(role.location));
        body.putObject("company_contact_role").put("name", role.name);
        return body;
    }

    static String draftName(DraftOrder draft) {
        return "#D" + draft.number;
    }

    static String invoice(DraftOrder draft) {
        return "https://demo-store.example/548380009/invoices/" + draft.id;
    }

    static String checkoutName(Checkout checkout) {
        return "#" + checkout.id;
    }

    static String recovery(Checkout checkout) {
        return "https://demo-store.example/548380009/checkouts/ac/" + checkout.token + "/recover?key=sandbox&locale=en";
    }

    static long presentment(Checkout checkout, long cents) {
        return Math.round(cents * checkout.presentmentRate);
    }

    /** A customer has the currency of the last order, and before it the shop's. */
    static String currency(Customer customer) {
        return customer.lastOrder == null ? CURRENCY : customer.lastOrder.presentmentCurrency;
    }

    static String optInLevel(Customer customer) {
        return customer.emailConsent.equals("pending") ? "confirmed_opt_in" : "single_opt_in";
    }

    static String confirmationNumber(Order order) {
        return order.token.substring(0, 9).toUpperCase(Locale.ROOT);
    }

    static String statusPage(Order order) {
        return "https://demo-store.example/orders/" + order.token + "/authenticate";
    }

    static String name(Line line) {
        return line.variant == null ? line.title : line.title + " - " + line.variant;
    }

    static String trackingUrl(Fulfillment fulfillment) {
        return "https://tracking.example/" + fulfillment.tracking;
    }

    static long tax(long gross) {
        return Math.round(gross - gross / 1.22);
    }

    static String gid(String type, long id) {
        return "gid://shopify/" + type + "/" + id;
    }

    static String time(Instant instant) {
        return instant == null ? null : TIME.format(instant);
    }

    /** The same in cents of the buyer's currency. */
    static long presentment(Order order, long cents) {
        return Math.round(cents * order.presentmentRate);
    }

    static String amount(long cents) {
        return BigDecimal.valueOf(cents, 2).toPlainString();
    }

    // The customer inside an order is the same but for its list of addresses.
    private static ObjectNode embedded(Customer customer) {
        ObjectNode body = Json.object().put("id", customer.id).put("created_at", time(customer.createdAt))
                .put("updated_at", time(customer.updatedAt)).put("first_name", customer.firstName)
                .put("last_name", customer.lastName).put("state", customer.state).put("note", customer.note)
                .put("verified_email", true).putNull("multipass_identifier").put("tax_exempt", customer.taxExempt)
                .put("email", customer.email).put("phone", customer.phone).put("currency", currency(customer));
        body.putArray("tax_exemptions");
        body.put("admin_graphql_api_id", gid("Customer", customer.id));
        if (customer.address != null) {
            body.set("default_address", customerAddress(customer));
        }
        return body;
    }

    private static ObjectNode customerAddress(Customer customer) {
        ObjectNode body = Json.object().put("id", customer.id + 7).put("customer_id", customer.id);
        body.setAll((ObjectNode) address(customer.address));
        body.remove(List.of("latitude", "longitude"));
        return body.put("country_name", customer.address.country).put("default", true);
    }

    private static JsonNode address(Address address) {
        if (address == null) {
            return Json.MAPPER.nullNode();
        }
        String name = ((address.firstName == null ? "" : address.firstName) + " "
                + (address.lastName == null ? "" : address.lastName)).trim();
        return Json.object().put("first_name", address.firstName).put("address1", address.street)
                .put("phone", address.phone).put("city", address.city).put("zip", address.zip)
                .put("province", address.province).put("country", address.country)
                .put("last_name", address.lastName).putNull("address2").put("company", address.company)
                .putNull("latitude").putNull("longitude").put("name", name)
                .put("country_code", address.countryCode).put("province_code", address.provinceCode);
    }

    // Inside fulfillments and refunds a line lacks what only the order itself knows.
    private static ObjectNode nestedLine(Order order, Line line, int quantity) {
        ObjectNode body = line(order, line, quantity);
        body.remove(List.of("current_quantity", "sales_line_item_group_id", "attributed_staffs"));
        return body;
    }

    private static ObjectNode line(Order order, Line line, int quantity) {
        ObjectNode body = Json.object().put("id", line.id).put("admin_graphql_api_id", gid("LineItem", line.id));
        body.putArray("attributed_staffs");
        body.put("current_quantity", line.current())
                .put("fulfillable_quantity", Math.max(0, line.current() - line.fulfilled))
                .put("fulfillment_service", "manual")
                .put("fulfillment_status", line.fulfilled == 0 ? null
                        : line.fulfilled >= line.current() ? "fulfilled" : "partial")
                .put("gift_card", line.giftCard).put("grams", line.grams)
                .put("name", name(line));
        money(body, order, "price", line.price);
        body.put("product_exists", line.productId != 0);
        id(body, "product_id", line.productId);
        body.putArray("properties");
        body.put("quantity", quantity).put("requires_shipping", !line.giftCard).putNull("sales_line_item_group_id")
                .put("sku", line.sku).put("taxable", true).put("title", line.title);
        // A code's discount is in the allocations; total_discount holds only what staff gave by hand.
        money(body, order, "total_discount", 0);
        id(body, "variant_id", line.variantId);
        body.put("variant_inventory_management", "shopify").put("variant_title", line.variant)
                .put("vendor", VENDOR);
        taxLines(body, order, line.net(line.quantity));
        body.putArray("duties");
        ArrayNode allocations = body.putArray("discount_allocations");
        if (line.discount > 0) {
            ObjectNode allocation = allocations.addObject().put("discount_application_index", 0);
            money(allocation, order, "amount", line.discount);
        }
        return body;
    }

    private static void id(ObjectNode body, String name, long id) {
        if (id == 0) {
            body.putNull(name);
        } else {
            body.put(name, id);
        }
    }

    private static void shippingLines(ObjectNode body, Order order) {
        ArrayNode lines = body.putArray("shipping_lines");
        if (order.shipping == null) {
            return;
        }
        ObjectNode line = lines.addObject().put("id", order.id + 3).putNull("carrier_identifier")
                .put("code", "Standard").put("is_removed", false).putNull("phone")
                .putNull("requested_fulfillment_service_id").put("source", "shopify").put("title", "Standard");
        money(line, order, "price", order.shippingPrice);
        money(line, order, "discounted_price", order.shippingPrice);
        set(line, order, "current_discounted_price", order.shippingPrice);
        line.putArray("tax_lines");
        line.putArray("discount_allocations");
    }

    private static void taxLines(ObjectNode body, Order order, long gross) {
        ObjectNode tax = body.putArray("tax_lines").addObject().put("title", "VAT").put("rate", 0.22)
                .put("channel_liable", false);
        money(tax, order, "price", tax(gross));
    }

    private static void money(ObjectNode body, Order order, String name, long cents) {
        body.put(name, amount(cents));
        set(body, order, name, cents);
    }

    private static void set(ObjectNode body, Order order, String name, long cents) {
        ObjectNode set = body.putObject(name + "_set");
        set.putObject("shop_money").put("amount", amount(cents)).put("currency_code", CURRENCY);
        set.putObject("presentment_money").put("amount", amount(presentment(order, cents)))
                .put("currency_code", order.presentmentCurrency);
    }
}
