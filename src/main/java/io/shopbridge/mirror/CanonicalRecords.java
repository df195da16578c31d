package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Consents;
import io.shopbridge.shopify.Entity;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Person;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Assembles the facets of records into whole canonical records. */
@Component
public class CanonicalRecords {

    /** Bytes of facets. As records they take about eight times as much. */
    private static final long LOADED_TOGETHER = 4L << 20;
    private static final String CONTACT_KEY = "contact_key";
    private static final String TAGS = "tags";
    private static final String DELETED_AT = "deleted_at";
    /** Of the elements of a list, by the ids at the end of their names: ids grow, and 10 comes after 9. */
    private static final Comparator<String> OLDEST_FIRST =
            Comparator.comparing(String::length).thenComparing(Comparator.naturalOrder());

    private final Shopify shopify;
    private final Mirror mirror;
    private final CustomerFigures figures;
    private final CustomerMerges merges;

    CanonicalRecords(Shopify shopify, Mirror mirror, CustomerFigures figures, CustomerMerges merges) {
        this.shopify = shopify;
        this.mirror = mirror;
        this.merges = merges;
        this.figures = figures;
    }

    /** The records of these keys; an unknown one is incomplete. */
    public Map<RecordKey, CanonicalRecord> load(Collection<RecordKey> keys) {
        return of(keys, mirror.read(keys));
    }

    /**
     * These keys in their order, in groups that can be in memory as records: a few hundred small ones, or one large one.
     * An order of a hundred lines takes more than a megabyte.
     */
    public List<List<RecordKey>> groups(Collection<RecordKey> keys) {
        return mirror.groups(keys, LOADED_TOGETHER);
    }

    /** The records that these facets make. */
    Map<RecordKey, CanonicalRecord> of(Collection<RecordKey> keys, Map<RecordKey, List<StoredFacet>> facets) {
        Map<RecordKey, CanonicalRecord> records = new HashMap<>();
        keys.forEach(key -> records.put(key, assemble(shopify.entity(key.entity()), key,
                facets.getOrDefault(key, List.of()))));
        followMerges(records);
        figures.metrics(keys.stream().filter(key -> key.entity().equals(RecordKey.CUSTOMER)).toList(), Instant.now())
                .forEach((key, metrics) -> records.get(key).json().set("metrics", metrics));
        return records;
    }

    /** Records of a merged customer belong to the survivor, who may be merged into a third. */
    private void followMerges(Map<RecordKey, CanonicalRecord> records) {
        Set<RecordKey> named = new HashSet<>();
        forEachNamed(records, (record, field, customer) -> named.add(customer));
        Map<RecordKey, RecordKey> kept = merges.kept(named);
        if (!kept.isEmpty()) {
            forEachNamed(records, (record, field, customer) -> record.put(field,
                    kept.getOrDefault(customer, customer).recordId()));
        }
    }

    private interface Named {
        void take(ObjectNode record, String field, RecordKey customer);
    }

    private static void forEachNamed(Map<RecordKey, CanonicalRecord> records, Named named) {
        records.forEach((key, record) -> List.of(CONTACT_KEY, Facets.MERGED_INTO).forEach(field -> {
            String id = Json.text(record.json(), field);
            if (id != null) {
                named.take(record.json(), field, new RecordKey(key.store(), RecordKey.CUSTOMER, id));
            }
        }));
    }

    /** The store's whole records of this entity in the order of their ids, from the one after this id. */
    public List<RecordKey> after(String store, String entity, String recordId, int most) {
        return mirror.after(store, entity, shopify.entity(entity).facet(), recordId, most).stream()
                .map(id -> new RecordKey(store, entity, id)).toList();
    }

    /** Those of these records of which the mirror has anything, deleted ones too. */
    public Set<RecordKey> known(Collection<RecordKey> keys) {
        return mirror.times(keys).keySet();
    }

    /** Those of these records that are whole and not deleted. */
    public Set<RecordKey> present(Collection<RecordKey> keys) {
        Map<RecordKey, Map<String, Instant>> times = mirror.times(keys);
        return keys.stream().filter(key -> {
            Map<String, Instant> of = times.getOrDefault(key, Map.of());
            Instant mainAt = of.get(shopify.entity(key.entity()).facet());
            return mainAt != null && !isGone(of, mainAt);
        }).collect(Collectors.toSet());
    }

