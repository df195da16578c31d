package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.BulkJobs;
import io.shopbridge.work.BulkRow;
import io.shopbridge.work.Work;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes over the results of bulk jobs, with the next delivery of their records, like the answer of a call. */
@Component
class JobResults {

    private final BulkJobs jobs;
    private final Links links;
    private final Work work;
    private final EarlyConsents earlyConsents;
    private final TransactionTemplate transaction;

    JobResults(BulkJobs jobs, Links links, Work work, EarlyConsents earlyConsents, TransactionTemplate transaction) {
        this.jobs = jobs;
        this.links = links;
        this.work = work;
        this.earlyConsents = earlyConsents;
        this.transaction = transaction;
    }

    /** Links what jobs wrote of these records; what they refused is known when it is to be sent once more. */
    void take(Crm crm, List<DeliveryRecord> records) {
        Map<RecordKey, DeliveryRecord> byKey =
                records.stream().collect(Collectors.toMap(DeliveryRecord::key, Function.identity()));
        transaction.executeWithoutResult(status -> {
            List<Link> written = new ArrayList<>();
            for (BulkRow row : jobs.take(crm.name(), byKey.keySet())) {
                if (row.crmId() == null) {
                    byKey.get(row.of()).leftByJob(row);
                } else {
                    byKey.get(row.of()).writtenByJob(row.part(), fields(row.sent()).keySet());
                    written.add(link(row));
                }
            }
            if (!written.isEmpty()) {
                Set<RecordKey> own = written.stream().map(Link::key).filter(byKey::containsKey)
                        .collect(Collectors.toSet());
                links.save(crm.name(), written);
                work.linked(crm.name(), own);
                earlyConsents.forget(crm, List.copyOf(own));
            }
        });
    }

    private static Link link(BulkRow row) {
        String parentId = row.part().equals(row.of()) ? null : row.of().recordId();
        return new Link(row.part(), parentId, row.object(), row.crmId(), fields(row.base()));
    }

    private static Map<String, JsonNode> fields(String json) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        Values.parse(json).properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
    }
}
