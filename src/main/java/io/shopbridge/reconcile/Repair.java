package io.shopbridge.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.deliver.Difference;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * Repairs differences: it corrects what is remembered of the CRM's record (links, and the values last written), and puts
 * the record into the backlog. A delivery then sees the difference by itself, and writes what it always would. What it
 * can't mend, two records of the CRM with one key, is {@link Doubles}'.
 */
@Component
class Repair {

    private final Links links;
    private final Identify identify;
    private final Work work;
    private final RepeatedRepairs repeated;

    Repair(Links links, Identify identify, Work work, RepeatedRepairs repeated) {
        this.repeated = repeated;
        this.links = links;
        this.identify = identify;
        this.work = work;
    }

    /**
     * Repairs what can be, within the caller's transaction. Records that changed since they were compared are left: a
     * delivery has seen, or will see, to them.
     *
     * @param most so many records at most
     */
    void repair(Crm crm, Findings findings, Set<Kind> kinds, long most, boolean dry) {
        Map<RecordKey, List<Difference>> chosen = new TreeMap<>();
        findings.byRecord().forEach((record, all) -> {
            List<Difference> some = all.stream().filter(difference -> kinds.contains(difference.kind()))
                    .filter(Repair::isMended).toList();
            if (!some.isEmpty() && chosen.size() < most) {
                chosen.put(record, some);
            }
        });
        if (chosen.isEmpty()) {
            return;
        }
        if (!dry) {
            chosen.keySet().removeAll(work.open(crm.name(), chosen.keySet()));
            Set<RecordKey> linked = new HashSet<>(chosen.keySet());
            chosen.values().forEach(all -> all.stream().map(Difference::link).filter(link -> link != null)
                    .forEach(link -> linked.add(link.key())));
            Map<RecordKey, Link> now = links.locked(crm.name(), linked);
            chosen.values().removeIf(all -> all.stream().anyMatch(difference -> isOutdated(difference, now)));
            repeated.count(crm.name(), chosen.values().stream().flatMap(List::stream).toList());
            chosen.values().forEach(all -> correct(crm, all));
            work.mark(crm.name(), chosen.keySet());
        }
        chosen.values().forEach(findings::repaired);
    }

    private static boolean isMended(Difference difference) {
        return difference.kind().isMended()
                && (difference.kind() != Kind.DOUBLED || difference.link() != null && !difference.isSecond());
    }

    private static boolean isOutdated(Difference difference, Map<RecordKey, Link> now) {
        if (difference.link() == null) {
            return difference.kind() == Kind.NEVER_DELIVERED && now.containsKey(difference.record());
        }
        boolean isNew = difference.repair() == Kind.SURPLUS_LINE && !now.containsKey(difference.link().key());
        return !isNew && !difference.link().equals(now.get(difference.link().key()));
    }

    private void correct(Crm crm, List<Difference> differences) {
        Map<RecordKey, Link> corrected = new LinkedHashMap<>();
        for (Difference difference : differences) {
            Link link = difference.link();
            switch (difference.repair()) {
                case MISSING -> identify.lost(crm, link);
                case MISSING_LINE, DOUBLED -> {
                    if (link != null) {
                        links.remove(crm.name(), link.key());
                    }
                }
                case MERGED -> corrected.put(link.key(), Identify.moved(link, difference.crmId()));
                case SURPLUS_LINE -> corrected.put(link.key(), link);
                default -> {
                    if (difference.entry() != null) {
                        corrected.put(link.key(), corrected(corrected.getOrDefault(link.key(), link), difference));
                    }
                }
            }
        }
        links.save(crm.name(), new ArrayList<>(corrected.values()));
    }

    private static Link corrected(Link link, Difference difference) {
        Map<String, JsonNode> base = new LinkedHashMap<>(link.base());
        if (difference.there() == null) {
            base.remove(difference.entry());
        } else {
            base.put(difference.entry(), difference.there());
        }
        return new Link(link.key(), link.parentId(), link.object(), link.crmId(), base);
    }
}
