package io.shopbridge.identify;

import com.fasterxml.jackson.databind.node.BooleanNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.CrmLookup.Answers;
import io.shopbridge.identify.Identification.Found;
import io.shopbridge.identify.Identification.New;
import io.shopbridge.identify.Identification.Wait;
import io.shopbridge.identify.IdentityClaims.Claim;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.MatchKey;
import io.shopbridge.map.Values;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Finds the CRM records of a batch of records without links. Each way to search is one call for the whole batch, and
 * every match is compared again after normalising, because CRM searches are fuzzy.
 */
@Component
public class Identify {

    /** CRMs' search indexes are some seconds behind. */
    public static final Duration UNTIL_SEARCH_FINDS_IT = Duration.ofSeconds(20);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final CrmLookup lookup;
    private final Listings listings;
    private final IdentityClaims claims;
    private final RecentAnswers answers;
    private final Links links;
    private final Decisions decisions;
    private final CanonicalRecords canonicalRecords;

    Identify(CrmLookup lookup, Listings listings, IdentityClaims claims, RecentAnswers answers, Links links,
            Decisions decisions, CanonicalRecords canonicalRecords) {
        this.canonicalRecords = canonicalRecords;
        this.links = links;
        this.decisions = decisions;
        this.listings = listings;
        this.lookup = lookup;
        this.claims = claims;
        this.answers = answers;
    }

    /** The questions to one CRM about one kind of record. */
    private static final class Inquiry {
        /** Whether nothing is claimed, because nothing will be written. */
        boolean onlyLooks;
        final Crm crm;
        final String object;
        /** Within which no two records of one person are created: the object, or where stores are apart that of one. */
        final String scope;
        final Set<String> fieldNames;
        final Map<RecordKey, Identification> known = new HashMap<>();
        /** Who creates, or has created, a record with which of the keys. */
        final Map<MatchKey, Claim> holders;
        /** Since when an attempt before this one may have sent a create of these. */
        final Map<RecordKey, Instant> tried = new HashMap<>();
        /** Records that were not asked for yet. */
        final Set<RecordKey> notAsked = new HashSet<>();
        Optional<CrmBusy> busy = Optional.empty();
        Optional<Listing> listing = Optional.empty();

        Inquiry(Crm crm, String object, String scope, Set<String> fieldNames, Map<MatchKey, Claim> holders) {
            this.crm = crm;
            this.object = object;
            this.scope = scope;
            this.fieldNames = fieldNames;
            this.holders = holders;
            holders.values().stream().filter(claim -> claim.crmId() == null)
                    .forEach(claim -> tried.put(claim.owner(), claim.since()));
        }

        /** Whether the CRM has a record by now for another that had this key when the inquiry began. */
        boolean isJudged(MatchKey key, Claim holder) {
            Claim before = holders.get(key);
            return holder.crmId() != null && before != null && holder.crmId().equals(before.crmId());
        }

        List<Unidentified> open(Collection<Unidentified> records) {
            return records.stream().filter(record -> !known.containsKey(record.key()))
                    .filter(record -> !notAsked.contains(record.key())).toList();
        }
    }

    /**
     * Identifies these records, as far as the CRM allows calls. Partial results are kept until {@link #settled}, so
     * repeated calls always make progress. Only records that are {@link New} may be created, and only by this process.
     *
     * @throws CrmFailure where the CRM did not answer; where it asked to wait, that is part of what is returned
     */
    public Identified identify(Crm crm, Mapping mapping, Collection<Unidentified> records) {
        return identify(crm, mapping, records, false);
    }

    /**
     * What {@link #identify} would find if these records were to be delivered now: the same questions and the same
     * judgement, but nothing is claimed, so that {@link New} may be true of two records of one person.
     *
     * @throws CrmFailure where the CRM did not answer; where it asked to wait, that is part of what is returned
     */
    public Identified foresee(Crm crm, Mapping mapping, Collection<Unidentified> records) {
        Identified identified = identify(crm, mapping, records, true);
        identified.known().keySet().forEach(key -> answers.forget(crm.name(), key));
        return identified;
    }

