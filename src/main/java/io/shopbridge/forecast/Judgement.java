package io.shopbridge.forecast;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.backfill.Judged;
import io.shopbridge.backfill.Judged.Outcome;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.CrmState;
import io.shopbridge.deliver.DryRun;
import io.shopbridge.deliver.Unusable;
import io.shopbridge.identify.Identification;
import io.shopbridge.identify.Identified;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.identify.Unidentified;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.MatchKey;
import io.shopbridge.map.RecordLink;
import io.shopbridge.map.Values;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.ForeseenRecords.Foreseen;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;

/** What one CRM would get of some records: mapped, looked up and merged by the code of every delivery. */
final class Judgement {

    /** Of one backfill, kind of record and CRM, so many records are looked up; of CRMs that are asked one by one, fewer. */
    private static final int LOOKED_UP = 1_000;
    private static final int LOOKED_UP_ONE_BY_ONE = 200;

    private final Crm crm;
    private final Foreseen foreseen;
    private final Links links;
    private final Identify identify;
    private final long expected;
    private final LocalDate cutoff;
    private final LocalDate presentCutoff;
    private final MappingContext context;
    private final Map<RecordKey, Judged> judged = new LinkedHashMap<>();

    /**
     * @param expected      how many records the backfill has
     * @param cutoff        orders made before this day, that the CRM does not have, are history; null: none
     * @param presentCutoff the same until the backfill: those that are history no longer are delivered, also unchanged
     */
    Judgement(Crm crm, Store store, Foreseen foreseen, Links links, Identify identify, long expected, LocalDate cutoff,
            LocalDate presentCutoff) {
        this.cutoff = cutoff;
        this.presentCutoff = presentCutoff;
        this.crm = crm;
        this.foreseen = foreseen;
        this.links = links;
        this.identify = identify;
        this.expected = expected;
        this.context = MappingContext.of(store.name(), Optional.of(store), crm.mappingSettings());
    }

    /**
     * All records that the CRM has a mapping for.
     *
     * @throws io.shopbridge.crm.CrmFailure where the CRM did not answer, or asked to wait
     */
    Collection<Judged> all() {
        for (Mapping mapping : crm.mappings()) {
            List<CanonicalRecord> some = foreseen.records().values().stream()
                    .filter(record -> record.key().entity().equals(mapping.entity())).toList();
            if (!some.isEmpty()) {
                judge(mapping, some);
            }
        }
        return judged.values();
    }

    private void judge(Mapping mapping, List<CanonicalRecord> records) {
        Set<RecordKey> wanted = new HashSet<>();
        records.forEach(record -> {
            wanted.add(record.key());
            mapping.links().forEach(link -> related(link, record).ifPresent(wanted::add));
        });
        Map<RecordKey, Link> stored = links.of(crm.name(), wanted);
        Map<RecordKey, Link> lines = new HashMap<>();
        links.children(crm.name(), records.stream().map(CanonicalRecord::key).toList())
                .forEach(link -> lines.put(link.key(), link));
        Map<Unidentified, CanonicalRecord> unlinked = new LinkedHashMap<>();
        for (CanonicalRecord record : records) {
            orRejected(record.key(), () -> {
                Link link = stored.get(record.key());
                if (ends(mapping, record, link)) {
                    return;
                }
                if (link == null) {
                    unlinked.put(unidentified(mapping, record), record);
                } else {
                    write(mapping, record, new CrmState(true, link.crmId(), null, link.base(),
                            related(mapping, record, stored), lines(record, lines), List.of()), null);
                }
            });
        }
        lookUp(mapping, unlinked, stored, lines);
    }

