package io.shopbridge.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.DirectCalls;
import io.shopbridge.crm.DirectCalls.Answered;
import io.shopbridge.crm.NewField;
import io.shopbridge.crm.Operation;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A REST CRM, asked by the operations that its crm.yaml has for the doctor: {@code whoami}, {@code fields},
 * {@code create-field} and others. Without {@code whoami}, each object is looked up by a key that no record has, which a
 * CRM that knows the credentials, the path and the fields answers without an error.
 */
final class RestSetup implements CrmSetup {

    private static final String NOBODY = "shopbridge-doctor:0";
    private static final int EXISTS = 409;

    private final Crm crm;
    private final DirectCalls calls;
    private final Set<String> reached = new HashSet<>();

    RestSetup(Crm crm) {
        this.crm = crm;
        this.calls = new DirectCalls(crm);
    }

    @Override
    public boolean account(Findings findings) {
        findings.version(crm);
        if (crm.can(Operation.WHOAMI) && !asksWhoWeAre(findings)) {
            return false;
        }
        boolean listsFields = crm.mappings().stream().anyMatch(mapping -> crm.can(Operation.FIELDS, mapping.object()));
        if (!(crm.can(Operation.WHOAMI) && listsFields) && !looksUp(findings)) {
            return false;
        }
        new ConsentCheck(crm, calls).check(findings);
        new PipelineCheck(crm, calls).check(findings);
        return true;
    }

    private boolean asksWhoWeAre(Findings findings) {
        Answered answered = calls.call(CrmCall.account(crm, Operation.WHOAMI));
        findings.clock(answered.reply());
        if (answered.reply().status() == 401) {
            findings.problem("the token is not accepted", crm.accessAdvice().orElse(checkSettings()));
            return false;
        }
        if (answered.done()) {
            answered.given().forEach(one ->
                    findings.ok("the token is accepted; " + one.path("account").asText()));
        } else {
            findings.refused(crm, "asking for the account's details", answered);
        }
        limits(answered.reply(), findings);
        // Without the right to ask this, other rights may be there; with any other failure nothing will be.
        return answered.done() || answered.reply().status() == 403;
    }

    private void limits(Reply reply, Findings findings) {
        int ours = crm.limits().requests();
        Optional.ofNullable(crm.limits().allowedHeader()).flatMap(reply::header).map(Integer::parseInt)
                .filter(most -> ours > most).ifPresent(most ->
                        findings.problem("crm.yaml allows itself " + ours + " requests in a period, the account has "
                                + most, "lower limits.requests in " + crm.folder() + "/crm.yaml"));
        crm.limits().leftHeader().stream().flatMap(name -> reply.header(name).stream()).findFirst()
                .ifPresent(left -> findings.ok(left + " of today's budget are left"));
    }

    private boolean looksUp(Findings findings) {
        boolean first = true;
        for (Map.Entry<String, CrmCall> lookup : lookups().entrySet()) {
            Answered answered = calls.call(lookup.getValue());
            Reply reply = answered.reply();
            if (first) {
                findings.clock(reply);
                first = false;
            }
            if (reply.status() == 401 || reply.status() == 403) {
                findings.problem("the credentials are not accepted (" + reply.status() + " to find "
                        + lookup.getKey() + ")", crm.accessAdvice().orElse(checkSettings()));
                return false;
            }
            if (!answered.done() && reply.status() != 404) {
                findings.problem("looking for a record of " + lookup.getKey() + " was answered " + reply.status()
                                + (reply.isSuccess() ? ": " + answered.reason() : ""),
                        "check the path, the body and the field names of operation find in " + crm.folder()
                        + "/crm.yaml");
            } else {
                reached.add(lookup.getKey());
            }
        }
        return true;
    }