    /** Those of these records that Shopify has deleted. */
    public Set<RecordKey> deleted(Collection<RecordKey> keys) {
        Map<RecordKey, Map<String, Instant>> times = mirror.times(keys);
        return keys.stream().filter(key -> {
            Map<String, Instant> of = times.getOrDefault(key, Map.of());
            return isGone(of, of.get(shopify.entity(key.entity()).facet()));
        }).collect(Collectors.toSet());
    }

    /** Whether a record whose facets have these times was deleted, or merged into another one. */
    static boolean isGone(Map<String, Instant> times, Instant mainAt) {
        return times.containsKey(Facets.MERGED_INTO) || isGone(times.get(Facets.DELETED), mainAt);
    }

    /**
     * A deleted record never changes again, so a deletion that is older than the record's state is ignored: its topic
     * and time are not signed, and the next real change must undo a forged one.
     */
    private static boolean isGone(Instant deletedAt, Instant mainAt) {
        return deletedAt != null && (mainAt == null || !deletedAt.isBefore(mainAt));
    }

    static CanonicalRecord assemble(Entity entity, RecordKey key, List<StoredFacet> facets) {
        String main = entity.facet();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        boolean complete = false;
        boolean nobodys = false;
        Instant mainAt = null;
        StoredFacet deleted = null;
        Map<String, Instant> times = new HashMap<>();
        Map<String, Instant> fieldTimes = new HashMap<>();
        TagList tags = new TagList();
        Map<String, TreeMap<String, JsonNode>> lists = new HashMap<>();
        Map<String, Instant> partTimes = new HashMap<>();
        Map<String, FieldStates> byField = new HashMap<>();
        ConsentAnswers consents = new ConsentAnswers();
        for (StoredFacet facet : facets) {
            String name = facet.name();
            JsonNode value;
            if (entity.keepsByField(name)) {
                value = byField.merge(name, FieldStates.of(facet.version(), facet.value()),
                        (one, other) -> FieldStates.newest(List.of(one, other))).values();
            } else {
                value = Json.readOwn(facet.value());
            }
            if (name.equals(main)) {
                complete = true;
                mainAt = mainAt == null || facet.at().isAfter(mainAt) ? facet.at() : mainAt;
                continue;
            } else if (name.equals(Facets.BUYER) || name.equals(Facets.LISTED)) {
                continue;
            }
            Optional<String> consent = Consents.fieldOf(name);
            if (consent.isPresent()) {
                consents.add(consent.get(), byField.get(name));
                continue;
            }
            Entity.Part list = entity.part(name).orElse(null);
            String field = fieldOf(entity, name);
            if (name.equals(TAGS)) {
                tags.all(facet.at(), value);
            } else if (name.startsWith(Facets.TAG)) {
                tags.one(facet.at(), value.isTextual() ? value.textValue() : name.substring(Facets.TAG.length()),
                        value.isTextual() || value.asBoolean());
            } else if (list != null) {
                if (!list.hidden()) {
                    lists.computeIfAbsent(list.list(), l -> new TreeMap<>(OLDEST_FIRST)).put(name, value);
                    partTimes.merge(name, facet.at(), (one, other) -> one.isBefore(other) ? other : one);
                }
            } else if (name.equals(Facets.CONTACT)) {
                nobodys = value.isNull();
                if (!nobodys) {
                    json.set(CONTACT_KEY, value);
                }
            } else if (name.equals(Facets.DELETED)) {
                deleted = facet;
                continue;
            } else if (name.equals(Facets.MERGED_INTO)) {
                json.set(Facets.MERGED_INTO, value);
                json.put(DELETED_AT, facet.at().toString());
            } else {
                json.set(name, value);
            }
            times.merge(field, facet.at(), (one, other) -> one.isBefore(other) ? other : one);
        }
        FieldStates said = byField.get(main);
        consents.putInto(json, said, byField.get(Facets.BUYER), times);
        boolean bareIsShops = true;
        if (said != null) {
            json.setAll(said.values());
            entity.wholeLists().forEach(list -> {
                json.remove(list.listed());     // as earlier versions stored it
                lists.getOrDefault(list.list(), new TreeMap<>()).keySet().removeAll(PartsOver.of(list, partTimes,
                        Arrays.asList(said, byField.get(Facets.LISTED))).keySet());
            });
            entity.all().values().forEach(json::remove);
            said.versions().forEach((field, version) -> fieldTimes.put(field, version.at()));
            if (key.entity().equals(RecordKey.CUSTOMER)) {
                Person.fillIn(json, fieldTimes, said, times.get("addresses"), byField.get(Facets.BUYER));
            } else if (entity.buyer()) {
                bareIsShops = MoneyView.nameCurrencies(json, key.entity());
                OutdatedAmounts.removeFrom(json, said, bareIsShops);
            }
        }
        if (deleted != null && isGone(deleted.at(), mainAt)) {
            json.set(DELETED_AT, Json.readOwn(deleted.value()));
            times.put(DELETED_AT, deleted.at());
        }
        if (tags.known()) {
            json.set(TAGS, tags.list());
        }
        entity.lists().values().stream().filter(list -> !list.hidden()).forEach(list ->
                json.set(list.list(), array(lists.getOrDefault(list.list(), new TreeMap<>()).values())));
        Derived.add(entity, json, complete, bareIsShops);
        json.put("id", key.recordId());
        Set<String> whollyTold = emptied(entity, json, lists.keySet());
        whollyTold.addAll(said == null ? Set.of() : allOf(entity, said));
        if (nobodys) {
            whollyTold.add(CONTACT_KEY);
        }
        return new CanonicalRecord(key, json, complete, mainAt, times, fieldTimes, whollyTold);
    }

