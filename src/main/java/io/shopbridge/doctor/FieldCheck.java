package io.shopbridge.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares the fields that the mappings need with those that an account has. */
final class FieldCheck {

    private final CrmSetup setup;
    private final Findings findings;
    private final boolean create;

    FieldCheck(CrmSetup setup, Findings findings, boolean create) {
        this.setup = setup;
        this.findings = findings;
        this.create = create;
    }

    void check(String object, List<NeededField> needed) {
        Optional<Map<String, PresentField>> present = setup.fields(object, findings);
        if (present.isEmpty()) {
            return;
        }
        List<NeededField> missing = new ArrayList<>();
        int right = 0;
        for (NeededField field : needed) {
            PresentField there = present.get().get(field.name());
            if (there == null) {
                missing.add(field);
            } else if (fits(field, there)) {
                right++;
            }
        }
        if (right > 0) {
            findings.ok(object + ": " + right + " of " + needed.size() + " fields are as the mappings need them");
        }
        if (create && !missing.isEmpty()) {
            setup.create(object, missing, findings);
        } else {
            missing.forEach(field -> findings.problem(field.description() + " is missing",
                    "run doctor with --create, create it by hand, or remove it from the mapping"));
        }
    }

    private boolean fits(NeededField field, PresentField there) {
        String name = field.object() + "." + field.name();
        if (field.kind() == null) {
            return true;
        }
        if (there.readOnly()) {
            findings.problem(name + " is read-only in the CRM", "map another field, or set its owner to crm");
            return false;
        }
        if (field.unique() && Boolean.FALSE.equals(there.unique())) {
            findings.problem(name + " holds our key but is not unique in the CRM", "a field that has values can't be"
                    + " made unique: delete it and run doctor with --create, or name another one in the"
                    + " mapping");
            return false;
        }
        if (!there.kinds().contains(field.kind())) {
            findings.problem(name + " is of type " + there.type() + "; the mapping needs " + field.description(),
                    "change its type in the CRM, or its cleaners in the mapping");
            return false;
        }
        List<String> absent = field.choices().stream().filter(choice -> !there.choices().contains(choice)).toList();
        if (!there.choices().isEmpty() && !absent.isEmpty()) {
            findings.problem(name + " lacks the choices " + absent, "add them in the CRM, or translate to its choices"
                    + " in the mapping's table");
            return false;
        }
        return true;
    }
}