    private String checkSettings() {
        return "check the settings under shopbridge.crms." + crm.name() + " and what they are allowed to";
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

    @Override
    public Optional<Map<String, PresentField>> fields(String object, Findings findings) {
        if (!crm.can(Operation.FIELDS, object)) {
            if (reached.contains(object)) {
                findings.ok(object + ": is reachable; whether every field exists only a delivery shows");
            } else if (crm.can(Operation.WHOAMI)) {
                findings.note("the fields of " + object + " can't be listed", null);
            }
            return Optional.empty();
        }
        // Whether there is such a record doesn't matter, nor what the CRM thinks of the id: it is the right to read.
        Answered read = calls.call(CrmCall.read(crm, object, List.of("1"), List.of()));
        if (read.reply().status() == 401 || read.reply().status() == 403) {
            findings.refused(crm, "reading " + object, read);
        }
        Answered answered = calls.call(CrmCall.fields(crm, object));
        if (!answered.done()) {
            findings.refused(crm, "looking at the fields of " + object, answered);
            return Optional.empty();
        }
        Map<String, PresentField> fields = new LinkedHashMap<>();
        for (JsonNode given : answered.given()) {
            PresentField field = PresentField.of(crm, given);
            String name = given.path("name").asText();
            fields.putIfAbsent(given.hasNonNull("key") ? Crm.fieldName(name) : name, field);
            fields.putIfAbsent(given.path("key").asText(name), field);
        }
        return Optional.of(fields);
    }

    @Override
    public void create(String object, List<NeededField> missing, Findings findings) {
        List<NeededField> ours = new ArrayList<>();
        for (NeededField field : missing) {
            if (!crm.can(Operation.CREATE_FIELD, object) || crm.isReserved(field.name()) || !field.hasValue()) {
                findings.problem(field.description() + " is missing and not ours to make", "look whether the account"
                        + " has it under another name, or its plan lacks it, or take it out of the mapping");
            } else {
                ours.add(field);
            }
        }
        if (!ours.isEmpty() && makesGroup(object, findings)) {
            int batch = crm.operations().batch(Operation.CREATE_FIELD, object);
            for (int from = 0; from < ours.size(); from += batch) {
                make(object, ours.subList(from, Math.min(ours.size(), from + batch)), findings);
            }
        }
    }

    private boolean makesGroup(String object, Findings findings) {
        if (crm.can(Operation.CREATE_FIELD_GROUP, object)) {
            Answered made = calls.call(CrmCall.createFieldGroup(crm, object));
            if (!made.done() && made.reply().status() != EXISTS) {
                findings.refused(crm, "making the group of our fields of " + object, made);
                return false;
            }
        }
        return true;
    }

    /** Only a call for one tells which field is wrong, so those that were not created together are tried alone. */
    private void make(String object, List<NeededField> fields, Findings findings) {
        Answered answered = calls.call(CrmCall.createFields(crm, object, fields.stream().map(this::definition).toList()));
        List<JsonNode> given = answered.given();
        boolean all = answered.done() && given.stream().allMatch(one -> one.has("name"));
        Set<String> created = given.stream().map(one -> one.path("name").asText()).collect(Collectors.toSet());
        for (int i = 0; i < fields.size(); i++) {
            NeededField field = fields.get(i);
            if (all || created.contains(field.name())) {
                JsonNode key = all && i < given.size() ? given.get(i).path("key") : NullNode.getInstance();
                findings.ok(field.description() + " was created" + (key.isTextual() ? ", as " + key.asText() : ""));
            } else if (fields.size() > 1) {
                make(object, List.of(field), findings);
            } else if (answered.reply().status() == EXISTS || given.stream().anyMatch(one -> one.has("exists"))) {
                findings.ok(field.description() + " is there already");
            } else {
                findings.refused(crm, "making " + field.description(), answered);
            }
        }
    }

    private NewField definition(NeededField field) {
        return new NewField(field.name(), field.kind(), crm.type(field.kind()).orElse(null), field.length(),
                field.unique(), field.choices());
    }
}
