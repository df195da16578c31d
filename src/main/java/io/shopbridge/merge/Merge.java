package io.shopbridge.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Owner;
import io.shopbridge.map.Values;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Decides, field by field, what is written to a CRM record.
 *
 * <p>Deciding again after the write changes nothing, and so does deciding ten times before it: the new base says what
 * Shopify's value was when it was last considered, whether or not it was written, so that a lost conflict is not
 * fought again until somebody edits the field. Fields that are parts of one whole, as of an address, go to another one
 * together. Where Shopify has no value, a field is cleared only if the base says
 * that Shopify had put one there: what the CRM's users typed into an empty field is not ours to delete.
 *
 * <p>Of a consent, whatever words or flags the CRM has for it, a no wins every doubt: Shopify's no is written unless the
 * CRM's other answer is provably later, and the CRM's no stays unless Shopify's other answer is. A record's time proves
 * nothing of one field that says something else than no, since any edit moves it.
 *
 * <p>Of several Shopify records that are one CRM record (one person in two stores) one leads. The others fill what is
 * empty, change what they alone have put there, and unsubscribe: so two stores never take turns, and an unsubscription
 * in any of them stands until it is taken back there.
 */
public final class Merge {

    /**
     * Whether the CRM's present values are needed for a decision about an existing record: only where a field whose
     * owner looks at them has another value than the base. So an unchanged record costs no read.
     */
    public boolean needsCrmValues(List<Field> fields, MappedRecord mapped, Base base) {
        for (Field field : fields) {
            JsonNode value = mapped.fields().get(field.name());
            boolean looks = field.goesToCrm() && (field.owner() == Owner.SHOPIFY_ON_CREATE
                    || field.owner() == Owner.NEWEST_WINS
                    || field.owner() == Owner.SHOPIFY_ONCE && Values.isEmpty(base.own().get(field.name())) || base.follows() && field.owner() == Owner.SHOPIFY
                    || field.isConsent() && !field.saysNo(value));
            if (!looks || value == null || unchanged(field, value, base)) {
                continue;
            }
            if (!Values.isEmpty(value) || !Values.isEmpty(base.own().get(field.name()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Decides about a record without refusals.
     *
     * @param present the CRM's values; null where they were not read
     * @param exists whether the CRM has the record; if not, everything with a value is written
     * @param shopifyTime the version time of Shopify's values; null where it isn't known
     */
    public Decision decide(List<Field> fields, MappedRecord mapped, Base base, CrmValues present, boolean exists,
            Instant shopifyTime) {
        return decide(fields, mapped, base, present, exists, field -> shopifyTime);
    }

    /** The same, where the facets of Shopify's record each have a time of their own. */
    public Decision decide(List<Field> fields, MappedRecord mapped, Base base, CrmValues present, boolean exists,
            Function<Field, Instant> shopifyTime) {
        Step step = new Step(base, present, shopifyTime);
        for (Field field : fields) {
            if (!field.goesToCrm()) {
                continue;
            }
            JsonNode value = mapped.fields().get(field.name());
            if (value == null) {
                step.leave(field);
            } else if (!exists) {
                step.create(field, value);
            } else if (step.isOthers(field, value)) {
                step.consider(field, value);
            } else {
                switch (field.owner()) {
                    case SHOPIFY -> step.shopify(field, value);
                    case SHOPIFY_ON_CREATE -> step.shopifyOnCreate(field, value);
                    case SHOPIFY_ONCE -> step.shopifyOnce(field, value, mapped.asEmpty().get(field.name()));
                    case NEWEST_WINS -> step.newestWins(field, value);
                    case CRM -> { }
                }
            }
        }
        if (exists) {
            fields.stream().filter(field -> mapped.fields().get(field.name()) != null)
                    .forEach(field -> step.followItsWhole(field, mapped.fields().get(field.name())));
        }
        return new Decision(step.write, step.conflicts, step.after);
    }

    private static boolean unchanged(Field field, JsonNode value, Base base) {
        return base.own().containsKey(field.name()) && field.sameValue(value, base.own().get(field.name()));
    }

    private static boolean fromSibling(Field field, JsonNode crm, Base base) {
        return !field.isKey() && isOfSibling(field, crm, base);
    }

    private static boolean isOfSibling(Field field, JsonNode crm, Base base) {
        return base.siblings().stream().anyMatch(sibling -> sibling.containsKey(field.name())
                && !Values.isEmpty(sibling.get(field.name())) && field.sameValue(crm, sibling.get(field.name())));
    }

    /** One decision in the making. */
    private static final class Step {

        private final Base base;
        private final CrmValues present;
        private final Function<Field, Instant> shopifyTime;
        private final Map<String, JsonNode> write = new LinkedHashMap<>();
        private final List<Conflict> conflicts = new ArrayList<>(0);
        private final Map<String, JsonNode> after = new LinkedHashMap<>();
        /** Of which a part that was Shopify's is another one now, or none. */
        private final Set<String> moved = new HashSet<>();

        Step(Base base, CrmValues present, Function<Field, Instant> shopifyTime) {
            this.base = base;
            this.present = present;
            this.shopifyTime = shopifyTime;
        }

        /** Whether another record of the same person decides this field. */
        boolean isOthers(Field field, JsonNode value) {
            if (field.saysNo(value) || field.owner() == Owner.CRM) {
                return false;
            }
            if (base.siblings().stream().anyMatch(sibling -> field.saysNo(sibling.get(field.name())))) {
                return true;
            }
            if (!base.follows() || present == null || Values.isEmpty(crm(field))) {
                return false;
            }
            return field.owner() == Owner.SHOPIFY && !isOwnBase(field, crm(field))
                    || isOfSibling(field, crm(field), base);
        }

        /** Shopify's value was considered, and is not written. */
        void consider(Field field, JsonNode value) {
            after.put(field.name(), value);
        }

        void create(Field field, JsonNode value) {
            if (Values.isEmpty(value)) {
                after.put(field.name(), value);
            } else {
                write(field, value);
            }
        }

        void shopify(Field field, JsonNode value) {
            JsonNode before = base.own().get(field.name());
            if (keepsUnsubscribe(field, value)) {
                after.put(field.name(), value);
                return;
            }
            if (isCrmsOwnNo(field, value)) {
                conflict(field, value, crm(field));
                return;
            }
            if (Values.isEmpty(value)) {
                boolean there = present == null || !Values.isEmpty(crm(field));
                if (!Values.isEmpty(before) && there) {
                    write(field, value);
                } else {
                    after.put(field.name(), value);
                }
                return;
            }
            boolean unchanged = unchanged(field, value, base);
            boolean same = present == null ? unchanged : field.sameValue(value, crm(field));
            // Two stores feed this record, and the other one wrote last: taking turns would never end
            boolean othersTurn = present != null && unchanged && fromSibling(field, crm(field), base);
            if (same || othersTurn) {
                after.put(field.name(), value);
            } else {
                write(field, value);
                if (!Values.isEmpty(before) && !unchanged) {
                    moved.add(field.whole());
                }
            }
        }

        void shopifyOnCreate(Field field, JsonNode value) {
            if (present == null) {
                leave(field);
                return;
            }
            JsonNode crm = crm(field);
            if (Values.isEmpty(value)) {
                if (isOwnBase(field, crm)) {
                    write(field, value);
                    moved.add(field.whole());
                } else {
                    leave(field);
                }
                return;
            }
            boolean ours = !unchanged(field, value, base) && !field.sameValue(value, crm)
                    && (isOwnBase(field, crm) || fromSibling(field, crm, base));
            if (Values.isEmpty(crm) || ours) {
                write(field, value);
                if (ours) {
                    moved.add(field.whole());
                }
            } else {
                after.put(field.name(), value);
            }
        }

        /**
         * What the CRM's users, or its own notation, made of a part of the old whole is no part of the new one. What
         * Shopify has left as it was stays theirs.
         */
        void followItsWhole(Field field, JsonNode value) {
            boolean behind = field.whole() != null && moved.contains(field.whole())
                    && field.owner() == Owner.SHOPIFY_ON_CREATE && !write.containsKey(field.name())
                    && base.own().containsKey(field.name()) && !unchanged(field, value, base)
                    && !field.sameValue(value, crm(field)) && !isOthers(field, value);
            if (behind) {
                write(field, value);
            }
        }

        /**
         * Not again after it was considered with a value, whoever's that was.
         *
         * @param asEmpty the CRM's value that counts as none; null: there is none
         */
        void shopifyOnce(Field field, JsonNode value, JsonNode asEmpty) {
            if (!Values.isEmpty(base.own().get(field.name())) || Values.isEmpty(value) || present == null) {
                leave(field);
            } else if (Values.isEmpty(crm(field)) || !Values.isEmpty(asEmpty) && field.sameValue(crm(field), asEmpty)) {
                write(field, value);
            } else {
                after.put(field.name(), value);
            }
        }

        void newestWins(Field field, JsonNode value) {
            if (present == null) {
                leave(field);
                return;
            }
            JsonNode crm = crm(field);
            boolean known = base.own().containsKey(field.name());
            boolean crmChanged = !known || !field.sameValue(crm, base.own().get(field.name()));
            boolean nothingToDo = field.sameValue(value, crm) || known && unchanged(field, value, base)
                    || !known && Values.isEmpty(value);
            boolean nobodysEdit = Values.isEmpty(base.own().get(field.name()))
                    && (isUntouched(field, crm) || field.saysNo(value) && !field.saysNo(crm));
            if (nothingToDo) {
                after.put(field.name(), value);
            } else if (!crmChanged || nobodysEdit) {
                write(field, value);
            } else {
                conflict(field, value, crm);
            }
        }

        /** Unsubscribed in the CRM, and Shopify has nothing newer: the unsubscribe wins. */
        private boolean keepsUnsubscribe(Field field, JsonNode value) {
            boolean news = base.own().containsKey(field.name()) && !unchanged(field, value, base)
                    && !Values.isEmpty(value);
            return present != null && !news && field.saysNo(crm(field));
        }

        /** Shopify has a newer answer that is not a no, but the person unsubscribed in the CRM since the last write. */
        private boolean isCrmsOwnNo(Field field, JsonNode value) {
            return present != null && field.isConsent() && field.saysNo(crm(field)) && !field.saysNo(value)
                    && !field.saysNo(base.own().get(field.name()));
        }

        /** Empty, or the initial false of a flag: not a person's answer, whatever the record's time is. */
        private static boolean isUntouched(Field field, JsonNode crm) {
            boolean isFalse = crm.isBoolean() && !crm.booleanValue();
            return Values.isEmpty(crm) || isFalse && !field.saysNo(crm);
        }

        /** Without a value from the mapping, or without the CRM's, nothing is decided and the base stays. */
        void leave(Field field) {
            if (base.own().containsKey(field.name())) {
                after.put(field.name(), base.own().get(field.name()));
            }
        }

        private void conflict(Field field, JsonNode value, JsonNode crm) {
            Instant oursAt = shopifyTime.apply(field);
            Instant theirsAt = present.changedAt(field.name());
            boolean crmWins = crmWins(field, value, crm, oursAt, theirsAt);
            conflicts.add(new Conflict(field.name(), crmWins ? Conflict.Winner.CRM : Conflict.Winner.SHOPIFY,
                    hash(value), hash(crm), oursAt, theirsAt));
            if (crmWins) {
                after.put(field.name(), value);
            } else {
                write(field, value);
            }
        }

        private boolean crmWins(Field field, JsonNode value, JsonNode crm, Instant oursAt, Instant theirsAt) {
            if (field.saysNo(crm) && !field.saysNo(value)) {
                // The field was edited at the record's time or before
                return oursAt == null || theirsAt == null || !oursAt.isAfter(theirsAt);
            }
            if (field.saysNo(value) && !field.saysNo(crm) && !present.times().containsKey(field.name())) {
                return false;
            }
            Instant ours = oursAt == null ? Instant.MIN : oursAt;
            Instant theirs = theirsAt == null ? Instant.MIN : theirsAt;
            return ours.isBefore(theirs);
        }

        private void write(Field field, JsonNode value) {
            write.put(field.name(), value);
            after.put(field.name(), value);
        }

        private boolean isOwnBase(Field field, JsonNode crm) {
            JsonNode before = base.own().get(field.name());
            return !Values.isEmpty(before) && field.sameValue(crm, before);
        }

        private JsonNode crm(Field field) {
            JsonNode value = present.fields().get(field.name());
            return value == null ? NullNode.getInstance() : value;
        }
    }

    private static String hash(JsonNode value) {
        return DigestUtils.sha256Hex(value.isTextual() ? value.textValue() : value.toString());
    }
}