    /** How many calls the search for this record is, in parts, by the name of the limit that counts them. */
    public Map<String, Double> calls(Crm crm, Mapping mapping, Unidentified record) {
        return lookup.calls(crm, mapping, record);
    }

    private Identified identify(Crm crm, Mapping mapping, Collection<Unidentified> records, boolean onlyLooks) {
        if (!crm.isPerStore()) {
            return identify(crm, mapping, mapping.object(), records, onlyLooks);
        }
        Map<RecordKey, Identification> known = new HashMap<>();
        for (Map.Entry<String, List<Unidentified>> store : new TreeMap<>(records.stream()
                .collect(Collectors.groupingBy(record -> record.key().store()))).entrySet()) {
            Identified identified =
                    identify(crm, mapping, mapping.object() + " of store " + store.getKey(), store.getValue(), onlyLooks);
            known.putAll(identified.known());
            if (identified.busy().isPresent()) {
                return new Identified(known, identified.busy());
            }
        }
        return new Identified(known, Optional.empty());
    }

    private Identified identify(Crm crm, Mapping mapping, String scope, Collection<Unidentified> records,
            boolean onlyLooks) {
        Optional<Listing> listing;
        try {
            listing = listings.upToDate(crm, mapping.object(), mapping.fieldNames(), lookedForBy(mapping));
        } catch (CrmBusy e) {
            if (e.asksToWait()) {
                return new Identified(Map.of(), Optional.of(e));
            }
            throw e;
        }
        List<Unidentified> some = records.stream()
                .sorted(Comparator.comparing(record -> answers.since(crm.name(), record.key()).orElse(Instant.MAX)))
                .limit(listing.isPresent() ? records.size() : lookup.most(crm, mapping.object())).toList();
        Inquiry inquiry = inquiry(crm, mapping.object(), scope, mapping.fieldNames(), mapping.externalIdField(),
                some);
        inquiry.listing = listing;
        inquiry.onlyLooks = onlyLooks;
        forgetWhatMayHaveBeenCreated(inquiry, some);
        byAllKeys(inquiry, mapping, some);
        byExternalId(inquiry, mapping.externalIdField(), some);
        Decisions.Made made = decisions.of(crm.name(), some.stream().map(Unidentified::key).toList());
        byDecision(inquiry, mapping, made, inquiry.open(some));
        byKeys(inquiry, mapping, made, some);
        claim(inquiry, mapping.externalIdField(), inquiry.open(some));
        return new Identified(inquiry.known, inquiry.busy);
    }

    private Inquiry inquiry(Crm crm, String object, String scope, Set<String> fieldNames,
            Optional<String> externalIdField, Collection<Unidentified> records) {
        return new Inquiry(crm, object, scope, fieldNames, claims.holders(crm.name(), scope,
                byAllClaimed(crm, externalIdField, records).stream().flatMap(record -> record.keys().stream()).distinct()
                        .toList()));
    }

    private static List<String> lookedForBy(Mapping mapping) {
        return Stream.concat(mapping.externalIdField().stream(), mapping.matchSources().keySet().stream()).toList();
    }

    /** The same for shared records, which are identified only by our key. */
    public Identified identify(Crm crm, ChildMapping shared, Collection<Unidentified> records) {
        Inquiry inquiry = inquiry(crm, shared.object(), shared.object(), shared.fieldNames(), shared.externalIdField(),
                records);
        forgetWhatMayHaveBeenCreated(inquiry, records);
        byExternalId(inquiry, shared.externalIdField(), records);
        claim(inquiry, shared.externalIdField(), inquiry.open(records));
        return new Identified(inquiry.known, inquiry.busy);
    }

