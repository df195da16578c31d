package io.shopbridge.shopify;

import java.util.Locale;

/** Names of facets that logic knows. What else a record has of them, its entity says. */
public final class Facets {

    /** What Shopify says of a customer, in a topic of the customer's or in an order. */
    public static final String PROFILE = "profile";
    /** An order's data about its buyer: used for fields that no customer topic has. */
    public static final String BUYER = "buyer";
    /** Of an order, cart or draft: the id of its buyer, a customer or guest. */
    public static final String CONTACT = "contact";
    /** For a merged customer: the id of the one that Shopify merged it into. */
    public static final String MERGED_INTO = "merged_into";
    /** When Shopify deleted the record. */
    public static final String DELETED = "deleted";
    /** The shop's own days of a record's times. */
    public static final String DAYS = "days";
    /** Where an order's buyer came from, on the last visit. */
    public static final String VISIT = "visit";
    public static final String CHANNEL_NAME = "channel_name";
    /** With what the names of facets begin that say of one tag whether the record has it. */
    public static final String TAG = "tag:";
    /** The ids of all elements of lists, as the last answer had them that lists them. */
    public static final String LISTED = "listed";
    /** In an element of a list: it is no longer one. */
    public static final String REMOVED = "removed";
    /** In the profile: the newest customer topic has no personal field. */
    public static final String WITHHELD = "withheld";

    private Facets() {
    }

    /** What Shopify takes for one tag, however it is written. */
    public static String foldedTag(String tag) {
        return tag.toLowerCase(Locale.ROOT);
    }
}
