package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
    private final IdentityClaims claims;

    Identify(CrmLookup lookup, IdentityClaims claims) {
        this.lookup = lookup;
        this.claims = claims;
    }

    /** What each of these records is. Only those that are {@link New} may be created, and by this process alone. */
    public Map<RecordKey, Identification> identify(Crm crm, Mapping mapping, Collection<Unidentified> records) {
        Map<RecordKey, Identification> known = new HashMap<>();
        byExternalId(crm, mapping.object(), mapping.externalIdField(), mapping.fieldNames(), records, known);
        byKeys(crm, mapping, without(known, records), known);
        claim(crm, mapping.object(), mapping.externalIdField(), without(known, records), known);
        return known;
    }

    /** The same for what several records share: it has our key and nothing else to be known by. */
    public Map<RecordKey, Identification> identify(Crm crm, ChildMapping shared, Collection<Unidentified> records) {
        Map<RecordKey, Identification> known = new HashMap<>();
        byExternalId(crm, shared.object(), shared.externalIdField(), shared.fieldNames(), records, known);
        claim(crm, shared.object(), shared.externalIdField(), without(known, records), known);
        return known;
    }

    /** Lets go of what the record claimed when it was to be created, since it was refused. */
    public void release(Crm crm, RecordKey key) {
        claims.release(crm.name(), key);
    }

    private void byExternalId(Crm crm, String object, Optional<String> externalIdField, Set<String> fieldNames,
            Collection<Unidentified> records, Map<RecordKey, Identification> known) {
        String field = externalIdField.orElse(null);
        Map<String, Unidentified> byKey = records.stream().filter(record -> record.externalId() != null)
                .collect(Collectors.toMap(Unidentified::externalId, record -> record, (one, other) -> one));
        if (field == null || byKey.isEmpty()) {
            return;
        }
        for (CrmRecord hit : lookup.by(crm, object, fieldNames, field, byKey.keySet())) {
            JsonNode value = hit.values().fields().get(field);
            Unidentified record = value == null ? null : byKey.get(value.asText());
            if (record != null) {
                known.put(record.key(), new Found(hit.id(), hit.values()));
            }
        }
    }

    private void byKeys(Crm crm, Mapping mapping, List<Unidentified> records, Map<RecordKey, Identification> known) {
        Map<MatchKey, CrmRecord> claimed = alreadyCreated(crm, mapping, records);
        int most = records.stream().mapToInt(record -> record.keys().size()).max().orElse(0);
        for (int place = 0; place < most; place++) {
            List<Unidentified> open = new ArrayList<>();
            for (Unidentified record : without(known, records)) {
                if (record.keys().size() > place) {
                    open.add(record);
                }
            }
            Map<String, List<CrmRecord>> hits = new HashMap<>();
            Map<String, List<String>> valuesByField = new LinkedHashMap<>();
            for (Unidentified record : open) {
                MatchKey key = record.keys().get(place);
                valuesByField.computeIfAbsent(key.field(), field -> new ArrayList<>()).add(key.value());
            }
            valuesByField.forEach((field, values) -> hits.put(field,
                    lookup.by(crm, mapping.object(), mapping.fieldNames(), field, values)));
            for (Unidentified record : open) {
                MatchKey key = record.keys().get(place);
                Map<String, CrmRecord> candidates = new TreeMap<>();
                for (CrmRecord hit : hits.get(key.field())) {
                    if (isHit(mapping, record, key, hit)) {
                        candidates.put(hit.id(), hit);
                    }
                }
                CrmRecord own = claimed.get(key);
                if (own != null && isHit(mapping, record, key, own)) {
                    candidates.put(own.id(), own);
                }
                judge(crm, record, key, candidates, known);
            }
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
    private Map<MatchKey, CrmRecord> alreadyCreated(Crm crm, Mapping mapping, List<Unidentified> records) {
        List<MatchKey> keys = records.stream().flatMap(record -> record.keys().stream()).distinct().toList();
        Map<MatchKey, Claim> holders = claims.holders(crm.name(), mapping.object(), keys);
        List<String> ids = holders.values().stream().map(Claim::crmId).filter(Objects::nonNull).distinct().toList();
        Map<String, CrmRecord> read = ids.isEmpty() ? Map.of() : lookup.read(crm, mapping, ids);
        Map<MatchKey, CrmRecord> created = new HashMap<>();
        holders.forEach((key, claim) -> {
            CrmRecord record = claim.crmId() == null ? null : read.get(claim.crmId());
            if (record != null) {
                created.put(key, record);
            }
        });
        return created;
    }

    private void claim(Crm crm, String object, Optional<String> externalIdField, List<Unidentified> unknown,
            Map<RecordKey, Identification> known) {
        List<Unidentified> records = crm.keepsKeysUnique() || externalIdField.isEmpty() ? unknown
                : unknown.stream().map(record -> record.alsoBy(externalIdField.get())).toList();
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
            known.put(record.key(), found);
        }
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
                .toLowerCase();
    }

    private static List<Unidentified> without(Map<RecordKey, Identification> known, Collection<Unidentified> records) {
        return records.stream().filter(record -> !known.containsKey(record.key())).toList();
    }
}
