package io.shopbridge.sandbox.pipedrive;

import java.util.List;
import java.util.stream.Stream;

/**
 * How the simulated Pipedrive company is set up.
 *
 * @param dailyTokens budget of a day: 30,000 for one seat of the smallest plan
 * @param campaigns whether the Campaigns product is on; without it persons have no marketing_status
 * @param contactSync whether contact sync is on; without it persons have no notes, im, birthday, job_title and
 *     postal_address
 * @param fields custom fields from the start, each as {@code persons varchar Shopify key} (object, type, name, and
 *     after a colon the labels of a set's or enum's options)
 */
public record Company(int dailyTokens, boolean campaigns, boolean contactSync, List<String> fields) {

    private static final String SHOPBRIDGE = """
            persons varchar: customer key, address, email consent, sms consent, account state, tags, spent currency, \
            first order source, province code, country code, job title, email consent at, email opt in level, \
            email consent from, sms consent at, sms opt in level, sms consent from, whats app consent, \
            whats app consent at, whats app opt in level, whats app consent from
            persons text: note
            persons double: orders count, total spent, average order value
            persons date: first order on, last order on, created on
            organizations varchar: company key, external id, phone, tax id, location
            organizations text: note
            organizations date: customer since
            deals varchar: order key, payment status, fulfillment status, source, channel, utm source, utm medium, \
            utm campaign, utm term, utm content, locale, first visit source, first visit page, \
            confirmation number, po number, draft status
            deals varchar: payment gateways, cancel reason, return status, risk level, shipping method, carrier, \
            tracking numbers, admin url, discount codes, tags
            deals text: items, invoice url, tracking url, status page, note, shipping address, billing address
            deals double: net total, refunded total, outstanding total, shipping total, tax total
            deals date: ordered on, first visit on
            products varchar: product key, product id, variant id, vendor
            """;

    /** 30,000 tokens a day, campaigns on, contact sync off, no custom fields. */
    public static Company defaults() {
        return new Company(30_000, true, false, List.of());
    }

    public Company withDailyTokens(int value) {
        return new Company(value, campaigns, contactSync, fields);
    }

    public Company withCampaigns(boolean value) {
        return new Company(dailyTokens, value, contactSync, fields);
    }

    public Company withContactSync(boolean value) {
        return new Company(dailyTokens, campaigns, value, fields);
    }

    /** With the custom fields that the shipped mappings write to. */
    public Company withShopbridgeFields() {
        return withFields(SHOPBRIDGE.lines().flatMap(line -> {
            String[] parts = line.split(": ");
            return Stream.of(parts[1].split(", ")).map(name -> parts[0] + " Shopify " + name);
        }).toList());
    }

    public Company withFields(List<String> value) {
        return new Company(dailyTokens, campaigns, contactSync, List.copyOf(value));
    }
}
