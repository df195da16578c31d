package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.BulkJobs;
import io.shopbridge.work.BulkRow;
import io.shopbridge.work.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Stores the result of a call at once, before the next call (checkpoint): after a crash, nothing is created twice. */
@Component
class Written {

    private static final Logger LOG = LoggerFactory.getLogger(Written.class);
    /** After so many attempts that each found the record changed in the CRM, it is rejected for a person. */
    private static final int TRIES_TO_CATCH_UP = 10;
    /** Records wait for the end of their job; this is only the time shown until then. */
    private static final Duration LONGEST_JOB = Duration.ofHours(1);

    private final Links links;
    private final Work work;
    private final Identify identify;
    private final MissingTargets lostTargets;
    private final EarlyConsents earlyConsents;
    private final Clashes clashes;
    private final BulkJobs jobs;
    private final ReleasedValues released;

    Written(Links links, Work work, Identify identify, MissingTargets lostTargets, EarlyConsents earlyConsents,
            Clashes clashes, BulkJobs jobs, ReleasedValues released) {
        this.released = released;
        this.jobs = jobs;
        this.earlyConsents = earlyConsents;
        this.clashes = clashes;
        this.links = links;
        this.work = work;
        this.identify = identify;
        this.lostTargets = lostTargets;
    }

    /** These records were written: records that wait for them are due. */
    void linked(Crm crm, List<DeliveryRecord> records) {
        List<DeliveryRecord> own = records.stream().filter(record -> record.parent() == null).toList();
        // Before, so that a crash loses nothing; and after, for a clash that comes just between.
        released.by(crm, own);
        remembered(crm, records);
        released.by(crm, own);
        List<RecordKey> ownRecords = own.stream().map(DeliveryRecord::key).toList();
        if (!ownRecords.isEmpty()) {
            work.linked(crm.name(), ownRecords);
            earlyConsents.forget(crm, ownRecords);
        }
    }

    /** A bulk job writes these. It is started as soon as this is committed. */
    void accepted(Crm crm, Operation operation, String object, String job, List<BulkRow> rows,
            List<DeliveryRecord> records) {
        jobs.begin(crm.name(), object, operation.toString(), job, rows);
        records.forEach(record -> record.waits(crm.title() + " writes it with others, in bulk job " + job
                + "; it waits until that job has ended", Instant.now().plus(LONGEST_JOB), null));
    }

    void remembered(Crm crm, List<DeliveryRecord> records) {
        try {
            links.save(crm.name(), records.stream().map(DeliveryRecord::link).toList());
        } catch (RuntimeException fault) {
            if (!Unusable.isBehind(fault)) {
                throw fault;
            }
            // The calls were made, so their results must be stored as far as possible.
            records.forEach(record -> Unusable.orRejected(record,
                    () -> links.save(crm.name(), List.of(record.link()))));
        }
    }

    /** A consent that was written for a person without a link yet. */
    void writtenEarly(Crm crm, DeliveryRecord record, String change) {
        earlyConsents.keep(crm, record.key(), change);
    }

    void removed(Crm crm, RecordKey key) {
        links.remove(crm.name(), key);
    }

    /** The CRM has the record already, under this id: the next attempt merges into it. */
    void exists(Crm crm, DeliveryRecord record, Link link) {
        links.save(crm.name(), List.of(link));
        again(record, crm.title() + " already has it, as " + link.crmId());
    }

    /** Whether the record may be this CRM record, by the links of others and the decisions of people. */
    boolean mayBe(Crm crm, DeliveryRecord record, String crmId) {
        return record.parent() != null || crm.mapping(record.key().entity()).map(mapping ->
                identify.mayBe(crm, mapping, record.key(), record.externalId(), crmId)).orElse(true);
    }

