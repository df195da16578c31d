package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.Values;
import io.shopbridge.work.BulkRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Creates, upserts or updates records of one object. Every element has its own result. */
record WriteChunk(Crm crm, String operation, String object, String keyField, List<DeliveryRecord> records)
        implements Chunk {

    private static final String CREATE = "create";
    private static final String GONE = "gone";
    private static final String BUSY = "busy";
    /** Taken on by a job, which is the result's id. */
    private static final String ACCEPTED = "accepted";
    private static final Duration BUSY_WAIT = Duration.ofSeconds(10);
    private static final int TRIES_TO_FIND_OUT = 5;

    @Override
    public CrmCall call() {
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        input.put("object", object);
        input.put("key_field", keyField);
        for (int i = 0; i < records.size(); i++) {
            DeliveryRecord record = records.get(i);
            if (operation.equals(CREATE)) {
                record.creating();
            }
            ObjectNode element = input.withArray("records").addObject();
            element.put("trace", Integer.toString(i));
            element.put("id", record.link() == null ? null : record.link().crmId());
            element.put("parent", record.parent() == null ? null : record.parent().link().crmId());
            element.put("key", record.externalId());
            // Tells a write that is repeated from one that only looks the same.
            element.put("attempt", record.item().markedAt() + " " + record.item().attempts());
            put(element, "present", record.present() == null ? null : record.present().fields());
            put(element, "before", record.link() == null ? null : record.link().base());
            ObjectNode fields = fields(record);
            element.set("fields", fields);
            String answer = record.answerOfJob(fields);
            if (answer != null) {
                element.set("answered", Values.parse(answer));
            }
        }
        return new CrmCall(crm.name(), operation, Map.of("object", object), input);
    }

    private static ObjectNode fields(DeliveryRecord record) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        record.write().forEach(fields::set);
        if (record.parentField() != null && record.link() == null) {
            fields.put(record.parentField(), record.parent().link().crmId());
        }
        return fields;
    }

    private static void put(ObjectNode element, String name, Map<String, JsonNode> values) {
        if (values == null) {
            element.putNull(name);
        } else {
            element.putObject(name).setAll(values);
        }
    }

    @Override
    public List<Chunk> halves() {
        return Chunk.halves(records).stream()
                .<Chunk>map(half -> new WriteChunk(crm, operation, object, keyField, half)).toList();
    }

    @Override
    public void applied(List<JsonNode> results, Written written) {
        Map<String, JsonNode> byTrace = new HashMap<>();
        Map<String, JsonNode> byId = new HashMap<>();
        for (JsonNode result : results) {
            if (result.hasNonNull("trace")) {
                byTrace.put(result.get("trace").asText(), result);
            }
            if (result.hasNonNull("id")) {
                byId.put(result.get("id").asText(), result);
            }
        }
        List<DeliveryRecord> linked = new ArrayList<>();
        Map<DeliveryRecord, CrmFailure> failed = new LinkedHashMap<>();
        Map<String, List<DeliveryRecord>> accepted = new LinkedHashMap<>();
        for (int i = 0; i < records.size(); i++) {
            DeliveryRecord record = records.get(i);
            JsonNode ofTrace = byTrace.get(Integer.toString(i));
            JsonNode result = ofTrace == null && record.link() != null ? byId.get(record.link().crmId()) : ofTrace;
            if (result != null && result.path("means").asText().equals(ACCEPTED)) {
                accepted.computeIfAbsent(result.path("id").asText(), job -> new ArrayList<>()).add(record);
            } else {
                Unusable.orRejected(record, () -> applied(record, result, linked, failed, written));
            }
        }
        written.linked(crm, linked);
        refused(failed, written);
        accepted.forEach((job, list) -> written.accepted(crm, operation, object, job, rows(list), list));
    }

    private void applied(DeliveryRecord record, JsonNode result, List<DeliveryRecord> linked,
            Map<DeliveryRecord, CrmFailure> failed, Written written) {
        if (result == null || !result.hasNonNull("means") && !result.hasNonNull("id") && record.link() == null) {
            unclear(record, crm.title() + " did not say what became of this record");
        } else if (result.path("means").asText().equals(BUSY)) {
            record.waits(result.path("because").asText(crm.title() + " is busy with this record"),
                    Instant.now().plus(BUSY_WAIT), null);
        } else if (result.hasNonNull("means")) {
            String because = result.path("because").asText(crm.title() + " gave no reason");
            String existing = result.hasNonNull("existing") ? result.get("existing").asText() : null;
            boolean gone = result.get("means").asText().equals(GONE);
            if (gone && existing != null && record.link() != null) {
                written.moved(crm, record, existing);
            } else {
                failed.put(record, gone ? new CrmGone(because) : new CrmRefused(because, existing, texts(result)));
            }
        } else {
            String id = result.hasNonNull("id") ? result.get("id").asText() : record.link().crmId();
            record.written(link(record, id));
            linked.add(record);
        }
    }

    /** What a job writes; the second row of one record of the CRM only waits for it. */
    private List<BulkRow> rows(List<DeliveryRecord> inJob) {
        Set<String> names = new HashSet<>();
        return inJob.stream().map(record -> {
            String name = record.link() == null ? record.externalId() : record.link().crmId();
            return new BulkRow(record.item().key(), record.key(), object, names.add(name) ? name : null,
                    fields(record).toString(), JsonNodeFactory.instance.objectNode().setAll(record.baseWithAssociations()).toString(), null, null);
        }).toList();
    }

    /** It may have been written or not: the next attempt finds out, and after some of them a person should look. */
    private void unclear(DeliveryRecord record, String because) {
        if (record.item().attempts() < TRIES_TO_FIND_OUT) {
            record.waits(because, Instant.now().plus(record.link() == null ? Identify.UNTIL_SEARCH_FINDS_IT
                    : Duration.ZERO), null);
        } else {
            record.end(Outcome.REJECTED, because + ", again and again. Look at it there, then replay");
        }
    }

    @Override
    public boolean mayBeRepeated() {
        return !operation.equals(CREATE);
    }

    @Override
    public void answeredUnreadably(CrmFailure failure) {
        records.forEach(record -> unclear(record, failure.getMessage()));
    }

    @Override
    public void refused(CrmFailure failure, Written written) {
        refused(Map.of(records.get(0), failure), written);
    }

    private void refused(Map<DeliveryRecord, CrmFailure> failed, Written written) {
        Map<DeliveryRecord, String> because = new LinkedHashMap<>();
        failed.forEach((record, failure) -> refused(record, failure, written, because));
        Map<DeliveryRecord, List<Target>> pointing = new LinkedHashMap<>();
        because.keySet().forEach(record -> pointing.put(record, Target.of(crm, record)));
        written.refused(crm, because, pointing);
        failed.forEach((record, failure) -> {
            if (failure instanceof CrmRefused refused && record.link() != null && !record.open()
                    && record.goesOnWithItsNo(refused.getFields())) {
                written.noRefused(crm, record);
            }
        });
    }

    private void refused(DeliveryRecord record, CrmFailure failure, Written written,
            Map<DeliveryRecord, String> because) {
        if (failure instanceof CrmGone && record.link() != null) {
            written.gone(crm, record);
        } else if (failure instanceof CrmGone && record.parent() != null) {
            written.gone(crm, record.parent());
        } else if (record.saysOnlyNo()) {
            record.noIsRefused("its unsubscription was refused: " + failure.getMessage());
        } else if (failure instanceof CrmRefused refused && refused.getExistingId() != null) {
            exists(record, refused, written);
        } else if (!(failure instanceof CrmRefused refused)
                || !record.goesWithout(refused.getFields(), failure.getMessage())) {
            because.put(record, failure.getMessage());
        }
    }

    /** Another record has a value of this one that must be unique: it is this one, or keeps the value. */
    private void exists(DeliveryRecord record, CrmRefused refused, Written written) {
        String existing = refused.getExistingId();
        if (record.link() == null && written.mayBe(crm, record, existing)) {
            written.exists(crm, record, new Link(record.key(), parentId(record), object, existing, Map.of()));
        } else {
            written.clashes(crm, object, keyField, record, refused);
        }
    }

    @Override
    public List<Chunk> without() {
        List<DeliveryRecord> rest = records.stream().filter(DeliveryRecord::goesOn).toList();
        return rest.isEmpty() ? List.of() : List.of(new WriteChunk(crm, operation, object, keyField, rest));
    }

    private static List<String> texts(JsonNode result) {
        List<String> fields = new ArrayList<>();
        if (result.path("fields").isArray()) {
            result.get("fields").forEach(field -> fields.add(field.asText()));
        }
        return fields;
    }

    private Link link(DeliveryRecord record, String id) {
        return new Link(record.key(), parentId(record), object, id, record.baseWithAssociations());
    }

    private static String parentId(DeliveryRecord record) {
        return record.parent() == null ? null : record.parent().key().recordId();
    }
}
