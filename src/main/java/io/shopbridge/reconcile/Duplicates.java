package io.shopbridge.reconcile;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a reconciliation found of the CRM's own duplicates: contacts, whoever made them, that share an e-mail or phone.
 *
 * @param because  why they were not looked for, or not yet; null: they were
 * @param contacts how many contacts of the CRM were looked at
 * @param shared   what they share, for each kind of value that people are looked for by
 * @param before   what the runs before it found, newest first
 */
public record Duplicates(String because, long contacts, List<Shared> shared, List<Past> before) {

    /** What contacts may share, as mappings call its normaliser. */
    public static final List<String> KINDS = List.of("email", "phone");

    /** Whether all contacts of the CRM were looked at. */
    public boolean isLookedAt() {
        return because == null;
    }

    /**
     * What contacts share of one kind.
     *
     * @param kind     email or phone
     * @param groups   how many groups of contacts share a value; the same contacts by two values count once
     * @param sameName in how many of them several contacts have the same name, and so may be one person
     * @param contacts how many contacts are in any of them
     * @param largest  how many contacts the largest one has: many may be a family, or the phone of an office
     * @param growth   how many groups more than the run before found; null: no run did
     * @param examples those with one name first, and the smallest
     */
    public record Shared(String kind, long groups, long sameName, long contacts, long largest, Long growth,
            List<Group> examples) {
    }

    /**
     * Contacts that share a value.
     *
     * @param size     how many there are
     * @param sameName whether several of them have the same name
     * @param contacts the first ones
     */
    public record Group(long size, boolean sameName, List<Contact> contacts) {

        /** As {@code 12 (main/customer/5, created by Shopbridge), 13 (not linked); same name}. */
        @Override
        public String toString() {
            return String.join(", ", contacts.stream().map(Contact::toString).toList())
                    + (size > contacts.size() ? " and " + (size - contacts.size()) + " more" : "")
                    + (sameName ? "; same name" : "");
        }
    }

    /**
     * A contact of the CRM.
     *
     * @param id       the CRM's
     * @param linkedTo the records of Shopify that are linked to it, as {@code main/customer/5}; the first ones
     * @param created  whether Shopbridge has created it
     */
    public record Contact(String id, List<String> linkedTo, boolean created) {

        @Override
        public String toString() {
            return id + " (" + (linkedTo.isEmpty() ? "not linked" : String.join(", ", linkedTo))
                    + (created ? ", created by Shopbridge" : "") + ")";
        }
    }

    /**
     * What a run before found.
     *
     * @param groups by kind
     */
    public record Past(long id, Instant askedAt, long contacts, Map<String, Long> groups) {
    }
}
