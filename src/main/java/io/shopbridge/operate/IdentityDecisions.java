package io.shopbridge.operate;

import io.shopbridge.audit.Audit;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.identify.Decisions;
import io.shopbridge.identify.OtherCustomers;
import io.shopbridge.store.RecordKey;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Applies a person's decision about a held record: stores it, and replays the record. */
@Component
class IdentityDecisions {

    private final Rejections rejections;
    private final Decisions decisions;
    private final Crms crms;
    private final Audit audit;
    private final OtherCustomers otherCustomers;

    IdentityDecisions(Rejections rejections, Decisions decisions, OtherCustomers otherCustomers, Crms crms, Audit audit) {
        this.otherCustomers = otherCustomers;
        this.rejections = rejections;
        this.decisions = decisions;
        this.crms = crms;
        this.audit = audit;
    }

    /**
     * Remembers the decision and makes the record due.
     *
     * @throws Problem 400 if it is not a decision, or not of a candidate; 404 if there is no such rejection; 409 if the
     *     rejection is not open or asks for no such decision, or the CRM record is another customer of the store
     */
    @Transactional
    public Replayed decide(long id, IdentityDecision decision) {
        IdentityDecision.Kind kind = decision.kind();
        Rejection rejection = rejections.open(id);
        if (rejection.candidates().isEmpty()) {
            throw new Problem(HttpStatus.CONFLICT, "Nothing to decide", "Rejection " + id + " does not wait for a"
                    + " decision"
                    + " about identity. Fix its cause, then replay it.");
        }
        RecordKey key = new RecordKey(rejection.store(), rejection.entity(), rejection.record());
        String what = kind.word();
        switch (kind) {
            case LINK_TO -> {
                String crmId = candidate(rejection, decision);
                refuseAnotherCustomers(rejection, key, crmId);
                decisions.same(rejection.crm(), key, crmId);
                what += " " + crmId;
            }
            case NEVER_THE_SAME -> {
                String crmId = candidate(rejection, decision);
                decisions.never(rejection.crm(), key, List.of(crmId));
                what += " " + crmId;
            }
            default -> decisions.never(rejection.crm(), key, rejection.candidates());
        }
        audit.did("decided", "rejection " + id + ": " + what);
        return rejections.replay(id);
    }

    private static String candidate(Rejection rejection, IdentityDecision decision) {
        List<String> candidates = rejection.candidates();
        String crmId = decision.crmId() == null && candidates.size() == 1 ? candidates.get(0) : decision.crmId();
        if (crmId == null || !candidates.contains(crmId)) {
            throw Problem.badParameter("crm_id: " + (crmId == null ? "missing" : "\"" + crmId + "\" is not a candidate")
                    + "; candidates: " + String.join(", ", candidates));
        }
        return crmId;
    }

    private void refuseAnotherCustomers(Rejection rejection, RecordKey key, String crmId) {
        Crm crm = crms.get(rejection.crm());
        crm.mapping(rejection.entity()).flatMap(mapping -> otherCustomers.refusal(crm, mapping, key, crmId))
                .ifPresent(refusal -> {
                    throw new Problem(HttpStatus.CONFLICT, "Another customer", refusal + " If the two are one"
                            + " person, merge them in Shopify; otherwise decide create-new.");
                });
    }
}