    /** Whether nothing is written of it, whatever the CRM has. */
    private boolean ends(Mapping mapping, CanonicalRecord record, Link link) {
        Outcome outcome = null;
        if (!record.complete() || record.mergedInto().isPresent()) {
            outcome = Outcome.WAITING;
        } else if (link == null && isMadeBefore(cutoff, record)
                || mapping.skip(record.json(), context).isPresent() || mapping.links().stream().anyMatch(relation ->
                relation.absent() == RecordLink.Absent.SKIP && relation.recordId(record.json()).isEmpty()
                        && crm.standIn(relation).isEmpty())) {
            outcome = Outcome.SKIPPED;
        } else if (!foreseen.changed().contains(record.key()) && !foreseen.buyers().contains(record.key())
                && (link != null || !isMadeBefore(presentCutoff, record))) {
            outcome = Outcome.UNCHANGED;
        }
        if (outcome != null) {
            judged.put(record.key(), Judged.ended(crm.name(), record.key(), outcome));
        }
        return outcome != null;
    }

    private boolean isMadeBefore(LocalDate day, CanonicalRecord record) {
        LocalDate made = foreseen.orderedOn().get(record.key());
        return day != null && made != null && made.isBefore(day);
    }

    private static Optional<RecordKey> related(RecordLink link, CanonicalRecord record) {
        try {
            return link.recordId(record.json()).map(id -> new RecordKey(record.key().store(), link.to(), id));
        } catch (RuntimeException e) {
            // The delivery rejects it for that.
            return Optional.empty();
        }
    }

    private Unidentified unidentified(Mapping mapping, CanonicalRecord record) {
        JsonNode json = record.json();
        Map<String, JsonNode> fields = mapping.map(json, context).fields();
        Map<String, JsonNode> name = new HashMap<>();
        mapping.nameFields().forEach(field -> name.put(field, fields.get(field)));
        return new Unidentified(record.key(), mapping.externalId(json, context).orElse(null),
                mapping.matchKeys(json, context), name, context.of(json));
    }

    private static Map<String, String> related(Mapping mapping, CanonicalRecord record, Map<RecordKey, Link> stored) {
        Map<String, String> related = new HashMap<>();
        mapping.links().forEach(link -> related(link, record).map(stored::get)
                .ifPresent(there -> related.put(link.name(), there.crmId())));
        return related;
    }

    private static Map<RecordKey, Link> lines(CanonicalRecord record, Map<RecordKey, Link> all) {
        Map<RecordKey, Link> lines = new HashMap<>(all);
        lines.values().removeIf(line -> !record.key().recordId().equals(line.parentId()));
        return lines;
    }

    private void write(Mapping mapping, CanonicalRecord record, CrmState state, Unidentified searched) {
        DryRun rehearsal = new DryRun(crm, mapping, record, context, state);
        if (!rehearsal.mapped().refusals().isEmpty()) {
            judged.put(record.key(), Judged.rejected(crm.name(), record.key(),
                    Reasons.withoutValues(rehearsal.mapped().refusals().get(0))));
            return;
        }
        boolean figures = foreseen.buyers().contains(record.key());
        Map<String, Double> calls = new HashMap<>(rehearsal.calls(crm.bulkAbove().isPresent()
                && expected > crm.bulkAbove().getAsInt()));
        Outcome outcome = !state.isThere() ? Outcome.CREATED
                : rehearsal.decision().write().isEmpty() && calls.isEmpty() && !figures ? Outcome.UNCHANGED
                : Outcome.UPDATED;
        if (searched != null) {
            identify.calls(crm, mapping, searched).forEach((limit, count) -> calls.merge(limit, count, Double::sum));
        } else if (crm.can(Operation.READ, mapping.object())) {
            calls.merge(crm.operations().limit(Operation.READ, mapping.object()).orElse(""),
                    1.0 / crm.operations().batch(Operation.READ, mapping.object()), Double::sum);
        }
        judged.put(record.key(), new Judged(crm.name(), record.key(), outcome, null, false, null,
                searched == null ? List.of() : hashes(searched), calls));
    }

