package io.shopbridge.reconcile;

import io.shopbridge.audit.Audit;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Comparison;
import io.shopbridge.deliver.Difference;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.Mapping;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Merges records of the CRM that have the key of one of ours, but are not the linked one, into that. The CRM can't undo it,
 * so it is done before the step is stored, and each is in the audit, whatever becomes of the step.
 */
@Component
class Doubles {

    private static final Logger LOG = LoggerFactory.getLogger(Doubles.class);

    private final CrmClient client;
    private final CrmLookup lookup;
    private final Links links;
    private final Comparison comparison;
    private final Repair repair;
    private final Work work;
    private final Audit audit;

    Doubles(CrmClient client, CrmLookup lookup, Links links, Comparison comparison, Repair repair, Work work, Audit audit) {
        this.client = client;
        this.lookup = lookup;
        this.links = links;
        this.comparison = comparison;
        this.repair = repair;
        this.work = work;
        this.audit = audit;
    }

    /**
     * What was done; of a dry run, would be.
     *
     * @param records the second records of each record
     * @param left    what differs of these records now, such as lines that came with the other order
     * @param calls   how often the CRM was asked
     */
    record Merged(Map<RecordKey, List<Difference>> records, Findings left, int calls) {
    }

    /**
     * Merges what may be, one after the other, until the CRM asks to wait: the next run finds the others.
     *
     * @param most of so many records at most
     */
    Merged merge(Reconciliation run, Crm crm, Mapping mapping, Findings findings, long most) {
        Map<RecordKey, List<Difference>> chosen = new TreeMap<>();
        if (run.repairs().contains(Kind.DOUBLED) && crm.can(Operation.MERGE, mapping.object())) {
            findings.byRecord().forEach((record, all) -> {
                List<Difference> seconds = all.stream().filter(Difference::isSecond).toList();
                if (!seconds.isEmpty() && chosen.size() < most) {
                    chosen.put(record, seconds);
                }
            });
        }
        Findings left = new Findings(run.entity());
        return run.dry() || chosen.isEmpty() ? new Merged(chosen, left, 0) : merge(run, crm, mapping, chosen, left);
    }

    private Merged merge(Reconciliation run, Crm crm, Mapping mapping, Map<RecordKey, List<Difference>> chosen,
            Findings left) {
        chosen.keySet().removeAll(work.open(crm.name(), chosen.keySet()));
        Map<RecordKey, Link> now = links.of(crm.name(), chosen.keySet());
        Map<RecordKey, List<Difference>> merged = new TreeMap<>();
        int calls = 0;
        try {
            for (Difference second : chosen.values().stream().flatMap(List::stream).toList()) {
                if (second.link().equals(now.get(second.record()))) {
                    calls++;
                    if (merge(run, crm, mapping, second)) {
                        merged.computeIfAbsent(second.record(), key -> new ArrayList<>()).add(second);
                    }
                }
            }
            if (!merged.isEmpty()) {
                Comparison.Result result = comparison.compare(crm, mapping, merged.keySet().stream().map(now::get).toList());
                calls += result.calls();
                result.records().forEach(left::add);
            }
        } catch (CrmFailure e) {
            LOG.warn("{} merges no more records that were made twice for now, because {} does not answer ({}). The next"
                    + " reconciliation goes on.", run, crm.title(), e.getClass().getSimpleName());
            LOG.debug("The fault", e);
        }
        return new Merged(merged, left, calls);
    }

    /** @return false: it was not merged, and the next one may be */
    private boolean merge(Reconciliation run, Crm crm, Mapping mapping, Difference second) {
        String into = second.link().crmId();
        try {
            client.call(CrmCall.merge(crm, mapping.object(), second.crmId(), into));
        } catch (CrmRefused e) {
            LOG.warn("{} refuses to merge {} {} into {}. Try it there.", crm.title(), mapping.object(), second.crmId(),
                    into);
            LOG.debug("The refusal", e);
            return false;
        } catch (CrmFailure e) {
            // A merge whose answer was lost is a merge, and the one is gone when it is asked for again.
            boolean isMerged = !CrmBusy.asksToWait(e) && isMerged(crm, mapping, second);
            if (!isMerged && e instanceof CrmGone) {
                return false;
            } else if (!isMerged) {
                throw e;
            }
        }
        audit.did("merged", mapping.object() + " " + second.crmId() + " into " + into + ", for " + second.record().store()
                + "/" + second.record() + ", by " + run);
        return true;
    }

    private boolean isMerged(Crm crm, Mapping mapping, Difference second) {
        String into = second.link().crmId();
        Map<String, CrmRecord> there = lookup.read(crm, mapping, List.of(into, second.crmId()));
        CrmRecord other = there.get(second.crmId());
        return there.containsKey(into) && (other == null || other.id().equals(into));
    }

    /** Notes it, within the caller's transaction, and has the records delivered. */
    void note(Reconciliation run, Crm crm, Findings findings, Merged merged) {
        if (run.dry()) {
            merged.records().values().forEach(findings::repaired);
        } else if (!merged.records().isEmpty()) {
            merged.records().values().forEach(findings::merged);
            Set<Kind> kinds = EnumSet.of(Kind.SURPLUS_LINE);
            kinds.addAll(run.repairs());
            repair.repair(crm, merged.left(), kinds, Long.MAX_VALUE, false);
            work.mark(crm.name(), merged.records().keySet());
        }
    }
}
