package io.shopbridge.doctor;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.DirectCalls;
import io.shopbridge.crm.DirectCalls.Answered;
import io.shopbridge.crm.Operation;
import java.util.List;

/** The subscription that e-mail consent goes to: an id that every account has of its own, and a setting says. */
final class ConsentCheck {

    private final Crm crm;
    private final DirectCalls calls;

    ConsentCheck(Crm crm, DirectCalls calls) {
        this.crm = crm;
        this.calls = calls;
    }

    void check(Findings findings) {
        if (crm.can(Operation.SUBSCRIPTIONS)) {
            crm.setting("subscription-id").ifPresent(id -> check(id, findings));
        }
    }

    private void check(String id, Findings findings) {
        Answered answered = calls.call(CrmCall.account(crm, Operation.SUBSCRIPTIONS));
        if (!answered.done()) {
            findings.refused(crm, "looking at the subscriptions", answered);
            return;
        }
        if (answered.given().stream().noneMatch(one -> one.path("id").asText().equals(id))) {
            List<String> there = answered.given().stream()
                    .map(one -> one.path("id").asText() + " (" + one.path("name").asText() + ")").toList();
            findings.problem("there is no subscription " + id, "set shopbridge.crms." + crm.name()
                    + ".subscription-id to one of " + there);
        } else if (crm.setting("legal-basis").isEmpty()) {
            findings.note("e-mail consent goes to subscription " + id + " without a legal basis, so nobody who"
                    + " unsubscribed is subscribed again", "set shopbridge.crms." + crm.name() + ".legal-basis where"
                    + " the data privacy settings of " + crm.title() + " are on");
        } else {
            findings.ok("e-mail consent goes to subscription " + id + " on the legal basis "
                    + crm.setting("legal-basis").get());
        }
    }
}
