package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.CrmFailure;
import java.util.List;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** The steps of route {@code write-chunk}: one call, and what its answer means for each record. */
@Component("writing")
public class Writing {

    private static final String CHUNK = "chunk";

    private final Written written;
    private final AssociationTypes types;

    Writing(Written written, AssociationTypes types) {
        this.written = written;
        this.types = types;
    }

    /** Replaces the chunk that is the body by its call. */
    public void call(Exchange exchange) {
        Chunk chunk = exchange.getMessage().getBody(Chunk.class);
        exchange.setVariable(CHUNK, chunk);
        exchange.getMessage().setBody(chunk instanceof AssociateChunk labelled && labelled.label() != null
                ? labelled.call(types.of(labelled)) : chunk.call());
    }

    /** Takes in the CRM's answer. */
    @SuppressWarnings("unchecked")
    public void applied(Exchange exchange) {
        List<JsonNode> results = exchange.getMessage().getBody(List.class);
        exchange.getVariable(CHUNK, Chunk.class).applied(results, written);
    }

    /** The CRM refused the call: the body becomes the halves to try apart, none of a single record. */
    public void refused(Exchange exchange) {
        Chunk chunk = exchange.getVariable(CHUNK, Chunk.class);
        CrmFailure failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, CrmFailure.class);
        List<Chunk> halves = chunk.halves();
        if (halves.isEmpty()) {
            chunk.refused(failure, written);
        }
        exchange.getMessage().setBody(halves);
    }
}
