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

/**
 * The steps of the routes in {@code write.camel.yaml}: which calls to make, and what an answer means for each record.
 */
@Component("writing")
public class Writing {

    private static final int FAULTS_THAT_TELL = 2;
    /** With fewer records, each is tried alone to find the one that makes the server fail. */
    private static final int FEW = 16;

    private final Written written;
    private final AssociationTypes types;
    private final Waits waits;

    Writing(Written written, AssociationTypes types, Waits waits) {
        this.written = written;
        this.types = types;
        this.waits = waits;
    }

    /** The calls that write unsubscriptions. */
    public List<Chunk> unsubscriptions(@Body Delivery delivery) {
        return delivery.unsubscriptions().stream().<Chunk>map(ConsentChunk::write).toList();
    }

    /** Prepares the calls of this kind. */
    public void prepare(@Body Kind kind, @Variable(Delivery.VARIABLE) Delivery delivery) {
        Preparation.of(kind, delivery);
    }

    /** The calls of this kind that are still to be made: a repeated write computes them again. */
    public List<Chunk> calls(@Body Kind kind, @Variable(Delivery.VARIABLE) Delivery delivery) {
        return Calls.of(kind, delivery);
    }

    /** The call for the chunk, which begins now. */
    public CrmCall call(@Body Chunk chunk) {
        chunk.begins();
        return chunk instanceof AssociateChunk labelled && labelled.label() != null
                ? labelled.call(types.of(labelled)) : chunk.call();
    }

    /** Applies the CRM's answer; returns the records to write again, without refused values. */
    public List<Chunk> applied(@Body List<JsonNode> results, @Variable("chunk") Chunk chunk) {
        chunk.applied(results, written);
        return chunk.without();
    }

    /**
     * The call failed. If one of its records is the cause, returns the halves to try, none for a single record: the CRM
     * refused the call, it can't be made, its answer can't be stored, or the CRM fails for it a second time.
     *
     * @param answered whether the CRM did answer, so that the failure is in its answer
     * @throws Exception the failure, if no record is the cause: the CRM is busy, or the database is down
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
            } else if (failure instanceof CrmRefused refused && chunk.goesWithoutCommonFaults(refused)) {
                parts = chunk.without();
            }
        } else {
            throw failure;
        }
        return parts;
    }

    /** A call that can't be made was not sent; after any other failure of ours, that is unknown. */
    private static boolean mayBeDone(Exception failure, boolean answered) {
        return failure instanceof CrmRefused refused ? refused.isDone()
                : !answered && Unusable.isBehind(failure) && !(failure instanceof ExpressionFailed);
    }

    /** A first failure may pass; a second one of the same call may be caused by one record, if there are others. */
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
