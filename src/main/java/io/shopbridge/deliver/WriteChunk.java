package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.crm.CrmWrite;
import io.shopbridge.crm.Meaning;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.Values;
import io.shopbridge.work.BulkRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Creates, upserts or updates records of one object. Every element has its own result. */
record WriteChunk(Crm crm, Operation operation, String object, String keyField, List<DeliveryRecord> records)
        implements Chunk {

    private static final Duration BUSY_WAIT = Duration.ofSeconds(10);
    private static final int TRIES_TO_FIND_OUT = 5;
    /** Fewer records whose values are all refused are tried alone, so that each has the CRM's own words. */
    private static final int MANY = 8;

    @Override
    public void begins() {
        if (operation == Operation.CREATE) {
            records.forEach(DeliveryRecord::creating);
        }
    }

    @Override
    public CrmCall call() {
        CrmCall call =
                CrmCall.write(crm, operation, object, keyField, records.stream().map(WriteChunk::write).toList());
        List<ObjectNode> elements = call.records();
        for (int i = 0; i < records.size(); i++) {
            String answer = records.get(i).answerOfJob(elements.get(i).get("fields"));
            if (answer != null) {
                elements.get(i).set("answered", Values.parse(answer));
            }
        }
        return call;
    }

    private static CrmWrite write(DeliveryRecord record) {
        Link link = record.link();
        return new CrmWrite(link == null ? null : link.crmId(), parent(record), record.externalId(),
                record.item().markedAt() + " " + record.item().attempts(),
                record.present() == null ? null : record.present().fields(), link == null ? null : link.base(),
                fields(record));
    }

    private static String parent(DeliveryRecord record) {
        return record.parent() == null ? null : record.parent().link().crmId();
    }

    private static Map<String, JsonNode> fields(DeliveryRecord record) {
        Map<String, JsonNode> fields = new LinkedHashMap<>(record.write());
        if (record.parentField() != null && record.link() == null) {
            fields.put(record.parentField(), TextNode.valueOf(parent(record)));
        }
        return fields;
    }

    @Override
    public List<Chunk> halves() {
        return Chunk.halves(records).stream()
                .<Chunk>map(half -> new WriteChunk(crm, operation, object, keyField, half)).toList();
    }

    @Override
    public void applied(List<JsonNode> results, Written written) {
        Map<String, CrmResult> byTrace = new HashMap<>();
        Map<String, CrmResult> byId = new HashMap<>();
        results.stream().map(CrmResult::of).forEach(result -> {
            byTrace.put(result.trace(), result);
            byId.put(result.id(), result);
        });
        List<DeliveryRecord> linked = new ArrayList<>();
        Map<DeliveryRecord, CrmFailure> failed = new LinkedHashMap<>();
        Map<String, List<DeliveryRecord>> accepted = new LinkedHashMap<>();
        for (int i = 0; i < records.size(); i++) {
            DeliveryRecord record = records.get(i);
            CrmResult ofTrace = byTrace.get(Integer.toString(i));
            CrmResult result = ofTrace == null && record.link() != null ? byId.get(record.link().crmId()) : ofTrace;
            if (result != null && result.job() != null) {
                accepted.computeIfAbsent(result.job(), job -> new ArrayList<>()).add(record);
            } else {
                Unusable.orRejected(record, () -> applied(record, result, linked, failed, written));
            }
        }
        written.linked(crm, linked);
        refused(failed, written);
        accepted.forEach((job, list) -> written.accepted(crm, operation, object, job, rows(list), list));
    }

    private void applied(DeliveryRecord record, CrmResult result, List<DeliveryRecord> linked,
            Map<DeliveryRecord, CrmFailure> failed, Written written) {
        if (result == null || result.means() == null && result.id() == null && record.link() == null) {
            unclear(record, crm.title() + " did not say what became of this record");
        } else if (result.means() == Meaning.BUSY) {
            record.waits(result.because() == null ? crm.title() + " is busy with this record" : result.because(),
                    Instant.now().plus(BUSY_WAIT), null);
        } else if (result.means() != null) {
            boolean gone = result.means() == Meaning.GONE;
            if (gone && result.existing() != null && record.link() != null) {
                written.moved(crm, record, result.existing());
            } else {
                failed.put(record, gone ? new CrmGone(result.because(crm))
                        : new CrmRefused(result.because(crm), result.existing(), result.fields()));
            }
        } else {
            String id = result.id() == null ? record.link().crmId() : result.id();
            made(record, id);
            linked.add(record);
        }
    }

    /** What a job writes; the second row of one record of the CRM only waits for it. */
    private List<BulkRow> rows(List<DeliveryRecord> inJob) {
        Set<String> names = new HashSet<>();
        return inJob.stream().map(record -> {
            String name = record.link() == null ? record.externalId() : record.link().crmId();
            return new BulkRow(record.item().key(), record.key(), object, names.add(name) ? name : null,
                    json(fields(record)), json(record.baseWithAssociations()), null, null);
        }).toList();
    }

    private static String json(Map<String, JsonNode> fields) {
        return JsonNodeFactory.instance.objectNode().setAll(fields).toString();
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
        return operation != Operation.CREATE;
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

    /**
     * In halves, a property of the wrong type would cost 300 calls for 100 records. HubSpot lists every bad value of a
     * call, without its record: if there are as many as records with a value, none of them is good. Its words are not
     * quoted, because they have the values of all these records.
     */
    @Override
    public boolean goesWithoutCommonFaults(CrmRefused refused) {
        boolean helps = false;
        for (String field : new LinkedHashSet<>(refused.getFields())) {
            List<DeliveryRecord> having = records.stream().filter(record -> record.writes(field)).toList();
            if (having.size() >= MANY && Collections.frequency(refused.getFields(), field) == having.size()) {
                for (DeliveryRecord record : having) {
                    helps |= record.goesWithout(List.of(field), crm.title() + " refused it of all " + having.size()
                            + " records of a call. Run doctor, which compares the field there with the mapping");
                }
            }
        }
        if (helps) {
            records.forEach(DeliveryRecord::writeAgain);
        }
        return helps;
    }

    /** The record is this one of the CRM, as it was to be written. */
    void made(DeliveryRecord record, String id) {
        record.written(new Link(record.key(), parentId(record), object, id, record.baseWithAssociations()));
    }

    private static String parentId(DeliveryRecord record) {
        return record.parent() == null ? null : record.parent().key().recordId();
    }
}