    /**
     * Whether the record may be this record of the CRM, which has a value of it that must be unique: not where that is
     * another customer of the same store, or of another store where these are apart, or a person said that the two are
     * never the same.
     *
     * @param externalId our key for it; null where it has none
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public boolean mayBe(Crm crm, Mapping mapping, RecordKey key, String externalId, String crmId) {
        Decisions.Made made = decisions.of(crm.name(), List.of(key));
        CrmRecord there = lookup.read(crm, mapping, List.of(crmId)).get(crmId);
        Unidentified record = new Unidentified(key, externalId, List.of(), Map.of(), null);
        Candidates candidates = candidates(crm, mapping, mapping.object(), made, List.of(crmId));
        return !made.isNever(key, crmId) && (there == null || made.lost().contains(key)
                || !candidates.isAnother(record, there));
    }

    /** Removes the link to a CRM record that no longer exists: a user deleted it, or merged it into another. */
    public void lost(Crm crm, Link link) {
        links.remove(crm.name(), link.key());
        if (link.parentId() == null) {
            decisions.lost(crm.name(), link.key(), link.crmId());
        }
    }

    /** The link to the record that a CRM record was merged into: what that has is not known. */
    public static Link moved(Link link, String crmId) {
        return new Link(link.key(), link.parentId(), link.object(), crmId, Map.of(Link.FOUND, BooleanNode.TRUE));
    }

    /**
     * Whether the CRM still has this record as one of its own: not where it was deleted or merged into another.
     *
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public boolean isThere(Crm crm, Mapping mapping, String crmId) {
        CrmRecord there = lookup.read(crm, mapping, List.of(crmId)).get(crmId);
        return there != null && there.id().equals(crmId);
    }

    /** Moves the link and the claims of a merged customer to the other customer. */
    public Link handOver(Crm crm, Link link, RecordKey to) {
        links.handOver(crm.name(), link.key(), to);
        claims.handOver(crm.name(), link.key(), to);
        return new Link(to, link.parentId(), link.object(), link.crmId(), link.base());
    }

    /** Releases the claims of a record that was to be created and was not. */
    public void release(Crm crm, RecordKey key) {
        claims.release(crm.name(), key);
    }

    /** The attempt with this record has ended: the next one asks the CRM again. */
    public void settled(Crm crm, RecordKey key) {
        answers.forget(crm.name(), key);
    }

    /** An answer is not used if a create may have been sent since, by this process or another. */
    private void forgetWhatMayHaveBeenCreated(Inquiry inquiry, Collection<Unidentified> records) {
        String crm = inquiry.crm.name();
        records.stream().filter(record -> inquiry.tried.containsKey(record.key()))
                .filter(record -> mayBeCreatedTwice(inquiry.crm, record))
                .filter(record -> answers.since(crm, record.key()).filter(since ->
                        since.isBefore(inquiry.tried.get(record.key()).plus(UNTIL_SEARCH_FINDS_IT))).isPresent())
                .forEach(record -> answers.forget(crm, record.key()));
    }

    /** The values that a CRM record has of a key's kind, as they are compared; the store may say how to read them. */
    private interface Reader {
        Set<String> values(MatchKey key, CrmRecord hit, MappingContext context);
    }

    private static final Reader OWN_KEY = (key, hit, context) ->
            Values.text(hit.values().fields().get(key.field())).map(Set::of).orElse(Set.of());

    private static Reader reader(Mapping mapping) {
        return (key, hit, context) -> mapping.valuesOf(key, hit.values().fields().get(key.field()), context);
    }

    /** CRM records by the values that they have of one kind of key: each is read once, however many keys are open. */
    private static final class Hits {
        private final List<CrmRecord> records;
        private final Reader reader;
        private final Map<MappingContext, Map<String, List<CrmRecord>>> byValue = new HashMap<>();

        Hits(List<CrmRecord> records, Reader reader) {
            this.records = records;
            this.reader = reader;
        }

        List<CrmRecord> with(MatchKey key, MappingContext context) {
            return byValue.computeIfAbsent(context, any -> {
                Map<String, List<CrmRecord>> all = new HashMap<>();
                records.forEach(hit -> reader.values(key, hit, context).forEach(value ->
                        all.computeIfAbsent(value, same -> new ArrayList<>()).add(hit)));
                return all;
            }).getOrDefault(key.value(), List.of());
        }
    }

    /** Keys that are searched in the same way. */
    private record Kind(String field, boolean phone) {
    }

