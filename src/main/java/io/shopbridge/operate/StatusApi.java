package io.shopbridge.operate;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.shopbridge.receive.RefusedWebhooks;
import io.shopbridge.receive.WebhookCounts;
import io.shopbridge.recount.RecountFault;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "status", description = "The backlog, and recent outcomes")
class StatusApi {

    private final Status status;
    private final WebhookCounts webhooks;
    private final Compliance compliance;
    private final MirrorTruth truth;

    StatusApi(Status status, WebhookCounts webhooks, Compliance compliance, MirrorTruth truth) {
        this.truth = truth;
        this.status = status;
        this.webhooks = webhooks;
        this.compliance = compliance;
    }

    /**
     * @param outcomes        how often each was recorded recently
     * @param webhooksRefused what this process refused since its start, by store and reason
     * @param compliance      privacy requests that a person has not done yet
     * @param recounts        where the mirror was not as true to a shop as it should be, or nobody knows
     */
    record Answer(@JsonUnwrapped Backlog backlog, List<OutcomeCount> outcomes,
            @JsonProperty("webhooks_refused") List<RefusedWebhooks> webhooksRefused,
            Compliance.Requests compliance, List<RecountFault> recounts) {
    }

    @GetMapping("/api/v1/status")
    @Operation(summary = "Gives the backlog of each CRM, and the outcomes of the last hour and day")
    Answer status() {
        return new Answer(status.backlog(), status.outcomes(), webhooks.refused(), compliance.requests(),
                truth.faults());
    }
}
