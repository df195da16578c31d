package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.ExpressionFailed;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a CRM can do, and how: {@code operations} and {@code objects} of its crm.yaml. */
public final class CrmOperations {

    private final String file;
    private final Map<Operation, Endpoint> common;
    private final Map<String, Map<Operation, Endpoint>> byObject;

    /**
     * @param file     the crm.yaml, as messages name it
     * @param byObject by object, the operations that it has instead of the common ones
     */
    CrmOperations(String file, Map<Operation, Endpoint> common, Map<String, Map<Operation, Endpoint>> byObject) {
        this.file = file;
        this.common = common;
        this.byObject = byObject;
    }

    /** Whether it can do this with records of this object. */
    public boolean can(Operation operation, String object) {
        return find(operation, object) != null;
    }

    /** Whether it can do this with objects that have no operation of their own. */
    boolean can(Operation operation) {
        return common.containsKey(operation);
    }

    /** Whether it can do this with any records. */
    boolean canAnywhere(Operation operation) {
        return can(operation) || byObject.values().stream().anyMatch(own -> own.containsKey(operation));
    }

    /**
     * How a record is written.
     *
     * @param isThere whether the CRM has it
     * @param key     ours; null where it has none
     */
    public Operation writes(boolean isThere, String key) {
        return isThere ? Operation.UPDATE : key != null && can(Operation.UPSERT) ? Operation.UPSERT : Operation.CREATE;
    }

    /** How many records one call of this operation may carry. */
    public int batch(Operation operation, String object) {
        return of(operation, object).batch();
    }

    /** How many records of an object are read or written together at least: as many as the larger call carries. */
    int together(String object) {
        // What can only be written one by one is still read together.
        return Math.max(batch(can(Operation.UPSERT, object) ? Operation.UPSERT : Operation.UPDATE, object),
                can(Operation.READ, object) ? batch(Operation.READ, object) : 1);
    }

    /** The name of the limit by which the CRM counts these calls apart; empty where it doesn't. */
    public Optional<String> limit(Operation operation, String object) {
        return Optional.ofNullable(of(operation, object).limit());
    }

    /** How many elements the CRM tells of one question, of however many pages. */
    public int mostPaged(Operation operation, String object) {
        Paging paging = of(operation, object).paging();
        return paging == null || paging.most() == null ? Integer.MAX_VALUE : paging.most();
    }

    /**
     * What the operation's {@code gives} takes out of an answer's body.
     *
     * @throws ExpressionFailed where the body isn't in the shape that crm.yaml says
     */
    public List<JsonNode> gives(CrmCall call, JsonNode body) {
        return of(call).elements(body);
    }

    /**
     * What the call for the next page must name as {@code .page}; null where this answer was the last.
     *
     * @param elements how many elements this answer gave
     */
    public JsonNode next(CrmCall call, JsonNode body, int elements) {
        return of(call).next(call, body, elements);
    }

    Endpoint of(CrmCall call) {
        return of(call.operation(), call.object());
    }

    Stream<Endpoint> all() {
        return Stream.concat(Stream.of(common), byObject.values().stream()).flatMap(all -> all.values().stream());
    }

    private Endpoint of(Operation operation, String object) {
        Endpoint found = find(operation, object);
        if (found == null) {
            throw new InvalidCrm(file + " operations: " + operation + " is needed but missing; there are "
                    + common.keySet());
        }
        return found;
    }

    private Endpoint find(Operation operation, String object) {
        Endpoint own = byObject.getOrDefault(object, Map.of()).get(operation);
        return own == null ? common.get(operation) : own;
    }
}
