package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.map.ExpressionFailed;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Variable;
import org.springframework.stereotype.Component;

/** The steps of the routes in {@code write.camel.yaml}: what is to be called, and what an answer means for each record. */
@Component("writing")
public class Writing {

    private static final int FAULTS_THAT_TELL = 2;
    /** Of fewer records, the one that makes a server fail is sooner found by trying each. */
    private static final int FEW = 16;

    private final Written written;
    private final AssociationTypes types;
    private final Waits waits;

    Writing(Written written, AssociationTypes types, Waits waits) {
        this.written = written;
        this.types = types;
        this.waits = waits;
    }

    /** The calls that tell the CRM who unsubscribed. */
    public List<Chunk> unsubscriptions(@Body Delivery delivery) {
        return delivery.unsubscriptions().stream().<Chunk>map(ConsentChunk::write).toList();
    }

    /** Sees to what must be so before this kind is called. */
    public void prepare(@Body Kind kind, @Variable(Delivery.VARIABLE) Delivery delivery) {
        Preparation.of(kind, delivery);
    }

    /** The calls of this kind that are still to be made: a write that is repeated asks anew. */
    public List<Chunk> calls(@Body Kind kind, @Variable(Delivery.VARIABLE) Delivery delivery) {
        return Calls.of(kind, delivery);
    }

    /** The call that does what the chunk says, which is made now. */
    public CrmCall call(@Body Chunk chunk) {
        chunk.begins();
        return chunk instanceof AssociateChunk labelled && labelled.label() != null
                ? labelled.call(types.of(labelled)) : chunk.call();
    }

    /** Takes in the CRM's answer; returns what is to be written once more, without refused values. */
    public List<Chunk> applied(@Body List<JsonNode> results, @Variable("chunk") Chunk chunk) {
        chunk.applied(results, written);
        return chunk.without();
    }

    /**
     * The call failed. Where that is for one of its records, returns the parts to try apart, none of a single record: the
     * CRM refused the call, it can't be made, its answer can't be kept, or the CRM fails on it once more.
     *
     * @param answered whether the CRM did answer, and the failure lies in what it said
     * @throws Exception what failed, where it is for no record: the CRM is busy, the database away
     */
    public List<Chunk> failed(@Variable("chunk") Chunk chunk, @Variable("answered") boolean answered,
            @Variable(Delivery.VARIABLE) Delivery delivery, @ExchangeProperty(Failures.CAUGHT) Exception failure)
            throws Exception {
        List<Chunk> halves = chunk.halves();
        List<Chunk> parts = halves;
        if (failure instanceof CrmBusy busy && failsAgain(delivery, chunk, busy)) {
            parts = chunk.records().size() > FEW ? halves : each(halves);
            if (parts.isEmpty()) {
                chunk.records().forEach(record -> record.failsThere(busy.getMessage(),
                        waits.again(record.item().attempts())));
            }
        } else if (!chunk.mayBeRepeated() && mayBeDone(failure, answered)) {
            chunk.answeredUnreadably(new CrmRefused(Unusable.sentence(failure), null));
            parts = List.of();
        } else if (failure instanceof CrmRefused || failure instanceof CrmGone
                || Unusable.isBehind(failure) && (!answered || parts.isEmpty())) {
            if (parts.isEmpty()) {
                chunk.refused(failure instanceof CrmFailure ofCrm ? ofCrm
                        : new CrmRefused(Unusable.sentence(failure), null), written);
                parts = chunk.without();
            }
        } else {
            throw failure;
        }
        return parts;
    }

    /** A call that can't be made was not sent; of any other fault of ours nobody knows. */
    private static boolean mayBeDone(Exception failure, boolean answered) {
        return failure instanceof CrmRefused refused ? refused.isDone()
                : !answered && Unusable.isBehind(failure) && !(failure instanceof ExpressionFailed);
    }

    /** A first fault may heal by itself; a second of the same call may be for one record, if there are others. */
    private static boolean failsAgain(Delivery delivery, Chunk chunk, CrmBusy busy) {
        if (!busy.isServerFault() || !chunk.mayBeRepeated()) {
            return false;
        }
        chunk.records().forEach(DeliveryRecord::serverFault);
        return delivery.records().size() > 1
                && chunk.records().stream().allMatch(record -> record.serverFaults() >= FAULTS_THAT_TELL);
    }

    private static List<Chunk> each(List<Chunk> chunks) {
        return chunks.stream().flatMap(chunk -> {
            List<Chunk> halves = chunk.halves();
            return halves.isEmpty() ? Stream.of(chunk) : each(halves).stream();
        }).toList();
    }
}
