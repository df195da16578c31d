package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.identify.Identification.Held;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MatchKey;
import io.shopbridge.map.Names;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Decides which of the CRM records that share a key with a record is the same. Not one that is another customer of the
 * same store, because Shopify says that they are two, not one of another store where these are apart, and not one that
 * a person has excluded. Several are distinguished by name; and because families, offices and marketplaces share a
 * phone, a phone counts only together with the name.
 *
 * @param links     all links to these CRM records, by CRM id
 * @param decisions what people said of these records
 * @param deleted   which records Shopify has deleted: a person who comes back as another customer is the same person
 */
record Candidates(Crm crm, Mapping mapping, Map<String, List<Link>> links, Decisions.Made decisions,
        Predicate<RecordKey> deleted) {

    private static final int MOST_NAMED = 10;

    private enum Likeness {
        SAME_NAME, OTHER_NAME,
        /** One of the two has no name. */
        NO_NAME,
        /** The common parts of the name agree, but one of them has more parts. */
        PART_OF_NAME,
        /** A name is a list or an object, or no mapped field. */
        NOT_COMPARABLE
    }

    /** The result: the matching record, a question to a person, or neither, if none matches. */
    record Judgement(Optional<CrmRecord> found, Optional<Held> held) {
        static final Judgement NONE = new Judgement(Optional.empty(), Optional.empty());
    }

    Judgement judge(Unidentified record, MatchKey key, Collection<CrmRecord> hits) {
        // Users may have merged the CRM records of two customers: the remaining one has both e-mail addresses.
        boolean mayBeMerged = !key.phone() && decisions.lost().contains(record.key());
        List<CrmRecord> free = hits.stream().filter(hit -> mayBeMerged || !isAnother(record, hit))
                .filter(hit -> !decisions.isNever(record.key(), hit.id())).toList();
        if (free.isEmpty()) {
            return Judgement.NONE;
        }
        List<CrmRecord> sameName = with(Set.of(Likeness.SAME_NAME), record, free);
        List<CrmRecord> agreeing = sameName.stream().filter(hit -> !contradicts(record, key, hit)).toList();
        if (agreeing.size() == 1) {
            return found(agreeing.get(0));
        }
        if (!key.phone()) {
            return free.size() == 1 && !contradicts(record, key, free.get(0)) ? found(free.get(0))
                    : held(record, key, sameName.isEmpty() ? free : sameName);
        }
        if (!sameName.isEmpty()) {
            return held(record, key, agreeing.isEmpty() ? sameName : agreeing);
        }
        List<CrmRecord> notComparable =
                with(Set.of(Likeness.PART_OF_NAME, Likeness.NOT_COMPARABLE), record, free);
        if (!notComparable.isEmpty()) {
            return held(record, key, notComparable);
        }
        // Others have this number as well. If only one record has it, the name may be an old one.
        boolean isShared = hits.size() > 1 || links.containsKey(free.get(0).id());
        return isShared ? Judgement.NONE : held(record, key, free);
    }

    /**
     * Whether the CRM record has another value of a key that counts more than this one: the same phone, but another
     * e-mail address. Only a person can decide then whether it is an old one of the same person, or another person's,
     * which must not be overwritten. A guest overwrites nothing.
     */
    private boolean contradicts(Unidentified record, MatchKey by, CrmRecord hit) {
        return !record.key().isGuest() && otherKey(record, by, hit).isPresent();
    }

    private Optional<String> otherKey(Unidentified record, MatchKey by, CrmRecord hit) {
        return record.keys().stream().takeWhile(key -> !key.equals(by)).filter(key -> {
            Set<String> theirs =
                    mapping.valuesOf(key, hit.values().fields().get(key.field()), record.context());
            return !theirs.isEmpty() && !theirs.contains(key.value());
        }).map(MatchKey::field).findFirst();
    }

    private static Judgement found(CrmRecord hit) {
        return new Judgement(Optional.of(hit), Optional.empty());
    }

    /** Whether it is another customer of the same store, by a stored link or by its key. */
    boolean isAnotherCustomer(Unidentified record, CrmRecord hit) {
        return !record.key().isGuest()
                && (others(record, hit.id()).stream().anyMatch(deleted.negate())
                        || carriesAnotherKeyOfTheStore(record, hit));
    }

    /** Whether it can't be the same: another customer of the store, or a record of another store where these are apart. */
    boolean isAnother(Unidentified record, CrmRecord hit) {
        return isAnotherCustomer(record, hit) || crm.isPerStore() && isOfAnotherStore(record, hit);
    }

    /** Whoever's it is there, and also if Shopify has deleted that customer. */
    private boolean isOfAnotherStore(Unidentified record, CrmRecord hit) {
        String theirs = keyOf(hit);
        return links.getOrDefault(hit.id(), List.of()).stream()
                .anyMatch(link -> !link.key().store().equals(record.key().store()))
                || record.externalId() != null && !theirs.isEmpty() && idInKeyOfTheStore(record, theirs).isEmpty();
    }

    /** The other customers of the store that are linked to this CRM record; of a guest none, who may be any of them. */
    List<RecordKey> others(Unidentified record, String crmId) {
        return links.getOrDefault(crmId, List.of()).stream().map(Link::key)
                .filter(other -> OtherCustomers.isAnother(record.key(), other)).toList();
    }

    /** What a person said can't be done, because the CRM record is another customer of the store by now. */
    Held taken(CrmRecord hit) {
        return decidedBefore(hit.id(), "is another customer of the same store", List.of(whose(hit)));
    }

    /** What a person said can't be done, because the CRM record isn't there any more. */
    Held gone(String crmId) {
        return decidedBefore(crmId, "no longer exists", List.of());
    }

    private Held decidedBefore(String crmId, String what, List<String> more) {
        List<String> because = new ArrayList<>();
        because.add("A person said that this is record " + crmId + " of " + crm.title() + ", but that " + what);
        because.addAll(more);
        because.add("Decide create-new, or never-the-same to try other records. If two customers of a store are one"
                + " person, merge them in Shopify");
        return new Held(because, List.of(crmId));
    }

    private boolean carriesAnotherKeyOfTheStore(Unidentified record, CrmRecord hit) {
        String theirs = keyOf(hit);
        return record.externalId() != null && !theirs.isEmpty() && !theirs.equals(record.externalId())
                && idInKeyOfTheStore(record, theirs).filter(id ->
                        !deleted.test(new RecordKey(record.key().store(), record.key().entity(), id))).isPresent();
    }

    /** The id in a key, if it is one of the record's store: what stands around the id in its own key is the store. */
    private static Optional<String> idInKeyOfTheStore(Unidentified record, String key) {
        String own = record.externalId();
        int at = own.lastIndexOf(record.key().recordId());
        if (at < 0) {
            return Optional.empty();
        }
        String before = own.substring(0, at);
        String after = own.substring(at + record.key().recordId().length());
        return key.length() >= before.length() + after.length() && key.startsWith(before) && key.endsWith(after)
                ? Optional.of(key.substring(before.length(), key.length() - after.length())) : Optional.empty();
    }

    private String keyOf(CrmRecord hit) {
        return mapping.externalIdField().map(field -> text(hit.values().fields().get(field))).orElse("");
    }

    private List<CrmRecord> with(Set<Likeness> some, Unidentified record, List<CrmRecord> hits) {
        return hits.stream().filter(hit -> some.contains(likeness(record, hit))).toList();
    }

    /** Compares all parts of the name; a part that only one of them has does not count. */
    private Likeness likeness(Unidentified record, CrmRecord hit) {
        boolean weHaveOne = false;
        boolean theyHaveOne = false;
        boolean differ = false;
        boolean isPart = false;
        for (String field : mapping.nameFields()) {
            JsonNode ours = record.name().get(field);
            JsonNode theirs = hit.values().fields().get(field);
            if (ours == null || ours.isContainerNode() || theirs != null && theirs.isContainerNode()) {
                return Likeness.NOT_COMPARABLE;
            }
            String our = name(record, field, ours);
            String their = name(record, field, theirs);
            weHaveOne |= !our.isEmpty();
            theyHaveOne |= !their.isEmpty();
            if (our.isEmpty() != their.isEmpty() || Names.isPart(our, their)) {
                isPart = true;
            } else {
                differ |= !our.equals(their);
            }
        }
        if (mapping.nameFields().isEmpty()) {
            return Likeness.NOT_COMPARABLE;
        }
        if (!weHaveOne || !theyHaveOne) {
            return Likeness.NO_NAME;
        }
        return differ ? Likeness.OTHER_NAME : isPart ? Likeness.PART_OF_NAME : Likeness.SAME_NAME;
    }

    private String name(Unidentified record, String field, JsonNode value) {
        return value == null || mapping.isDefault(record.key().store(), field, value) ? ""
                : Names.compared(text(value));
    }

    private static String text(JsonNode value) {
        return Values.text(value).orElse("");
    }

    private Judgement held(Unidentified record, MatchKey key, List<CrmRecord> hits) {
        List<String> because = new ArrayList<>();
        because.add(hits.size() == 1 ? one(record, key, hits.get(0)) : several(key, hits));
        hits.stream().limit(MOST_NAMED).forEach(hit -> because.add(whose(hit)));
        because.add(decides(record, hits));
        return new Judgement(Optional.empty(),
                Optional.of(new Held(because, hits.stream().map(CrmRecord::id).toList())));
    }

    private String one(Unidentified record, MatchKey key, CrmRecord hit) {
        String names = mapping.nameFields().isEmpty() ? "" : " (" + String.join(", ", mapping.nameFields()) + ")";
        String has = "Record " + hit.id() + " of " + crm.title() + " has the " + key.field() + " of this record";
        String other = otherKey(record, key, hit).map(field -> " and a different " + field).orElse("");
        return switch (likeness(record, hit)) {
            case SAME_NAME -> has + " and its name" + names + " but a different "
                    + otherKey(record, key, hit).orElse("key");
            case OTHER_NAME -> has + " but a different name" + names + other;
            case PART_OF_NAME -> has + " but only a part of its name" + names + other;
            default -> has + " but no name that can be compared" + names + other;
        };
    }

    private String several(MatchKey key, List<CrmRecord> hits) {
        String more = hits.size() > MOST_NAMED ? " and more" : "";
        return hits.size() + " records of " + crm.title() + " have the " + key.field() + " of this record, and the"
                + " name does not decide between them: " + hits.stream().limit(MOST_NAMED).map(CrmRecord::id)
                        .collect(Collectors.joining(", ")) + more;
    }

    private String whose(CrmRecord hit) {
        List<Link> of = links.getOrDefault(hit.id(), List.of());
        String linked = of.isEmpty() ? "is not linked to a Shopify record" : "is linked to " + of.stream()
                .map(link -> link.key().entity() + " " + link.key().recordId() + " of store " + link.key().store())
                .sorted().limit(MOST_NAMED).collect(Collectors.joining(", "));
        String key = keyOf(hit);
        String carries = mapping.externalIdField().map(field -> key.isEmpty() ? " and has no " + field
                : " and its " + field + " is " + key).orElse("");
        return "Record " + hit.id() + " " + linked + carries;
    }

    private String decides(Unidentified record, List<CrmRecord> hits) {
        String ids = hits.stream().limit(MOST_NAMED).map(CrmRecord::id).collect(Collectors.joining(" or "));
        String key = record.externalId() == null || mapping.externalIdField().isEmpty() ? ""
                : ", and " + mapping.externalIdField().get() + " " + record.externalId()
                        + " is set there";
        return "Decide: link-to " + ids + " if it is the same " + record.key().entity() + " (its values are written"
                + " there" + key + "); create-new if it is none of them (a new record is created, and these are never"
                + " suggested for it again); never-the-same to exclude one of them and try the others again";
    }
}
