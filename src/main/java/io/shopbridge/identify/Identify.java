package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.identify.CrmLookup.Answers;
import io.shopbridge.identify.Identification.Found;
import io.shopbridge.identify.Identification.Held;
import io.shopbridge.identify.Identification.New;
import io.shopbridge.identify.Identification.Wait;
import io.shopbridge.identify.IdentityClaims.Claim;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MatchKey;
import io.shopbridge.store.RecordKey;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Finds out which CRM records a batch of unlinked records are. Each way of finding is one call for the whole batch, and
 * every hit is compared again after normalising, because CRM searches are fuzzy.
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

    Identify(CrmLookup lookup, Listings listings, IdentityClaims claims, RecentAnswers answers) {
        this.listings = listings;
        this.lookup = lookup;
        this.claims = claims;
        this.answers = answers;
    }

    /** What is asked of one CRM about one kind of record. */
    private static final class Inquiry {
        final Crm crm;
        final String object;
        final Set<String> fieldNames;
        final Map<RecordKey, Identification> known = new HashMap<>();
        /** Records whose turn did not come. */
        final Set<RecordKey> notAsked = new HashSet<>();
        Optional<CrmBusy> busy = Optional.empty();
        Optional<Listing> listing = Optional.empty();

        Inquiry(Crm crm, String object, Set<String> fieldNames) {
            this.crm = crm;
            this.object = object;
            this.fieldNames = fieldNames;
        }

        List<Unidentified> open(Collection<Unidentified> records) {
            return records.stream().filter(record -> !known.containsKey(record.key()))
                    .filter(record -> !notAsked.contains(record.key())).toList();
        }
    }

    /**
     * What these records are, as far as the CRM allows to ask; never none of them for ever, since what is known of a
     * record is kept until {@link #settled}. Only those that are {@link New} may be created, and by this process alone.
     *
     * @throws CrmFailure where the CRM did not answer; where it asked to wait, that is part of what is returned
     */
    public Identified identify(Crm crm, Mapping mapping, Collection<Unidentified> records) {
        Inquiry inquiry = new Inquiry(crm, mapping.object(), mapping.fieldNames());
        try {
            inquiry.listing = listings.upToDate(crm, mapping.object(), mapping.fieldNames(), lookedForBy(mapping));
        } catch (CrmBusy e) {
            if (e.asksToWait()) {
                return new Identified(Map.of(), Optional.of(e));
            }
            throw e;
        }
        List<Unidentified> some = records.stream()
                .sorted(Comparator.comparing(record -> answers.since(crm.name(), record.key()).orElse(Instant.MAX)))
                .limit(inquiry.listing.isPresent() ? records.size() : lookup.most(crm, mapping.object())).toList();
        forgetWhatMayHaveBeenCreated(inquiry, mapping.externalIdField(), some);
        byExternalId(inquiry, mapping.externalIdField(), some);
        byKeys(inquiry, mapping, some);
        claim(inquiry, mapping.externalIdField(), inquiry.open(some));
        return new Identified(inquiry.known, inquiry.busy);
    }

    private static List<String> lookedForBy(Mapping mapping) {
        return Stream.concat(mapping.externalIdField().stream(), mapping.matchSources().keySet().stream()).toList();
    }

    /** The same for what several records share: it has our key and nothing else to be known by. */
    public Identified identify(Crm crm, ChildMapping shared, Collection<Unidentified> records) {
        Inquiry inquiry = new Inquiry(crm, shared.object(), shared.fieldNames());
        forgetWhatMayHaveBeenCreated(inquiry, shared.externalIdField(), records);
        byExternalId(inquiry, shared.externalIdField(), records);
        claim(inquiry, shared.externalIdField(), inquiry.open(records));
        return new Identified(inquiry.known, inquiry.busy);
    }

    /** Lets go of what the record claimed when it was to be created, since it was not. */
    public void release(Crm crm, RecordKey key) {
        claims.release(crm.name(), key);
    }

    /** The attempt with this record is over: the next one asks the CRM anew. */
    public void settled(Crm crm, RecordKey key) {
        answers.forget(crm.name(), key);
    }

    /** An answer counts no longer where a create may have been sent since, by this process or another. */
    private void forgetWhatMayHaveBeenCreated(Inquiry inquiry, Optional<String> externalIdField,
            Collection<Unidentified> records) {
        List<Unidentified> answered = byAllClaimed(inquiry.crm, externalIdField, records).stream()
                .filter(record -> answers.since(inquiry.crm.name(), record.key()).isPresent()).toList();
        lastTried(inquiry.crm, inquiry.object, answered).forEach((key, tried) ->
                answers.since(inquiry.crm.name(), key)
                        .filter(since -> since.isBefore(tried.plus(UNTIL_SEARCH_FINDS_IT)))
                        .ifPresent(since -> answers.forget(inquiry.crm.name(), key)));
    }

    /**
     * Asks for what of these keys isn't known yet, unless the CRM asked to wait before.
     *
     * @param isHit whether a record that was found has the key
     * @return what the CRM has by these keys, of all but the records that are not asked for now
     */
    private Map<Unidentified, List<CrmRecord>> ask(Inquiry inquiry, Map<Unidentified, MatchKey> keys,
            BiPredicate<Unidentified, CrmRecord> isHit) {
        String crm = inquiry.crm.name();
        Map<String, List<Unidentified>> openByField = new LinkedHashMap<>();
        keys.forEach((record, key) -> {
            if (answers.of(crm, record.key(), key).isEmpty()) {
                openByField.computeIfAbsent(key.field(), field -> new ArrayList<>()).add(record);
            }
        });
        openByField.forEach((field, records) -> {
            if (inquiry.busy.isPresent()) {
                return;
            }
            List<MatchKey> some = records.stream().map(keys::get).toList();
            Answers<List<CrmRecord>> given = inquiry.listing.isPresent() ? listed(inquiry, some)
                    : lookup.by(inquiry.crm, inquiry.object, inquiry.fieldNames, field,
                            some.stream().map(MatchKey::value).toList());
            records.stream().filter(record -> given.asked().contains(keys.get(record).value())).forEach(record ->
                    answers.keep(crm, record.key(), keys.get(record),
                            given.given().stream().filter(hit -> isHit.test(record, hit)).toList()));
            inquiry.busy = given.busy();
        });
        Map<Unidentified, List<CrmRecord>> hits = new LinkedHashMap<>();
        keys.forEach((record, key) -> answers.of(crm, record.key(), key).ifPresentOrElse(
                found -> hits.put(record, found), () -> inquiry.notAsked.add(record.key())));
        return hits;
    }

    /** What the CRM listed is read before it counts. */
    private Answers<List<CrmRecord>> listed(Inquiry inquiry, List<MatchKey> keys) {
        Listing listing = inquiry.listing.orElseThrow();
        Answers<Map<String, CrmRecord>> read = lookup.readSome(inquiry.crm, inquiry.object, inquiry.fieldNames,
                keys.stream().flatMap(key -> listing.ids(key).stream()).distinct().toList());
        Set<String> asked = keys.stream().filter(key -> read.asked().containsAll(listing.ids(key)))
                .map(MatchKey::value).collect(Collectors.toSet());
        return new Answers<>(List.copyOf(read.given().values()), asked, read.busy());
    }

    private void byExternalId(Inquiry inquiry, Optional<String> externalIdField, Collection<Unidentified> records) {
        String field = externalIdField.orElse(null);
        Map<Unidentified, MatchKey> keys = new LinkedHashMap<>();
        records.stream().filter(record -> field != null && record.externalId() != null)
                .forEach(record -> keys.put(record, new MatchKey(field, record.externalId(), false)));
        ask(inquiry, keys, (record, hit) -> {
            JsonNode value = hit.values().fields().get(field);
            return value != null && value.asText().equals(record.externalId());
        }).forEach((record, hits) -> hits.forEach(hit ->
                inquiry.known.put(record.key(), new Found(hit.id(), hit.values()))));
    }

    private void byKeys(Inquiry inquiry, Mapping mapping, List<Unidentified> records) {
        Map<MatchKey, CrmRecord> claimed = alreadyCreated(inquiry, mapping, inquiry.open(records));
        int most = records.stream().mapToInt(record -> record.keys().size()).max().orElse(0);
        for (int place = 0; place < most; place++) {
            Map<Unidentified, MatchKey> keys = new LinkedHashMap<>();
            for (Unidentified record : inquiry.open(records)) {
                if (record.keys().size() > place) {
                    keys.put(record, record.keys().get(place));
                }
            }
            Map<Unidentified, List<CrmRecord>> found =
                    ask(inquiry, keys, (record, hit) -> isHit(mapping, record, keys.get(record), hit));
            found.forEach((record, hits) -> {
                MatchKey key = keys.get(record);
                Map<String, CrmRecord> candidates = new TreeMap<>();
                hits.forEach(hit -> candidates.put(hit.id(), hit));
                CrmRecord own = claimed.get(key);
                if (own != null && isHit(mapping, record, key, own)) {
                    candidates.put(own.id(), own);
                }
                judge(inquiry.crm, record, key, candidates, inquiry.known);
            });
        }
    }

    private static boolean isHit(Mapping mapping, Unidentified record, MatchKey key, CrmRecord hit) {
        return mapping.matches(key, hit.values().fields().get(key.field()), record.context());
    }

    private static void judge(Crm crm, Unidentified record, MatchKey key, Map<String, CrmRecord> candidates,
            Map<RecordKey, Identification> known) {
        if (candidates.size() > 1) {
            known.put(record.key(), new Held(List.of(candidates.size() + " records of " + crm.title()
                    + " have the " + key.field() + " of this record: " + String.join(", ", candidates.keySet())
                    + ". Merge them there, or give one of them the external id of this record, then replay")));
        } else if (candidates.size() == 1) {
            CrmRecord hit = candidates.values().iterator().next();
            if (key.phone() && hasAnotherName(record, hit)) {
                known.put(record.key(), new Held(List.of("Record " + hit.id() + " of " + crm.title()
                        + " has the phone of this record but another name. Give it the external id of this record if"
                        + " it is the same person, or change one of the phones, then replay")));
            } else {
                known.put(record.key(), new Found(hit.id(), hit.values()));
            }
        }
    }

    /** What this bridge created lately, which the CRM's search may not find yet. */
    private Map<MatchKey, CrmRecord> alreadyCreated(Inquiry inquiry, Mapping mapping, List<Unidentified> records) {
        Crm crm = inquiry.crm;
        List<MatchKey> keys = records.stream().flatMap(record -> record.keys().stream()).distinct().toList();
        Map<MatchKey, Claim> holders = claims.holders(crm.name(), mapping.object(), keys);
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
        Crm crm = inquiry.crm;
        String object = inquiry.object;
        List<Unidentified> records = byAllClaimed(crm, externalIdField, unknown);
        Map<RecordKey, Instant> tried = lastTried(crm, object, records);
        Map<MatchKey, Claim> holders = claims.claim(crm.name(), object, records);
        for (Unidentified record : records) {
            Instant searchable = tried.getOrDefault(record.key(), Instant.MIN).plus(UNTIL_SEARCH_FINDS_IT);
            Identification found = searchable.isBefore(Instant.now()) ? new New() : new Wait(searchable, null,
                    "It may have been created a moment ago without our knowing; " + crm.title()
                            + " is asked again before it is created");
            for (MatchKey key : record.keys()) {
                Claim holder = holders.get(key);
                // A holder that has a CRM record by now was judged above: its record no longer has this value.
                if (holder != null && !holder.owner().equals(record.key()) && holder.crmId() == null) {
                    boolean sameStore = holder.owner().store().equals(record.key().store());
                    found = new Wait(Instant.now().plus(LOOK_AGAIN), sameStore ? holder.owner().toString() : null,
                            "Another record of the same person is being created: " + holder.owner());
                }
            }
            inquiry.known.put(record.key(), found);
        }
    }

    /** With all keys that one process at a time may create a record for. */
    private static List<Unidentified> byAllClaimed(Crm crm, Optional<String> externalIdField,
            Collection<Unidentified> records) {
        return crm.keepsKeysUnique() || externalIdField.isEmpty() ? List.copyOf(records)
                : records.stream().map(record -> record.alsoBy(externalIdField.get())).toList();
    }

    /**
     * When a create of these records may have been sent before, by an attempt whose end nobody knows. Only of those
     * that no external id makes unique: a second create of the others is refused or finds the first.
     */
    private Map<RecordKey, Instant> lastTried(Crm crm, String object, List<Unidentified> records) {
        List<MatchKey> keys = records.stream()
                .filter(record -> record.externalId() == null || !crm.keepsKeysUnique())
                .flatMap(record -> record.keys().stream()).distinct().toList();
        Map<RecordKey, Instant> tried = new HashMap<>();
        claims.holders(crm.name(), object, keys).values().stream().filter(claim -> claim.crmId() == null)
                .forEach(claim -> tried.put(claim.owner(), claim.since()));
        return tried;
    }

    /** Without a name to compare, a phone alone is not enough: families and offices share one. */
    private static boolean hasAnotherName(Unidentified record, CrmRecord hit) {
        return record.name().isEmpty() || record.name().entrySet().stream().anyMatch(part -> {
            String ours = plain(part.getValue());
            String theirs = plain(hit.values().fields().get(part.getKey()));
            return !ours.isEmpty() && !theirs.isEmpty() && !ours.equals(theirs);
        });
    }

    private static String plain(JsonNode value) {
        String text = value == null || value.isNull() ? "" : value.asText();
        return Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{M}+", "").replaceAll("\\s+", " ").trim()
                .toLowerCase(Locale.ROOT);
    }
}
