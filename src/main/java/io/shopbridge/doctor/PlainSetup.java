package io.shopbridge.doctor;

import io.shopbridge.crm.ApiClient;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.Operation;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Any other REST CRM: nobody told how to list its fields, so each object is looked up by a key that no record has, which
 * a CRM that knows the credentials, the path and the fields answers without an error.
 */
final class PlainSetup implements CrmSetup {

    private static final String NOBODY = "shopbridge-doctor:0";

    private final Crm crm;
    private final ApiClient api;
    private final Set<String> reached = new HashSet<>();

    PlainSetup(Crm crm) {
        this.crm = crm;
        this.api = ApiClient.of(crm);
    }

    @Override
    public boolean account(Findings findings) {
        if (crm.apiVersion() != null) {
            findings.ok("API version " + crm.apiVersion() + "; crm.yaml doesn't say how long it is supported");
        }
        boolean first = true;
        for (Map.Entry<String, CrmCall> lookup : lookups().entrySet()) {
            Reply reply = api.send(crm.request(lookup.getValue()));
            if (first) {
                findings.clock(reply);
                first = false;
            }
            if (reply.status() == 401 || reply.status() == 403) {
                findings.problem("the credentials are not accepted (" + reply.status() + " to find "
                        + lookup.getKey() + ")", "check the settings under shopbridge.crms." + crm.name()
                        + " and what they are allowed to");
                return false;
            }
            if (reply.status() >= 400 && reply.status() != 404) {
                findings.problem("looking for a record of " + lookup.getKey() + " was answered " + reply.status(),
                        "check the path, the body and the field names of operation find in " + crm.folder()
                        + "/crm.yaml");
            } else {
                reached.add(lookup.getKey());
            }
        }
        return true;
    }

    @Override
    public Optional<Map<String, PresentField>> fields(String object, Findings findings) {
        if (reached.contains(object)) {
            findings.ok(object + ": is reachable; whether every field exists only a delivery shows");
        }
        return Optional.empty();
    }

    @Override
    public boolean keepsUnique() {
        return false;
    }

    @Override
    public void create(String object, List<NeededField> missing, Findings findings) {
        throw new IllegalStateException("Fields of " + crm.title() + " are never known to be missing");
    }

    private Map<String, CrmCall> lookups() {
        Map<String, CrmCall> lookups = new LinkedHashMap<>();
        if (crm.can(Operation.FIND)) {
            for (Mapping mapping : crm.mappings()) {
                mapping.externalIdField().ifPresent(key ->
                        lookups.put(mapping.object(), lookup(mapping.object(), key, mapping.fieldNames())));
                for (ChildMapping child : mapping.children()) {
                    child.externalIdField().ifPresent(key ->
                            lookups.put(child.object(), lookup(child.object(), key, child.fieldNames())));
                }
            }
        }
        return lookups;
    }

    private CrmCall lookup(String object, String key, Set<String> fields) {
        return CrmCall.find(crm, Operation.FIND, object, key, List.of(NOBODY), fields);
    }
}
