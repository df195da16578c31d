package io.shopbridge.operate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.audit.Audit;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.reconcile.CheckedStretches;
import io.shopbridge.reconcile.CheckedStretches.Coverage;
import io.shopbridge.reconcile.Drift;
import io.shopbridge.reconcile.NightlyReconciliations;
import io.shopbridge.reconcile.ReconcileSettings;
import io.shopbridge.reconcile.Reconciliation;
import io.shopbridge.reconcile.Reconciliations;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Starts reconciliations, stops them, and tells what they found. */
@Component
class CrmReconciliations {

    private static final String MERGE = "Shopbridge changes none of these. Many with one phone may be a family or an office;"
            + " those with the same name are the likeliest to be one person. Where two are, keep the contact that is linked:"
            + " %s. Where both are linked to customers of one store, merge these in Shopify first";

    private final Reconciliations reconciliations;
    private final CheckedStretches stretches;
    private final Crms crms;
    private final Audit audit;

    CrmReconciliations(Reconciliations reconciliations, CheckedStretches stretches, Crms crms, Audit audit) {
        this.stretches = stretches;
        this.reconciliations = reconciliations;
        this.crms = crms;
        this.audit = audit;
    }

    /**
     * Starts one; if one of this CRM is under way already, that stays as it is.
     *
     * @throws Problem 400 where a kind of record or a class is unknown; 404 if no such CRM is configured
     */
    ReconciliationState start(ReconciliationRequest request) {
        Crm crm = crm(request.crm()).orElseThrow(() -> new Problem(HttpStatus.NOT_FOUND, "Unknown CRM",
                "No CRM of this name is configured. Configured: "
                        + crms.all().stream().map(Crm::name).sorted().collect(Collectors.joining(", ")) + "."));
        List<String> known = NightlyReconciliations.entities(crm);
        List<String> entities = request.entities() == null || request.entities().isEmpty() ? known : request.entities();
        if (!known.containsAll(entities)) {
            throw Problem.badParameter("entities must be some of " + String.join(", ", known) + ".");
        }
        Parameters.past("since", request.since());
        if (request.repairMost() != null && request.repairMost() < 1) {
            throw Problem.badParameter("repair_most must be a number of records, at least 1.");
        }
        long last = reconciliations.all().stream().mapToLong(Reconciliation::id).max().orElse(0);
        Reconciliations.Request asked = new Reconciliations.Request(crm.name(), entities.stream().distinct().toList(),
                request.since(), repairs(request.repair()), request.repairMost(), request.dryRun(), false);
        Reconciliation run = reconciliations.start(asked);
        ObjectNode details = JsonNodeFactory.instance.objectNode();
        run.repairs().stream().map(Kind::word).sorted().forEach(details.putArray("repair")::add);
        if (run.dry()) {
            details.put("dry_run", true);
        }
        if (run.repairMost() != null) {
            details.put("repair_most", run.repairMost());
        }
        audit.did(run.id() > last ? "started" : "asked again for", run.toString(), details);
        return ReconciliationState.of(run, asked.isOf(run));
    }

    private static Set<Kind> repairs(List<String> words) {
        try {
            return ReconcileSettings.kinds(words == null ? List.of()
                    : words.stream().map(String::valueOf).toList());
        } catch (IllegalArgumentException e) {
            throw Problem.badParameter("repair: " + e.getMessage() + ".");
        }
    }

    List<ReconciliationState> all() {
        return reconciliations.all().stream().map(ReconciliationState::of).toList();
    }

    /** @throws Problem 404 if there is none with this number */
    ReconciliationState find(long id) {
        Reconciliation run = get(id);
        return ReconciliationState.of(run, drift(run), reconciliations.duplicates(run), advice(run),
                coverage(run));
    }

    /**
     * The report as Markdown.
     *
     * @throws Problem 404 if there is none with this number
     */
    String report(long id) {
        Reconciliation run = get(id);
        return ReconciliationReport.of(run, drift(run), reconciliations.before(run), reconciliations.duplicates(run),
                advice(run), coverage(run));
    }

    private Coverage coverage(Reconciliation run) {
        return stretches.coverage(run.crm(), run.entities(), run.askedAt());
    }

    private String advice(Reconciliation run) {
        return MERGE.formatted(crm(run.crm()).flatMap(Crm::duplicatesAdvice).orElse("merge them in the CRM"));
    }

    private Reconciliation get(long id) {
        return reconciliations.find(id).orElseThrow(() -> new Problem(HttpStatus.NOT_FOUND, "Unknown reconciliation",
                "There is no reconciliation " + id + "."));
    }

    private Drift drift(Reconciliation run) {
        return reconciliations.drift(run, ReconcileSettings.target(crm(run.crm())));
    }

    private Optional<Crm> crm(String name) {
        return crms.all().stream().filter(crm -> crm.name().equals(name)).findFirst();
    }

    /** @throws Problem 404 if there is none with this number; 409 if it has ended */
    ReconciliationState pause(long id, boolean paused) {
        changed(id, reconciliations.pause(id, paused), paused ? "paused" : "resumed");
        return ReconciliationState.of(get(id));
    }

    /** @throws Problem 404 if there is none with this number; 409 if it has ended */
    ReconciliationState cancel(long id) {
        changed(id, reconciliations.cancel(id), "cancelled");
        return ReconciliationState.of(get(id));
    }

    private void changed(long id, boolean done, String what) {
        if (!done) {
            throw new Problem(HttpStatus.CONFLICT, "Over", "Reconciliation " + get(id).id()
                    + " has ended; start a new one.");
        }
        audit.did(what, "reconciliation " + id);
    }
}
