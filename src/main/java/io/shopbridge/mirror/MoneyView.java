package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Numbers;
import io.shopbridge.shopify.Json;
import io.shopbridge.store.RecordKey;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Currency;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * One of the two currencies in which Shopify states the amounts of an order: the shop's own, or the one that the buyer
 * saw. Amounts with both are in fields that end in {@code _set}; the bare field of the same name has one of them.
 *
 * @param name     {@code shop} or {@code presentment}
 * @param currency ISO 4217 code; null where the record names none
 * @param bare     whether bare amounts are in this currency
 */
record MoneyView(String name, String currency, boolean bare) {

    private static final String SHOP = "shop";
    private static final String PRESENTMENT = "presentment";
    private static final String CURRENCY = "currency";
    private static final String PRESENTMENT_CURRENCY = "presentment_currency";
    private static final int USUAL_DIGITS = 2;

    /**
     * The shop's currency.
     *
     * @param bareIsShops as {@link #nameCurrencies} says
     */
    static MoneyView shop(ObjectNode record, boolean bareIsShops) {
        return new MoneyView(SHOP, shopCurrency(record), bareIsShops || oneCurrency(record));
    }

    /** The buyer's currency; the shop's where the record names no other. */
    static MoneyView presentment(ObjectNode record, boolean bareIsShops) {
        String currency = Json.text(record, PRESENTMENT_CURRENCY);
        return new MoneyView(PRESENTMENT, currency == null ? shopCurrency(record) : currency,
                !bareIsShops || oneCurrency(record));
    }

    /**
     * Fills in the currencies that the record itself doesn't name and its amounts do: bodies need not have all fields.
     *
     * <p>Bare amounts of orders are in the shop's currency, those of checkouts in the buyer's
     * (https://shopify.dev/docs/api/admin-rest/latest/resources/abandoned-checkouts). Those of a draft order are in the
     * one that its body names: the shop's by the API's schema, where the bare fields are "in shop currency"
     * (https://shopify.dev/docs/api/admin-graphql/latest/objects/DraftOrder), "used for the payment" by the resource
     * that webhooks send (https://shopify.dev/docs/api/admin-rest/latest/resources/draftorder). Which of them it is, an
     * answer of the API shows, that has both.
     *
     * @return whether bare amounts are in the shop's currency, where the buyer's is another
     */
    static boolean nameCurrencies(ObjectNode record, String entity) {
        String shops = stated(record, SHOP).orElse(null);
        String named = shopCurrency(record);
        boolean isDraftInBuyers = entity.equals(RecordKey.DRAFT_ORDER) && shops != null && named != null
                && !shops.equals(named);
        if (shops != null && (named == null || isDraftInBuyers)) {
            record.put(CURRENCY, shops);
        }
        if (Json.text(record, PRESENTMENT_CURRENCY) == null) {
            stated(record, PRESENTMENT).ifPresent(code -> record.put(PRESENTMENT_CURRENCY, code));
        }
        return !entity.equals(RecordKey.CHECKOUT) && !isDraftInBuyers;
    }

    /** The currency of amounts that are stated in both. */
    private static Optional<String> stated(ObjectNode record, String view) {
        return Stream.concat(Stream.of(record), StreamSupport.stream(record.path("line_items").spliterator(), false))
                .flatMap(holder -> holder.properties().stream()).filter(set -> set.getKey().endsWith("_set"))
                .map(set -> Json.text(set.getValue().path(view + "_money"), "currency_code"))
                .filter(Objects::nonNull).findFirst();
    }

    private static String shopCurrency(ObjectNode record) {
        return Json.text(record, CURRENCY);
    }

    private static boolean oneCurrency(ObjectNode record) {
        String presentment = Json.text(record, PRESENTMENT_CURRENCY);
        return presentment == null || presentment.equals(shopCurrency(record));
    }

    /** The amount in this field; null where it isn't stated in this currency. */
    BigDecimal amount(JsonNode object, String field) {
        BigDecimal amount = decimal(object.path(field + "_set").path(name + "_money").path("amount"));
        return amount == null && bare ? decimal(object.path(field)) : amount;
    }

    BigDecimal amountOrZero(JsonNode object, String field) {
        return orZero(amount(object, field));
    }

    /** Rounded half up to the digits that the currency has. */
    BigDecimal round(BigDecimal amount) {
        return amount.setScale(digits(currency), RoundingMode.HALF_UP);
    }

    /** With the digits that the currency has, where it has fewer; null stays null. */
    BigDecimal padded(BigDecimal amount) {
        return amount == null || amount.scale() >= digits(currency) ? amount : amount.setScale(digits(currency));
    }

    /** Decimals of an amount: none in yen, three in Kuwaiti dinars, two where the currency is not known. */
    static int digits(String currency) {
        try {
            return currency == null ? USUAL_DIGITS
                    : Math.max(0, Currency.getInstance(currency).getDefaultFractionDigits());
        } catch (IllegalArgumentException e) {
            return USUAL_DIGITS;
        }
    }

    static BigDecimal orZero(BigDecimal amount) {
        return amount == null ? BigDecimal.ZERO : amount;
    }

    static BigDecimal decimal(JsonNode value) {
        return Numbers.decimal(value).orElse(null);
    }
}