    /** Asks the CRM for some of these; of the others it is only known that they are not linked. */
    private void lookUp(Mapping mapping, Map<Unidentified, CanonicalRecord> unlinked, Map<RecordKey, Link> stored,
            Map<RecordKey, Link> lines) {
        List<Unidentified> open = new ArrayList<>();
        unlinked.forEach((unidentified, record) -> orRejected(record.key(), () -> {
            write(mapping, record, new CrmState(false, null, null, Map.of(), related(mapping, record, stored),
                    lines(record, lines), List.of()), unidentified);
            boolean searched = unidentified.externalId() != null || !unidentified.keys().isEmpty();
            Judged without = judged.get(record.key());
            if (without.outcome() == Outcome.CREATED && searched) {
                if (isOneOfSome(mapping, record.key())) {
                    open.add(unidentified);
                } else {
                    judged.put(record.key(), new Judged(crm.name(), record.key(), Outcome.NOT_LOOKED_UP, null, false, null,
                            without.keys(), without.calls()));
                }
            }
        }));
        while (!open.isEmpty()) {
            Identified identified = identify.foresee(crm, mapping, open);
            if (identified.busy().isPresent() && identified.known().size() < open.size()) {
                throw identified.busy().get();
            }
            identified.known().forEach((key, what) -> open.stream().filter(one -> one.key().equals(key)).findFirst()
                    .ifPresent(one -> orRejected(key, () ->
                            found(mapping, one, unlinked.get(one), what, stored, lines))));
            if (!open.removeIf(one -> identified.known().containsKey(one.key()))) {
                return;
            }
        }
    }

    private void found(Mapping mapping, Unidentified record, CanonicalRecord canonical, Identification what,
            Map<RecordKey, Link> stored, Map<RecordKey, Link> lines) {
        String by = null;
        if (what instanceof Identification.Found hit) {
            write(mapping, canonical, CrmState.found(hit.crmId(), hit.present(), related(mapping, canonical, stored),
                    lines(canonical, lines)), record);
            by = foundBy(mapping, record, hit);
        }
        Judged now = judged.get(record.key());
        Outcome outcome = what instanceof Identification.Held ? Outcome.HELD : now.outcome();
        judged.put(record.key(), new Judged(crm.name(), record.key(), outcome, now.because(), true, by, now.keys(),
                outcome == Outcome.HELD ? identify.calls(crm, mapping, record) : now.calls()));
    }

    private static String foundBy(Mapping mapping, Unidentified record, Identification.Found hit) {
        Map<String, JsonNode> fields = hit.present() == null ? Map.of() : hit.present().fields();
        String own = mapping.externalIdField().orElse("");
        if (record.externalId() != null
                && record.externalId().equals(Values.text(fields.get(own)).orElse(null))) {
            return own;
        }
        return record.keys().stream().filter(key -> mapping.valuesOf(key, fields.get(key.field()), record.context())
                .contains(key.value())).map(MatchKey::field).findFirst().orElse(own.isEmpty() ? "a decision" : own);
    }

    private boolean isOneOfSome(Mapping mapping, RecordKey key) {
        Operation looks = crm.can(Operation.MATCH, mapping.object()) ? Operation.MATCH
                : crm.can(Operation.SEARCH, mapping.object()) ? Operation.SEARCH : Operation.FIND;
        boolean oneByOne = crm.can(looks, mapping.object()) && crm.operations().batch(looks, mapping.object()) == 1;
        long oneIn = Math.max(1, expected / (oneByOne ? LOOKED_UP_ONE_BY_ONE : LOOKED_UP));
        return Math.floorMod(ByteBuffer.wrap(DigestUtils.sha256(key.toString())).getLong(), oneIn) == 0;
    }

    private static List<String> hashes(Unidentified record) {
        return record.keys().stream().map(key -> DigestUtils.sha256Hex(key.field() + "\n" + key.value())).toList();
    }

    private void orRejected(RecordKey key, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            if (!Unusable.isBehind(fault)) {
                throw fault;
            }
            judged.put(key, Judged.rejected(crm.name(), key, Reasons.withoutValues(Unusable.sentence(fault))));
        }
    }
}
