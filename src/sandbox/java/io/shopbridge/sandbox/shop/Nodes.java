package io.shopbridge.sandbox.shop;

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
import io.shopbridge.sandbox.shop.State.Product;
import io.shopbridge.sandbox.shop.State.Refund;
import io.shopbridge.sandbox.shop.State.Resource;
import io.shopbridge.sandbox.shop.State.Risk;
import io.shopbridge.sandbox.shop.State.Role;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Records as the Admin API shows them: objects by the names of their fields, what they lead to behind a
 * {@link Supplier}. {@link Payloads} tells the same of the same records.
 */
final class Nodes {

    private static final String GATEWAY = "shopify_payments";

    private final Instant now;
    private final Duration journeyDelay;

    /**
     * @param now the shop's present time
     * @param journeyDelay how long after an order it is known where its buyer came from
     */
    Nodes(Instant now, Duration journeyDelay) {
        this.now = now;
        this.journeyDelay = journeyDelay;
    }

    Map<String, Object> of(Resource resource) {
        if (resource instanceof Order order) {
            return order(order);
        } else if (resource instanceof Company company) {
            return company(company);
        } else if (resource instanceof Location location) {
            return location(location);
        } else if (resource instanceof Contact contact) {
            return contact(contact);
        } else if (resource instanceof Role role) {
            return role(role);
        } else if (resource instanceof Checkout checkout) {
            return checkout(checkout);
        } else if (resource instanceof DraftOrder draft) {
            return draft(draft);
        } else if (resource instanceof Product product) {
            return product(product);
        }
        return customer((Customer) resource);
    }

    private Map<String, Object> company(Company company) {
        Map<String, Object> node = node(company);
        node.put("name", company.name);
        node.put("note", company.note);
        node.put("externalId", company.externalId);
        node.put("customerSince", company.createdAt);
        node.put("mainContact", lazy(company.mainContact, this::contact));
        node.put("contacts", company.contacts.stream().map(one -> lazy(one, this::contact)).toList());
        node.put("contactsCount", count(company.contacts.size()));
        node.put("locations", company.locations.stream().map(one -> lazy(one, this::location)).toList());
        node.put("locationsCount", count(company.locations.size()));
        node.put("metafields", List.of());
        return node;
    }

    private Map<String, Object> location(Location location) {
        Map<String, Object> node = node(location);
        node.put("name", location.name);
        node.put("phone", location.phone);
        node.put("locale", "en");
        node.put("currency", Payloads.CURRENCY);
        node.put("company", lazy(location.company, this::company));
        Map<String, Object> tax = new HashMap<>();
        tax.put("taxExempt", location.taxExempt);
        tax.put("taxExemptions", List.of());
        node.put("taxSettings", tax);
        node.put("billingAddress", companyAddress(location, location.id + 1));
        node.put("shippingAddress", companyAddress(location, location.id + 2));
        node.put("metafields", List.of());
        return node;
    }

