package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmRefused;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** The ids of a CRM's kinds of association, looked up once: they differ between accounts. */
@Component
class AssociationTypes {

    private final CrmClient client;
    private final Map<String, JsonNode> known = new ConcurrentHashMap<>();

    AssociationTypes(CrmClient client) {
        this.client = client;
    }

    /**
     * The type that the label of these associations stands for, as operation {@code labels} gives it.
     *
     * @throws CrmRefused if the CRM has no such label
     */
    JsonNode of(AssociateChunk chunk) {
        Crm crm = chunk.crm();
        String key = crm.name() + " " + chunk.from() + " " + chunk.to() + " " + chunk.label();
        JsonNode type = known.get(key);
        if (type == null) {
            type = lookedUp(chunk, crm);
            known.put(key, type);
        }
        return type;
    }

    private JsonNode lookedUp(AssociateChunk chunk, Crm crm) {
        List<JsonNode> labels = client.call(CrmCall.labels(crm, chunk.from(), chunk.to()));
        return labels.stream().filter(one -> one.path("label").asText("").equalsIgnoreCase(chunk.label())).findFirst()
                .orElseThrow(() -> new CrmRefused(crm.title() + " has no association \"" + chunk.label() + "\" from "
                        + chunk.from() + " to " + chunk.to() + "; it has "
                        + labels.stream().map(one -> one.path("label").asText()).toList()
                        + ". Correct the label in the mapping, or leave it out", null));
    }
}
