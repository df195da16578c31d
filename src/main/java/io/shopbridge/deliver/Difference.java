package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.identify.Link;
import io.shopbridge.store.RecordKey;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A way in which a record of the CRM is not what a delivery would make it.
 *
 * @param record the record that a delivery would be about; of a line item its order
 * @param link   the wrong record's link; of a surplus line item the link that lets a delivery archive it, of a second record
 *               the link to the first; null where nothing is linked
 * @param field  the CRM's name of the field, or the mapping's name of the relation; of a line item after its entity and
 *               a dot; empty: the whole record
 * @param crmId  the CRM's id; of a merged record that of the other one; null where the CRM has none
 * @param entry  the entry of the link's base that is no longer true; null: none
 * @param there  what is true of it: what the CRM has; null: the entry is not true at all
 * @param repair the class whose repair mends it: its own, or what it would be if repairs lasted
 */
public record Difference(Kind kind, RecordKey record, Link link, String field, String crmId, String entry,
        JsonNode there, Kind repair) {

    Difference(Kind kind, RecordKey record, Link link, String field, String crmId, String entry, JsonNode there) {
        this(kind, record, link, field, crmId, entry, there, kind);
    }

    /** The classes of differences. */
    public enum Kind {
        /** The linked record was deleted or archived in the CRM. */
        MISSING,
        /** The linked record was merged into another one in the CRM. */
        MERGED,
        /** The CRM has what was last written, and Shopify has something newer. */
        STALE,
        /** Somebody changed a value in the CRM that Shopify owns. */
        EDITED,
        /** Repairs did the same more than once, and each time the CRM had undone it: a value, a record or a line item. */
        REWRITTEN,
        /** It is not related to the record that it belongs to. */
        WRONG_PARENT,
        /** The CRM lacks a line item of it. */
        MISSING_LINE,
        /** The CRM has a line item with our key that the order does not have. */
        SURPLUS_LINE,
        /** Several orders share a record of the CRM, or several records of the CRM have one key. */
        DOUBLED,
        /** A record of the CRM has our key, and the mirror has no such record. */
        ORPHANED,
        /** The CRM lacks a record of the mirror, and nothing is going to write it. */
        NEVER_DELIVERED,
        /** A value that the mapping or the CRM refuses, so that the CRM keeps its old one. */
        REFUSED;

        /** As the table, the API and the command have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Null where there is none of this word. */
        public static Kind of(String word) {
            return Stream.of(values()).filter(kind -> kind.word().equals(word)).findFirst().orElse(null);
        }

        /** Whether a delivery can mend it. The others need a person. */
        public boolean isMended() {
            return this != ORPHANED && this != REFUSED;
        }

        /** Whether it is repaired only where a person asks for this class by its word. */
        public boolean isOnlyByWord() {
            return this == REWRITTEN;
        }
    }

    /** Of the whole record. */
    static Difference of(Kind kind, DeliveryRecord record) {
        return new Difference(kind, record.key(), record.link(), "", record.link().crmId(), null, null);
    }

    /** Of a field, or of what relates it to another record. */
    static Difference of(Kind kind, DeliveryRecord record, String field, String entry, JsonNode there) {
        return new Difference(kind, record.key(), record.link(), field, record.link().crmId(), entry, there);
    }

    /** Of a line item of this order. */
    static Difference ofLine(Kind kind, DeliveryRecord order, Link line, String field, String entry, JsonNode there) {
        return new Difference(kind, order.key(), line, field, line == null ? null : line.crmId(), entry, there);
    }

    /** Of a record without a link. */
    public static Difference ofUnlinked(Kind kind, RecordKey record, String crmId) {
        return new Difference(kind, record, null, "", crmId, null, null);
    }

    /** Of a record of the CRM that has the key of one that is linked to another. */
    public static Difference ofSecond(Link first, String crmId) {
        return new Difference(Kind.DOUBLED, first.key(), first, "", crmId, null, null);
    }

    /** The same where repairs don't last. */
    public Difference rewritten() {
        return new Difference(Kind.REWRITTEN, record, link, field, crmId, entry, there, repair);
    }

    /** Whether it is about a second record of the CRM beside the one that is linked. */
    public boolean isSecond() {
        return kind == Kind.DOUBLED && link != null && !link.crmId().equals(crmId);
    }

    /** For people: never a value. */
    @Override
    public String toString() {
        return record.store() + "/" + record + (crmId == null ? "" : " -> " + crmId)
                + (isSecond() ? " beside " + link.crmId() : "");
    }

}
