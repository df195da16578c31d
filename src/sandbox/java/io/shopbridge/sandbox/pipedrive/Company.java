package io.shopbridge.sandbox.pipedrive;

import java.util.List;

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

    public Company withFields(List<String> value) {
        return new Company(dailyTokens, campaigns, contactSync, List.copyOf(value));
    }
}