    /**
     * Another record of the CRM has a value of this one, which the CRM keeps unique. It is delivered without
     * that value, until the other lets go of it; or else a person decides which of the two keeps it.
     */
    void clashes(Crm crm, String object, String keyField, DeliveryRecord record, CrmRefused refused) {
        String existing = refused.getExistingId();
        // A part of a record is written whole or not at all.
        Map<String, JsonNode> unique = record.key().equals(record.item().key())
                ? unique(crm, object, keyField, record, refused) : Map.of();
        if (unique.isEmpty()) {
            release(crm, record);
            held(record, crm.title() + " has record " + existing + " with a value that must be unique, so it can't be"
                    + " written to " + (record.link() == null ? "a new record" : record.link().crmId())
                    + ". If the two are the same, merge them there, then replay");
        }
        unique.forEach((field, value) -> {
            clashes.keep(crm, record.key(), field, value, existing);
            record.clashes(field, existing, clashes.isOfAnotherStore(crm, object, record.key(), existing));
            if (clashes.isCircle(crm, object, record, field, existing)) {
                released.tryAgain(crm, record.key());
            } else {
                released.meanwhile(crm, object, record.key(), field, Clashes.clash(existing, value));
            }
        });
    }

    /** The fields that the CRM names, else those that crm.yaml lists as unique; none if our key is among them. */
    private static Map<String, JsonNode> unique(Crm crm, String object, String keyField, DeliveryRecord record,
            CrmRefused refused) {
        Map<String, JsonNode> sent = new LinkedHashMap<>(record.write());
        sent.values().removeIf(Values::isEmpty);
        Map<String, JsonNode> named = new LinkedHashMap<>(sent);
        named.keySet().removeIf(field -> !refused.getFields().contains(field)
                && !Pattern.compile("\\b" + Pattern.quote(field) + "\\b").matcher(refused.getMessage()).find());
        if (named.containsKey(keyField)) {
            return Map.of();
        }
        sent.keySet().removeIf(field -> field.equals(keyField) || !crm.unique(object, field));
        return named.isEmpty() ? sent : named;
    }

    /** The CRM's record was deleted or merged: the next attempt identifies it again. */
    void gone(Crm crm, DeliveryRecord record) {
        identify.lost(crm, record.link());
        released.byGone(crm, record.key().entity(), record.link().crmId());
        again(record, crm.title() + " no longer has record " + record.link().crmId());
    }

    /** The CRM's record was merged into this one: the next attempt continues there. */
    void moved(Crm crm, DeliveryRecord record, String crmId) {
        links.save(crm.name(), List.of(Identify.moved(record.link(), crmId)));
        released.byGone(crm, record.key().entity(), record.link().crmId());
        again(record, crm.title() + " has merged " + record.link().crmId() + " into " + crmId);
    }

    /**
     * The CRM refused these, each for its own reason. If the reason is a related record that no longer exists, the
     * record
     * is retried as soon as that one has been found or created again.
     */
    void refused(Crm crm, Map<DeliveryRecord, String> because, Map<DeliveryRecord, List<Target>> pointing) {
        Map<DeliveryRecord, Target> lost = lostTargets.forget(crm, pointing);
        because.forEach((record, reason) -> {
            Target target = lost.get(record);
            if (target == null) {
                rejected(crm, record, reason);
            } else {
                release(crm, record);
                again(record, crm.title() + " no longer has its " + target.name() + " (" + target.object() + " "
                        + target.crmId() + ")");
            }
        });
    }

    void rejected(Crm crm, DeliveryRecord record, String because) {
        release(crm, record);
        record.end(Outcome.REJECTED, because);
    }

    /** It was not created, so no other record needs to wait for it. */
    private void release(Crm crm, DeliveryRecord record) {
        if (record.link() == null && record.parent() == null) {
            identify.release(crm, record.key());
        }
    }

    /** The CRM refuses an unsubscription. Its message may quote the address, so only the ledger has it. */
    void noRefused(Crm crm, DeliveryRecord record) {
        LOG.error("{} refused an unsubscription, of {} of store {}. Unsubscribe it there by hand; the reason is under"
                + " /api/v1/rejected.", crm.title(), record.key(), record.key().store());
    }

    void held(DeliveryRecord record, String because) {
        record.end(Outcome.HELD, because);
    }

    private void again(DeliveryRecord record, String because) {
        if (record.item().attempts() < TRIES_TO_CATCH_UP) {
            record.waits(because, Instant.now(), null);
        } else {
            record.end(Outcome.REJECTED, because + ", again at each attempt. Check the record there, then replay");
        }
    }
}