    /** The lists of the record's object that are as the last body had them that has all there are. */
    private static Set<String> allOf(Entity entity, FieldStates said) {
        return entity.all().entrySet().stream().filter(list -> said.says(list.getKey()) && said.versions().get(list.getKey())
                .equals(said.versions().get(list.getValue()))).map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    private static Set<String> emptied(Entity entity, ObjectNode json, Set<String> told) {
        Set<String> emptied = new HashSet<>();
        entity.lists().values().stream().filter(list -> told.contains(list.list()) && json.path(list.list()).isEmpty())
                .forEach(list -> {
                    emptied.add(list.list());
                    if (list.first() != null) {
                        emptied.add(list.first());
                    }
                });
        return emptied;
    }

    /** The field of the canonical record that a facet, other than the main one, makes or is part of. */
    static String fieldOf(Entity entity, String facet) {
        if (facet.startsWith(Facets.TAG)) {
            return TAGS;
        } else if (facet.equals(Facets.CONTACT)) {
            return CONTACT_KEY;
        } else if (facet.equals(Facets.DELETED)) {
            return DELETED_AT;
        }
        return entity.part(facet).map(Entity.Part::list).or(() -> Consents.fieldOf(facet)).orElse(facet);
    }

    private static ArrayNode array(Collection<JsonNode> values) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        values.forEach(array::add);
        return array;
    }

    /**
     * A tag's own newer event wins over the whole list, and the whole list over older events. Upper and lower case are
     * one tag, in the spelling of the list where it has it.
     */
    private static final class TagList {

        /** The newest that was said of one tag. */
        private record Said(Instant at, String tag, boolean added) {

            Said newest(Said other) {
                int order = at.compareTo(other.at);
                return order > 0 || order == 0 && (added || !other.added) ? this : other;
            }
        }

        private Instant allAt;
        private final Map<String, String> all = new TreeMap<>();
        private final Map<String, Said> single = new TreeMap<>();

        void all(Instant at, JsonNode tags) {
            allAt = at;
            tags.forEach(tag -> all.putIfAbsent(Facets.foldedTag(tag.asText()), tag.asText()));
        }

        void one(Instant at, String tag, boolean added) {
            single.merge(Facets.foldedTag(tag), new Said(at, tag, added), Said::newest);
        }

        boolean known() {
            return allAt != null || !single.isEmpty();
        }

        ArrayNode list() {
            Map<String, String> present = new TreeMap<>(all);
            single.forEach((folded, said) -> {
                boolean news = allAt == null || said.at().isAfter(allAt);
                if (news && said.added()) {
                    present.putIfAbsent(folded, said.tag());
                } else if (news) {
                    present.remove(folded);
                }
            });
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            new TreeSet<>(present.values()).forEach(list::add);
            return list;
        }
    }
}