    /**
     * Looks up those of these keys that are not known yet, unless the CRM asked to wait before.
     *
     * @return what the CRM has by these keys, of all but the records that are not asked for now
     */
    private Map<Unidentified, List<CrmRecord>> ask(Inquiry inquiry, Map<Unidentified, MatchKey> keys, Reader reader) {
        String crm = inquiry.crm.name();
        Map<Kind, List<Unidentified>> open = new LinkedHashMap<>();
        keys.forEach((record, key) -> {
            if (answers.of(crm, record.key(), key).isEmpty()) {
                open.computeIfAbsent(new Kind(key.field(), key.phone()), kind -> new ArrayList<>()).add(record);
            }
        });
        open.forEach((kind, records) -> {
            if (inquiry.busy.isPresent()) {
                return;
            }
            List<MatchKey> some = records.stream().map(keys::get).toList();
            Answers<List<CrmRecord>> given = inquiry.listing.isPresent() ? listed(inquiry, some)
                    : lookup.by(inquiry.crm, inquiry.object, inquiry.fieldNames, kind.field(),
                            some.stream().flatMap(key -> key.spellings().stream()).toList());
            Hits hits = new Hits(given.given(), reader);
            records.stream().filter(record -> given.asked().containsAll(keys.get(record).spellings())).forEach(record ->
                    answers.keep(crm, record.key(), keys.get(record), hits.with(keys.get(record), record.context())));
            inquiry.busy = given.busy();
        });
        Map<Unidentified, List<CrmRecord>> hits = new LinkedHashMap<>();
        keys.forEach((record, key) -> answers.of(crm, record.key(), key).ifPresentOrElse(
                found -> hits.put(record, found), () -> inquiry.notAsked.add(record.key())));
        return hits;
    }

    /**
     * Asks by all keys of each record at once, if the CRM can and one call holds them all: one call instead of one for
     * each kind of key. More are asked by kind: what the CRM keeps unique is read then, many in a call and counted as any
     * other, and only the rest needs searches, of which few are allowed. The index may miss what was written a moment
     * ago. A contact that others made is then found by the CRM's refusal of its e-mail; one that an earlier attempt may
     * have made is not asked for here, but read by our key.
     */
    private void byAllKeys(Inquiry inquiry, Mapping mapping, List<Unidentified> records) {
        String crm = inquiry.crm.name();
        if (!inquiry.crm.can(Operation.MATCH, inquiry.object) || inquiry.listing.isPresent()) {
            return;
        }
        Map<Unidentified, List<MatchKey>> keys = new LinkedHashMap<>();
        records.stream().filter(record -> !record.keys().isEmpty() && !inquiry.tried.containsKey(record.key()))
                .filter(record -> answers.since(crm, record.key()).isEmpty())
                // A call is as long as a CRM allows if each key is one value.
                .filter(record -> record.keys().stream().allMatch(key -> key.spellings().size() == 1))
                .forEach(record -> keys.put(record,
                        mapping.externalIdField().map(record::alsoBy).orElse(record).keys()));
        if (keys.size() > inquiry.crm.operations().batch(Operation.MATCH, inquiry.object)) {
            return;
        }
        Answers<List<CrmRecord>> given =
                lookup.byAny(inquiry.crm, inquiry.object, inquiry.fieldNames, keys.values());
        Map<Kind, Hits> hits = new HashMap<>();
        keys.forEach((record, all) -> all.stream().filter(key -> given.asked().contains(key.value())).forEach(key ->
                answers.keep(crm, record.key(), key, hits.computeIfAbsent(new Kind(key.field(), key.phone()),
                        kind -> new Hits(given.given(), mapping.externalIdField().filter(key.field()::equals).isPresent()
                                ? OWN_KEY : reader(mapping))).with(key, record.context()))));
        inquiry.busy = given.busy();
    }

