package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.identify.Link;
import io.shopbridge.mirror.CustomerFigures;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * People who are several customers: of several stores, or guests as well. The first linked record leads, and says what
 * the CRM has of the person; it is delivered again when another of them changes, since its figures count all together.
 */
@Component
class Persons {

    /** The base entry that tells whether the figures of a record are what they were; a hash. */
    static final String FIGURES = DeliveryRecord.ASSOCIATION + "figures";

    private final CustomerFigures figures;
    private final Work work;
    private final Doorbell doorbell;
    private final TransactionTemplate transaction;

    Persons(CustomerFigures figures, Work work, Doorbell doorbell, TransactionTemplate transaction) {
        this.figures = figures;
        this.work = work;
        this.doorbell = doorbell;
        this.transaction = transaction;
    }

    /** Whether another record of the person leads. */
    static boolean follows(DeliveryRecord record, List<Link> person) {
        return !person.isEmpty() && !person.get(0).key().equals(record.key());
    }

    /**
     * Puts the figures of the whole person into each record that is one with others.
     *
     * @param persons all links to the CRM's records, by their ids; the leading one first
     */
    void figures(Collection<DeliveryRecord> records, Map<String, List<Link>> persons) {
        Map<RecordKey, List<RecordKey>> all = new HashMap<>();
        Map<RecordKey, ObjectNode> whose = new HashMap<>();
        for (DeliveryRecord record : records) {
            List<Link> person = person(record, persons);
            if (person.size() > 1 && record.json() instanceof ObjectNode json) {
                all.put(record.key(), person.stream().map(Link::key).toList());
                whose.put(record.key(), json);
            }
        }
        if (!all.isEmpty()) {
            figures.metrics(all, Instant.now()).forEach((key, metrics) -> whose.get(key).set("metrics", metrics));
        }
    }

    /** Where a record that follows has other figures than before, who leads says so. */
    void tellWhoLeads(Crm crm, Collection<DeliveryRecord> records, Map<String, List<Link>> persons) {
        Map<String, Map<RecordKey, Mark>> byStore = new TreeMap<>();
        for (DeliveryRecord record : records) {
            List<Link> person = person(record, persons);
            if (record.open() && record.decided() && follows(record, person) && hasOtherFigures(record)) {
                RecordKey leading = person.get(0).key();
                byStore.computeIfAbsent(leading.store(), store -> new TreeMap<>())
                        .put(leading, new Mark(leading, null, null));
            }
        }
        byStore.values().forEach(marks ->
                transaction.executeWithoutResult(status -> work.mark(marks.values(), List.of(crm.name()))));
        if (!byStore.isEmpty()) {
            doorbell.ring(Work.bell(crm.name(), RecordKey.CUSTOMER));
        }
    }

    private static boolean hasOtherFigures(DeliveryRecord record) {
        if (!(record.json().get("metrics") instanceof ObjectNode metrics)) {
            return false;
        }
        ObjectNode own = metrics.deepCopy();
        own.remove(List.of("together", "stores", "days_since_last_order"));
        String now = DigestUtils.sha256Hex(own.toString());
        record.figures(now);
        JsonNode before = record.link().base().get(FIGURES);
        return before == null ? own.path("orders_count").asLong() > 0 : !before.asText().equals(now);
    }

    private static List<Link> person(DeliveryRecord record, Map<String, List<Link>> persons) {
        return record.link() == null ? List.of() : persons.getOrDefault(record.link().crmId(), List.of());
    }
}