    private static Map<String, Object> companyAddress(Location location, long id) {
        Address address = location.address;
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "CompanyAddress");
        node.put("id", Payloads.gid("CompanyAddress", id));
        node.put("address1", address.street);
        node.put("city", address.city);
        node.put("province", address.province);
        node.put("zoneCode", address.provinceCode);
        node.put("country", address.country);
        node.put("countryCode", address.countryCode);
        node.put("zip", address.zip);
        node.put("phone", address.phone);
        node.put("recipient", location.company.name);
        node.put("companyName", location.company.name);
        node.put("createdAt", location.createdAt);
        node.put("updatedAt", location.createdAt);
        return node;
    }

    private Map<String, Object> contact(Contact contact) {
        Map<String, Object> node = node(contact);
        node.put("title", contact.title);
        node.put("locale", "en");
        node.put("isMainContact", contact.company.mainContact == contact);
        node.put("company", lazy(contact.company, this::company));
        node.put("customer", lazy(contact.customer, this::customer));
        node.put("roleAssignments", contact.roles.stream().map(one -> lazy(one, this::role)).toList());
        return node;
    }

    private Map<String, Object> role(Role role) {
        Map<String, Object> node = node(role);
        node.put("company", lazy(role.contact.company, this::company));
        node.put("companyContact", lazy(role.contact, this::contact));
        node.put("companyLocation", lazy(role.location, this::location));
        Map<String, Object> kind = new HashMap<>();
        kind.put("__typename", "CompanyContactRole");
        kind.put("id", Payloads.gid("CompanyContactRole", role.id + 1));
        kind.put("name", role.name);
        node.put("role", kind);
        return node;
    }

    private Map<String, Object> checkout(Checkout checkout) {
        Map<String, Object> node = node(checkout);
        node.put("name", Payloads.checkoutName(checkout));
        node.put("abandonedCheckoutUrl", Payloads.recovery(checkout));
        node.put("completedAt", checkout.completedAt);
        node.put("note", checkout.note == null ? "" : checkout.note);
        node.put("discountCodes", List.of());
        node.put("taxesIncluded", true);
        node.put("customAttributes", List.of());
        long subtotal = checkout.subtotal();
        node.put("totalPriceSet", set(checkout, subtotal));
        node.put("subtotalPriceSet", set(checkout, subtotal));
        node.put("totalLineItemsPriceSet", set(checkout, subtotal));
        node.put("totalDiscountSet", set(checkout, 0));
        node.put("totalTaxSet", set(checkout, Payloads.tax(subtotal)));
        node.put("taxLines", List.of());
        node.put("billingAddress", address(checkout.customer.address, checkout.id + 1, "Address"));
        node.put("shippingAddress", address(checkout.customer.address, checkout.id + 2, "Address"));
        node.put("customer", lazy(checkout.customer, this::customer));
        node.put("lineItems", checkout.lines.stream().map(line -> line(checkout, line)).toList());
        return node;
    }

    private static Map<String, Object> line(Checkout checkout, Line line) {
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "AbandonedCheckoutLineItem");
        node.put("id", Payloads.gid("AbandonedCheckoutLineItem", line.id));
        node.put("title", line.title);
        node.put("variantTitle", line.variant);
        node.put("sku", line.sku);
        node.put("quantity", line.quantity);
        node.put("product", lazy(line.product, Nodes::product));
        node.put("variant", variant(line));
        node.put("customAttributes", List.of());
        node.put("originalUnitPriceSet", set(checkout, line.price));
        node.put("originalTotalPriceSet", set(checkout, line.price * line.quantity));
        node.put("discountedTotalPriceSet", set(checkout, line.price * line.quantity));
        return node;
    }

    private Map<String, Object> draft(DraftOrder draft) {
        Map<String, Object> node = node(draft);
        node.put("name", Payloads.draftName(draft));
        node.put("status", upper(draft.status()));
        node.put("note2", draft.note);
        node.put("email", draft.customer.email);
        node.put("phone", draft.customer.phone);
        node.put("tags", List.copyOf(draft.tags));
        node.put("invoiceSentAt", draft.invoiceSentAt);
        node.put("invoiceUrl", Payloads.invoice(draft));
        node.put("completedAt", draft.completedAt);
        node.put("order", lazy(draft.order, this::order));
        node.put("currencyCode", Payloads.CURRENCY);
        node.put("presentmentCurrencyCode", draft.presentmentCurrency);
        node.put("taxesIncluded", true);
        node.put("taxExempt", draft.customer.taxExempt);
        node.put("customAttributes", List.of());
        node.put("discountCodes", List.of());
        long total = draft.subtotal() + draft.shippingPrice;
        node.put("taxLines", List.of(Map.of("title", "VAT", "rate", 0.22, "priceSet", set(draft, Payloads.tax(total)))));
        node.put("shippingLine", draft.shippingPrice == 0 ? null : Map.of("title", "Standard", "custom", true,
                "originalPriceSet", set(draft, draft.shippingPrice), "discountedPriceSet", set(draft, draft.shippingPrice),
                "currentDiscountedPriceSet", set(draft, draft.shippingPrice), "isRemoved", false, "taxLines", List.of(),
                "discountAllocations", List.of()));
        node.put("totalPriceSet", set(draft, total));
        node.put("subtotalPriceSet", set(draft, draft.subtotal()));
        node.put("totalDiscountsSet", set(draft, draft.lines.stream().mapToLong(line -> line.discount).sum()));
        node.put("totalLineItemsPriceSet",
                set(draft, draft.lines.stream().mapToLong(line -> line.price * line.quantity).sum()));
        node.put("totalShippingPriceSet", set(draft, draft.shippingPrice));
        node.put("totalTaxSet", set(draft, Payloads.tax(total)));
        node.put("billingAddress", address(draft.customer.address, draft.id + 1, "Address"));
        node.put("shippingAddress", address(draft.customer.address, draft.id + 2, "Address"));
        node.put("customer", lazy(draft.customer, this::customer));
        node.put("lineItems", draft.lines.stream().map(line -> draftLine(draft, line)).toList());
        node.put("metafields", List.of());
        return node;
    }

    private static Map<String, Object> draftLine(DraftOrder draft, Line line) {
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "DraftOrderLineItem");
        node.put("id", Payloads.gid("DraftOrderLineItem", line.id));
        node.put("uuid", String.valueOf(line.id));
        node.put("title", line.title);
        node.put("name", Payloads.name(line));
        node.put("variantTitle", line.variant);
        node.put("sku", line.sku);
        node.put("vendor", Payloads.VENDOR);
        node.put("quantity", line.quantity);
        node.put("custom", false);
        node.put("taxable", true);
        node.put("isGiftCard", false);
        node.put("requiresShipping", true);
        node.put("product", lazy(line.product, Nodes::product));
        node.put("variant", variant(line));
        node.put("customAttributes", List.of());
        node.put("originalUnitPriceSet", set(draft, line.price));
        node.put("originalTotalSet", set(draft, line.price * line.quantity));
        node.put("discountedTotalSet", set(draft, line.net(line.quantity)));
        node.put("totalDiscountSet", set(draft, line.discount));
        node.put("appliedDiscount", line.discount == 0 ? null : Map.of("title", Payloads.OFFER, "description",
                Payloads.OFFER, "value", 10.0, "valueType", "PERCENTAGE", "amountSet", set(draft, line.discount)));
        node.put("taxLines", List.of());
        return node;
    }

    private static Map<String, Object> assessment(Risk risk) {
        Map<String, Object> node = new HashMap<>();
        node.put("riskLevel", upper(risk.level()));
        node.put("provider", risk.app() == 0 ? null : Map.of("__typename", "App", "id", Payloads.gid("App", risk.app()),
                "handle", "risk", "title", Payloads.RISK_APP));
        return node;
    }

    private static String recommendation(Order order) {
        Set<String> levels = order.risks.stream().map(Risk::level).collect(Collectors.toSet());
        return levels.contains("high") ? "CANCEL" : levels.contains("medium") ? "INVESTIGATE"
                : levels.contains("low") ? "ACCEPT" : "NONE";
    }

    private static Map<String, Object> set(DraftOrder draft, long cents) {
        return Map.of("shopMoney", money(cents, Payloads.CURRENCY), "presentmentMoney",
                money(Math.round(cents * draft.presentmentRate), draft.presentmentCurrency));
    }

    private static Map<String, Object> set(Checkout checkout, long cents) {
        return Map.of("shopMoney", money(cents, Payloads.CURRENCY), "presentmentMoney",
                money(Payloads.presentment(checkout, cents), checkout.presentmentCurrency));
    }

    private Map<String, Object> customer(Customer customer) {
        Map<String, Object> node = node(customer);
        node.put("firstName", customer.firstName);
        node.put("lastName", customer.lastName);
        node.put("displayName", displayName(customer));
        node.put("state", upper(customer.state));
        node.put("note", customer.note);
        node.put("verifiedEmail", true);
        node.put("taxExempt", customer.taxExempt);
        node.put("tags", List.copyOf(customer.tags));
        node.put("locale", "en");
        node.put("numberOfOrders", String.valueOf(customer.orders));
        node.put("amountSpent", money(0, Payloads.CURRENCY));
        node.put("lastOrder", lazy(customer.lastOrder, this::order));
        node.put("defaultEmailAddress", customer.email == null ? null : emailAddress(customer));
        node.put("defaultPhoneNumber", customer.phone == null ? null : phoneNumber(customer));
        Map<String, Object> address = customer.address == null ? null
                : address(customer.address, customer.id + 7, "CustomerAddress");
        node.put("defaultAddress", address);
        node.put("addressesV2", address == null ? List.of() : List.of(address));
        node.put("companyContactProfiles",
                customer.contact == null ? List.of() : List.of(lazy(customer.contact, this::contact)));
        node.put("metafields", List.of());
        return node;
    }

    private static Map<String, Object> emailAddress(Customer customer) {
        Map<String, Object> email = new HashMap<>();
        email.put("emailAddress", customer.email);
        email.put("marketingState", upper(customer.emailConsent));
        email.put("marketingOptInLevel", customer.emailConsentAt == null ? null : Payloads.optInLevel(customer)
                .toUpperCase(Locale.ROOT));
        email.put("marketingUpdatedAt", customer.emailConsentAt);
        email.put("validFormat", true);
        return email;
    }

    private static Map<String, Object> phoneNumber(Customer customer) {
        Map<String, Object> sms = new HashMap<>();
        sms.put("__typename", "CustomerSmsMarketingConsent");
        sms.put("state", customer.smsConsent == null ? "NEVER_SUBSCRIBED" : upper(customer.smsConsent));
        sms.put("optInLevel", customer.smsConsent == null ? null : "SINGLE_OPT_IN");
        sms.put("updatedAt", customer.smsConsentAt);
        sms.put("collectedFrom", customer.smsConsent == null ? null : "OTHER");
        Map<String, Object> whatsApp = new HashMap<>();
        whatsApp.put("__typename", "CustomerWhatsAppMarketingConsent");
        whatsApp.put("state", "NEVER_SUBSCRIBED");
        Map<String, Object> phone = new HashMap<>();
        phone.put("phoneNumber", customer.phone);
        phone.put("smsMarketingConsent", sms);
        phone.put("whatsAppMarketingConsent", whatsApp);
        return phone;
    }

    private static String displayName(Customer customer) {
        String name = fullName(customer.firstName, customer.lastName);
        return !name.isEmpty() ? name : customer.email != null ? customer.email : String.valueOf(customer.phone);
    }

    private Map<String, Object> order(Order order) {
        Map<String, Object> node = node(order);
        node.put("name", "#" + order.number);
        node.put("number", order.number);
        node.put("confirmationNumber", Payloads.confirmationNumber(order));
        node.put("confirmed", true);
        node.put("statusPageUrl", Payloads.statusPage(order));
        node.put("test", order.test);
        node.put("email", order.email);
        node.put("phone", order.phone);
        node.put("note", order.note);
        node.put("tags", List.copyOf(order.tags));
        node.put("processedAt", order.createdAt);
        node.put("closed", order.closedAt != null);
        node.put("closedAt", order.closedAt);
        node.put("cancelledAt", order.cancelledAt);
        node.put("cancelReason", upper(order.cancelReason));
        node.put("currencyCode", Payloads.CURRENCY);
        node.put("presentmentCurrencyCode", order.presentmentCurrency);
        node.put("displayFinancialStatus", upper(order.financialStatus));
        node.put("displayFulfillmentStatus", order.fulfillmentStatus == null ? "UNFULFILLED"
                : order.fulfillmentStatus.equals("partial") ? "PARTIALLY_FULFILLED" : "FULFILLED");
        node.put("returnStatus", "NO_RETURN");
        node.put("sourceName", order.sourceName);
        node.put("attribution", order.sourceName.equals("web")
                ? Map.of("displayName", "Online Store", "handle", "web") : null);
        node.put("customerLocale", "en");
        node.put("customerAcceptsMarketing", false);
        node.put("cartToken", "c" + order.token);
        node.put("checkoutToken", order.token);
        node.put("discountCode", order.discountCode);
        node.put("discountCodes", order.discountCode == null ? List.of() : List.of(order.discountCode));
        node.put("paymentGatewayNames", List.of(GATEWAY));
        node.put("taxesIncluded", true);
        node.put("taxExempt", false);
        node.put("dutiesIncluded", false);
        node.put("customAttributes", List.of());
        node.put("customerJourneySummary", journey(order));
        node.put("risk", Map.of("assessments", order.risks.stream().map(Nodes::assessment).toList(), "recommendation",
                recommendation(order)));
        node.put("billingAddress", address(order.billing, order.id + 1, "Address"));
        node.put("shippingAddress", address(order.shipping, order.id + 2, "Address"));
        node.put("customer", lazy(order.customer, this::customer));
        node.put("purchasingEntity", order.location == null ? lazy(order.customer, this::customer)
                : lazy(order, this::purchasingCompany));
        amounts(node, order);
        lists(node, order);
        return node;
    }

    private Map<String, Object> purchasingCompany(Order order) {
        return Map.of("__typename", "PurchasingCompany", "company", lazy(order.location.company, this::company),
                "location", lazy(order.location, this::location));
    }

    private static void amounts(Map<String, Object> node, Order order) {
        node.put("totalPriceSet", set(order, order.total));
        node.put("currentTotalPriceSet", set(order, order.currentTotal()));
        node.put("originalTotalPriceSet", set(order, order.total));
        node.put("totalReceivedSet", set(order, order.received));
        // What is paid and what is not make up the whole in both currencies, to the cent.
        node.put("totalOutstandingSet", set(order, order.outstanding(), Payloads.presentment(order, order.currentTotal())
                - Payloads.presentment(order, order.received - order.refunded())));
        node.put("totalRefundedSet", set(order, order.refunded()));
        node.put("netPaymentSet", set(order, order.received - order.refunded()));
        node.put("subtotalPriceSet", set(order, order.subtotal));
        node.put("currentSubtotalPriceSet", set(order, order.currentSubtotal()));
        node.put("totalDiscountsSet", set(order, order.discounts));
        node.put("currentTotalDiscountsSet", set(order, order.discounts));
        node.put("totalShippingPriceSet", set(order, order.shippingPrice));
        node.put("currentShippingPriceSet", set(order, order.cancelledAt == null ? order.shippingPrice : 0));
        node.put("totalTaxSet", set(order, Payloads.tax(order.total)));
        node.put("currentTotalTaxSet", set(order, Payloads.tax(order.currentTotal())));
        node.put("totalTipReceivedSet", set(order, 0));
        node.put("taxLines", taxLines(order, order.total));
        node.put("fullyPaid", order.outstanding() == 0);
        node.put("unpaid", order.received == 0);
    }

    private void lists(Map<String, Object> node, Order order) {
        node.put("lineItems", order.lines.stream().map(line -> line(order, line)).toList());
        node.put("shippingLines", order.shipping == null ? List.of() : List.of(shippingLine(order)));
        List<Map<String, Object>> transactions = new ArrayList<>();
        if (order.received > 0) {
            transactions.add(transaction(order, order.id + 5, "SALE", order.received, order.createdAt));
        }
        order.refunds.forEach(refund -> transactions.add(refundTransaction(order, refund)));
        node.put("transactions", transactions);
        node.put("transactionsCount", count(transactions.size()));
        node.put("fulfillments", order.fulfillments.stream().map(one -> fulfillment(order, one)).toList());
        node.put("fulfillmentsCount", count(order.fulfillments.size()));
        node.put("refunds", order.refunds.stream().map(refund -> refund(order, refund)).toList());
        node.put("returns", List.of());
        node.put("metafields", List.of());
    }

    /** Shopify works it out after the order; until then there is neither a first visit nor a last one. */
    private Map<String, Object> journey(Order order) {
        Map<String, Object> journey = new HashMap<>();
        boolean ready = !now.isBefore(order.createdAt.plus(journeyDelay));
        journey.put("ready", ready);
        if (ready) {
            Map<String, Object> visit = visit(order);
            journey.put("firstVisit", visit);
            journey.put("lastVisit", visit);
            journey.put("momentsCount", count(1));
        }
        return journey;
    }

    private static Map<String, Object> visit(Order order) {
        URI landing = URI.create("https://demo-store.example" + order.landingSite);
        Map<String, Object> utm = new HashMap<>();
        if (landing.getQuery() != null) {
            for (String parameter : landing.getQuery().split("&")) {
                String[] both = parameter.split("=", 2);
                utm.put(both[0].replace("utm_", ""), both[1]);
            }
        }
        Map<String, Object> visit = new HashMap<>();
        visit.put("__typename", "CustomerVisit");
        visit.put("id", Payloads.gid("CustomerVisit", order.id + 8));
        visit.put("occurredAt", order.createdAt.minusSeconds(600));
        visit.put("landingPage", landing.toString());
        visit.put("referrerUrl", order.referringSite);
        visit.put("source", order.referringSite == null ? "direct" : "search.example");
        visit.put("utmParameters", utm.isEmpty() ? null : utm);
        return visit;
    }

    private static Map<String, Object> line(Order order, Line line) {
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "LineItem");
        node.put("id", Payloads.gid("LineItem", line.id));
        node.put("title", line.title);
        node.put("name", Payloads.name(line));
        node.put("variantTitle", line.variant);
        node.put("sku", line.sku);
        node.put("vendor", Payloads.VENDOR);
        node.put("quantity", line.quantity);
        node.put("currentQuantity", line.current());
        node.put("unfulfilledQuantity", Math.max(0, line.current() - line.fulfilled));
        node.put("nonFulfillableQuantity", Math.min(line.current(), line.fulfilled));
        node.put("refundableQuantity", line.current());
        node.put("taxable", true);
        node.put("isGiftCard", line.giftCard);
        node.put("requiresShipping", !line.giftCard);
        node.put("product", lazy(line.product, Nodes::product));
        node.put("variant", variant(line));
        node.put("customAttributes", List.of());
        node.put("originalUnitPriceSet", set(order, line.price));
        node.put("originalTotalSet", set(order, line.price * line.quantity));
        // A code's discount is in the allocations; these three hold only what staff gave by hand.
        node.put("discountedUnitPriceSet", set(order, line.price));
        node.put("discountedTotalSet", set(order, line.price * line.quantity));
        node.put("totalDiscountSet", set(order, 0));
        node.put("discountAllocations", line.discount == 0 ? List.of()
                : List.of(Map.of("allocatedAmountSet", set(order, line.discount))));
        node.put("taxLines", taxLines(order, line.net(line.quantity)));
        return node;
    }

    private static Map<String, Object> product(Product product) {
        Map<String, Object> node = node(product);
        node.put("title", product.title);
        node.put("handle", product.title.toLowerCase(Locale.ROOT).replace(' ', '-'));
        node.put("productType", "");
        node.put("vendor", Payloads.VENDOR);
        node.put("tags", List.of());
        node.put("status", "ACTIVE");
        node.put("publishedAt", product.createdAt);
        return node;
    }

    private static Map<String, Object> variant(Line line) {
        if (line.variantId == 0) {
            return null;
        }
        Map<String, Object> variant = new HashMap<>();
        variant.put("__typename", "ProductVariant");
        variant.put("id", Payloads.gid("ProductVariant", line.variantId));
        variant.put("legacyResourceId", String.valueOf(line.variantId));
        variant.put("title", line.variant == null ? "Default Title" : line.variant);
        variant.put("sku", line.sku);
        return variant;
    }

    private static Map<String, Object> shippingLine(Order order) {
        Map<String, Object> line = new HashMap<>();
        line.put("id", Payloads.gid("ShippingLine", order.id + 3));
        line.put("title", "Standard");
        line.put("code", "Standard");
        line.put("source", "shopify");
        line.put("originalPriceSet", set(order, order.shippingPrice));
        line.put("discountedPriceSet", set(order, order.shippingPrice));
        line.put("currentDiscountedPriceSet", set(order, order.shippingPrice));
        line.put("isRemoved", false);
        line.put("taxLines", List.of());
        line.put("discountAllocations", List.of());
        return line;
    }

    private static Map<String, Object> fulfillment(Order order, Fulfillment fulfillment) {
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "Fulfillment");
        node.put("id", Payloads.gid("Fulfillment", fulfillment.id));
        node.put("legacyResourceId", String.valueOf(fulfillment.id));
        node.put("name", "#" + order.number + "." + fulfillment.number);
        node.put("status", "SUCCESS");
        node.put("displayStatus", fulfillment.shipmentStatus == null ? "FULFILLED"
                : upper(fulfillment.shipmentStatus));
        node.put("createdAt", fulfillment.createdAt);
        node.put("updatedAt", fulfillment.updatedAt);
        node.put("totalQuantity", fulfillment.quantities.stream().mapToInt(Integer::intValue).sum());
        node.put("trackingInfo", List.of(Map.of("company", Payloads.CARRIER, "number", fulfillment.tracking,
                "url", Payloads.trackingUrl(fulfillment))));
        List<Map<String, Object>> lines = new ArrayList<>();
        for (int i = 0; i < fulfillment.lines.size(); i++) {
            Line line = fulfillment.lines.get(i);
            int quantity = fulfillment.quantities.get(i);
            lines.add(Map.of("__typename", "FulfillmentLineItem",
                    "id", Payloads.gid("FulfillmentLineItem", fulfillment.id + 1 + i),
                    "lineItem", lazy(line, one -> line(order, one)), "quantity", quantity,
                    "originalTotalSet", set(order, line.price * quantity),
                    "discountedTotalSet", set(order, line.price * quantity)));
        }
        node.put("fulfillmentLineItems", lines);
        return node;
    }

    Map<String, Object> refund(Order order, Refund refund) {
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "Refund");
        node.put("id", Payloads.gid("Refund", refund.id));
        node.put("legacyResourceId", String.valueOf(refund.id));
        node.put("note", refund.note);
        node.put("createdAt", refund.createdAt);
        node.put("processedAt", refund.createdAt);
        node.put("updatedAt", refund.createdAt);
        node.put("order", lazy(order, this::order));
        node.put("totalRefundedSet", set(order, refund.amount));
        node.put("duties", List.of());
        List<Map<String, Object>> lines = new ArrayList<>();
        for (int i = 0; i < refund.lines.size(); i++) {
            Line line = refund.lines.get(i);
            long net = line.net(refund.quantities.get(i));
            lines.add(Map.of("id", Payloads.gid("RefundLineItem", refund.id + 1 + i),
                    "quantity", refund.quantities.get(i), "restockType", "NO_RESTOCK", "restocked", false,
                    "lineItem", lazy(line, one -> line(order, one)), "priceSet", set(order, line.price),
                    "subtotalSet", set(order, net), "totalTaxSet", set(order, Payloads.tax(net))));
        }
        node.put("refundLineItems", lines);
        node.put("refundShippingLines", List.of());
        node.put("orderAdjustments", List.of());
        node.put("transactions", List.of(refundTransaction(order, refund)));
        return node;
    }

    private static Map<String, Object> refundTransaction(Order order, Refund refund) {
        return transaction(order, refund.id + 90, "REFUND", refund.amount, refund.createdAt);
    }

    private static Map<String, Object> transaction(Order order, long id, String kind, long cents, Instant at) {
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "OrderTransaction");
        node.put("id", Payloads.gid("OrderTransaction", id));
        node.put("kind", kind);
        node.put("status", "SUCCESS");
        node.put("gateway", GATEWAY);
        node.put("createdAt", at);
        node.put("processedAt", at);
        node.put("test", order.test);
        node.put("amountSet", set(order, cents));
        return node;
    }

    private static Map<String, Object> address(Address address, long id, String model) {
        if (address == null) {
            return null;
        }
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "MailingAddress");
        node.put("id", Payloads.gid("MailingAddress", id) + "?model_name=" + model);
        node.put("firstName", address.firstName);
        node.put("lastName", address.lastName);
        node.put("name", fullName(address.firstName, address.lastName));
        node.put("company", address.company);
        node.put("address1", address.street);
        node.put("city", address.city);
        node.put("province", address.province);
        node.put("provinceCode", address.provinceCode);
        node.put("country", address.country);
        node.put("countryCodeV2", address.countryCode);
        node.put("zip", address.zip);
        node.put("phone", address.phone);
        return node;
    }

    private static Map<String, Object> node(Resource resource) {
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", resource.type());
        node.put("id", resource.gid());
        node.put("legacyResourceId", String.valueOf(resource.id));
        node.put("createdAt", resource.createdAt);
        node.put("updatedAt", resource.updatedAt);
        return node;
    }

    private static List<Object> taxLines(Order order, long gross) {
        return List.of(Map.of("title", "VAT", "rate", 0.22, "priceSet", set(order, Payloads.tax(gross))));
    }

    private static Map<String, Object> set(Order order, long cents) {
        return set(order, cents, Payloads.presentment(order, cents));
    }

    private static Map<String, Object> set(Order order, long cents, long presentment) {
        return Map.of("shopMoney", money(cents, Payloads.CURRENCY), "presentmentMoney",
                money(presentment, order.presentmentCurrency));
    }

    /** GraphQL drops the last zero of an amount: 25.00 is "25.0". */
    private static Map<String, Object> money(long cents, String currency) {
        BigDecimal amount = BigDecimal.valueOf(cents, 2);
        return Map.of("amount", (cents % 10 == 0 ? amount.setScale(1) : amount).toPlainString(),
                "currencyCode", currency);
    }

    static Map<String, Object> count(long count) {
        return Map.of("count", count, "precision", "EXACT");
    }

    private static String fullName(String first, String last) {
        return ((first == null ? "" : first) + " " + (last == null ? "" : last)).trim();
    }

    private static String upper(String word) {
        return word == null ? null : word.toUpperCase(Locale.ROOT);
    }

    private static <T> Supplier<Map<String, Object>> lazy(T one, Function<T, Map<String, Object>> of) {
        return () -> one == null ? null : of.apply(one);
    }
}