    /** A listed record is read before it counts. */
    private Answers<List<CrmRecord>> listed(Inquiry inquiry, List<MatchKey> keys) {
        Listing listing = inquiry.listing.orElseThrow();
        Answers<Map<String, CrmRecord>> read = lookup.readSome(inquiry.crm, inquiry.object, inquiry.fieldNames,
                keys.stream().flatMap(key -> listing.ids(key).stream()).distinct().toList());
        Set<String> asked = keys.stream().filter(key -> read.asked().containsAll(listing.ids(key)))
                .flatMap(key -> key.spellings().stream()).collect(Collectors.toSet());
        return new Answers<>(List.copyOf(read.given().values()), asked, read.busy());
    }

    private void byExternalId(Inquiry inquiry, Optional<String> externalIdField, Collection<Unidentified> records) {
        String field = externalIdField.orElse(null);
        Map<Unidentified, MatchKey> keys = new LinkedHashMap<>();
        records.stream().filter(record -> field != null && record.externalId() != null)
                .forEach(record -> keys.put(record, new MatchKey(field, record.externalId(), false)));
        ask(inquiry, keys, OWN_KEY).forEach((record, hits) -> hits.forEach(hit ->
                inquiry.known.put(record.key(), new Found(hit.id(), hit.values()))));
    }

    /** Records with a decision of a person. */
    private void byDecision(Inquiry inquiry, Mapping mapping, Decisions.Made made, List<Unidentified> records) {
        Map<Unidentified, String> decided = new LinkedHashMap<>();
        records.forEach(record -> made.same(record.key()).ifPresent(crmId -> decided.put(record, crmId)));
        if (decided.isEmpty() || inquiry.busy.isPresent()) {
            decided.keySet().forEach(record -> inquiry.notAsked.add(record.key()));
            return;
        }
        Answers<Map<String, CrmRecord>> read =
                lookup.readSome(inquiry.crm, inquiry.object, inquiry.fieldNames, decided.values());
        inquiry.busy = read.busy();
        Candidates candidates = candidates(inquiry, mapping, made, read.given().values());
        Map<Unidentified, CrmRecord> found = new LinkedHashMap<>();
        decided.forEach((record, crmId) -> {
            CrmRecord hit = read.given().get(crmId);
            if (!read.asked().contains(crmId)) {
                inquiry.notAsked.add(record.key());
            } else if (hit == null) {
                inquiry.known.put(record.key(), candidates.gone(crmId));
            } else if (candidates.isAnotherCustomer(record, hit)) {
                inquiry.known.put(record.key(), candidates.taken(hit));
            } else {
                found.put(record, hit);
            }
        });
        take(inquiry, candidates, found);
    }

    private Candidates candidates(Inquiry inquiry, Mapping mapping, Decisions.Made made, Collection<CrmRecord> hits) {
        return candidates(inquiry.crm, mapping, inquiry.object, made,
                hits.stream().map(CrmRecord::id).distinct().toList());
    }

    private Candidates candidates(Crm crm, Mapping mapping, String object, Decisions.Made made,
            Collection<String> crmIds) {
        Map<String, List<Link>> linked = links.to(crm.name(), object, crmIds);
        return new Candidates(crm, mapping, linked, made,
                isDeleted(linked.values().stream().flatMap(List::stream).map(Link::key).toList()));
    }

    /** Asks the mirror when the first of these matters, and then for all of them at once; once for any other record. */
    private Predicate<RecordKey> isDeleted(Collection<RecordKey> likely) {
        Map<RecordKey, Boolean> known = new HashMap<>();
        return key -> {
            if (!known.containsKey(key)) {
                Set<RecordKey> asked = new HashSet<>(likely);
                asked.add(key);
                asked.removeAll(known.keySet());
                Set<RecordKey> deleted = canonicalRecords.deleted(asked);
                asked.forEach(one -> known.put(one, deleted.contains(one)));
            }
            return known.get(key);
        };
    }

    private void byKeys(Inquiry inquiry, Mapping mapping, Decisions.Made made, List<Unidentified> records) {
        Reader reader = reader(mapping);
        Map<MatchKey, CrmRecord> claimed = alreadyCreated(inquiry, mapping, inquiry.open(records));
        int most = records.stream().mapToInt(record -> record.keys().size()).max().orElse(0);
        for (int place = 0; place < most; place++) {
            Map<Unidentified, MatchKey> keys = new LinkedHashMap<>();
            for (Unidentified record : inquiry.open(records)) {
                if (record.keys().size() > place) {
                    keys.put(record, record.keys().get(place));
                }
            }
            Map<Unidentified, Map<String, CrmRecord>> hits = new LinkedHashMap<>();
            ask(inquiry, keys, reader).forEach((record, found) -> {
                MatchKey key = keys.get(record);
                Map<String, CrmRecord> byId = hits.computeIfAbsent(record, any -> new TreeMap<>());
                found.forEach(hit -> byId.put(hit.id(), hit));
                CrmRecord own = claimed.get(key);
                if (own != null && reader.values(key, own, record.context()).contains(key.value())) {
                    byId.put(own.id(), own);
                }
            });
            Candidates candidates = candidates(inquiry, mapping, made,
                    hits.values().stream().flatMap(found -> found.values().stream()).toList());
            Map<Unidentified, CrmRecord> found = new LinkedHashMap<>();
            hits.forEach((record, byId) -> {
                Candidates.Judgement judgement = candidates.judge(record, keys.get(record), byId.values());
                judgement.found().ifPresent(hit -> found.put(record, hit));
                judgement.held().ifPresent(held -> inquiry.known.put(record.key(),
                        justCreated(inquiry, record, keys.get(record), candidates, byId.keySet())
                                .<Identification>map(holder -> waitsFor(record, holder)).orElse(held)));
            });
            take(inquiry, candidates, found);
        }
    }

    /**
     * Records with this key that are being created, or were a moment ago: a match may be one of these, so no person is
     * asked before its link is known.
     */
    private Optional<Claim> justCreated(Inquiry inquiry, Unidentified record, MatchKey key, Candidates candidates,
            Set<String> hits) {
        return Optional.ofNullable(claims.holders(inquiry.crm.name(), inquiry.scope, List.of(key)).get(key))
                .filter(holder -> !holder.owner().equals(record.key()))
                .filter(holder -> holder.since().isAfter(Instant.now().minus(IdentityClaims.ABANDONED_AFTER)))
                .filter(holder -> holder.crmId() == null
                        || hits.contains(holder.crmId()) && !candidates.links().containsKey(holder.crmId()));
    }

    /**
     * Of two customers of one store that match the same CRM record, only one gets it, in any process: a claim decides
     * until there is a link. A customer deleted in Shopify has no claim.
     */
    private void take(Inquiry inquiry, Candidates candidates, Map<Unidentified, CrmRecord> found) {
        if (inquiry.onlyLooks) {
            found.forEach((record, hit) -> inquiry.known.put(record.key(), new Found(hit.id(), hit.values())));
            return;
        }
        found.forEach((record, hit) ->
                candidates.others(record, hit.id()).stream().filter(candidates.deleted()).forEach(deleted -> {
                    links.remove(inquiry.crm.name(), deleted);
                    claims.release(inquiry.crm.name(), deleted);
                }));
        Map<Unidentified, MatchKey> places = new LinkedHashMap<>();
        found.forEach((record, hit) -> {
            if (!record.key().isGuest() && candidates.others(record, hit.id()).stream().allMatch(candidates.deleted())) {
                places.put(record, new MatchKey("a customer of store " + record.key().store(), hit.id(), false));
            }
        });
        Map<MatchKey, Claim> holders = claims.claim(inquiry.crm.name(), inquiry.scope, places.entrySet().stream()
                .map(place -> place.getKey().by(place.getValue())).toList());
        found.forEach((record, hit) -> {
            MatchKey place = places.get(record);            // a guest takes none
            Claim holder = place == null ? null : holders.get(place);
            // A holder that is linked to another CRM record did not take this one.
            boolean isFree = holder == null || holder.owner().equals(record.key())
                    || holder.crmId() != null && !holder.crmId().equals(hit.id());
            inquiry.known.put(record.key(),
                    isFree ? new Found(hit.id(), hit.values()) : waitsFor(record, holder));
        });
    }

    /** Records that Shopbridge created recently, which the CRM's search may not find yet. */
    private Map<MatchKey, CrmRecord> alreadyCreated(Inquiry inquiry, Mapping mapping, List<Unidentified> records) {
        Crm crm = inquiry.crm;
        Map<MatchKey, Claim> holders = new HashMap<>(inquiry.holders);
        holders.keySet().retainAll(records.stream().flatMap(record -> record.keys().stream()).toList());
        List<String> ids = holders.values().stream().map(Claim::crmId).filter(Objects::nonNull).distinct().toList();
        Answers<Map<String, CrmRecord>> read = inquiry.busy.isPresent()
                ? new Answers<>(Map.of(), Set.of(), inquiry.busy)
                : lookup.readSome(crm, mapping.object(), mapping.fieldNames(), ids);
        inquiry.busy = read.busy();
        Map<MatchKey, CrmRecord> created = new HashMap<>();
        Set<MatchKey> unread = new HashSet<>();
        holders.forEach((key, claim) -> {
            if (claim.crmId() != null && read.given().containsKey(claim.crmId())) {
                created.put(key, read.given().get(claim.crmId()));
            } else if (claim.crmId() != null && !read.asked().contains(claim.crmId())) {
                unread.add(key);
            }
        });
        records.stream().filter(record -> record.keys().stream().anyMatch(unread::contains))
                .forEach(record -> inquiry.notAsked.add(record.key()));
        return created;
    }

    private void claim(Inquiry inquiry, Optional<String> externalIdField, List<Unidentified> unknown) {
        if (inquiry.onlyLooks) {
            unknown.forEach(record -> inquiry.known.put(record.key(), new New()));
            return;
        }
        Crm crm = inquiry.crm;
        List<Unidentified> records = byAllClaimed(crm, externalIdField, unknown);
        Map<MatchKey, Claim> holders = claims.claim(crm.name(), inquiry.scope, records);
        for (Unidentified record : records) {
            Instant searchable = mayBeCreatedTwice(crm, record) && inquiry.tried.containsKey(record.key())
                    ? inquiry.tried.get(record.key()).plus(UNTIL_SEARCH_FINDS_IT) : Instant.MIN;
            Identification found = searchable.isBefore(Instant.now()) ? new New() : new Wait(searchable, null,
                    "It may have been created a moment ago, and the answer was lost; it is looked up in " + crm.title()
                            + " before it is created again");
            Optional<Claim> other = record.keys().stream().filter(key -> isOthers(inquiry, record, key, holders.get(key)))
                    .map(holders::get).findFirst();
            if (other.isPresent()) {
                found = waitsFor(record, other.get());
                if (!inquiry.tried.containsKey(record.key())) {
                    // Nothing was created under those that it has got.
                    claims.release(crm.name(), record.key());
                }
            }
            inquiry.known.put(record.key(), found);
        }
    }

    /** A CRM record that was judged before the claim no longer has this value. One that was made since is still to be. */
    private static boolean isOthers(Inquiry inquiry, Unidentified record, MatchKey key, Claim holder) {
        return holder != null && !holder.owner().equals(record.key()) && !inquiry.isJudged(key, holder);
    }

    /** With all keys that one process at a time may create a record for. */
    private static List<Unidentified> byAllClaimed(Crm crm, Optional<String> externalIdField,
            Collection<Unidentified> records) {
        return crm.keepsKeysUnique() || externalIdField.isEmpty() ? List.copyOf(records)
                : records.stream().map(record -> record.alsoBy(externalIdField.get())).toList();
    }

    /** Whether no external id makes it unique: a second create of any other is refused or finds the first. */
    private static boolean mayBeCreatedTwice(Crm crm, Unidentified record) {
        return record.externalId() == null || !crm.keepsKeysUnique();
    }

    private static Wait waitsFor(Unidentified record, Claim holder) {
        boolean sameStore = holder.owner().store().equals(record.key().store());
        return new Wait(Instant.now().plus(LOOK_AGAIN), sameStore ? holder.owner().toString() : null,
                "Another record of the same person is being created: " + holder.owner());
    }
}
