package io.shopbridge.operate;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.shopbridge.receive.RefusedWebhooks;
import io.shopbridge.receive.WebhookCounts;
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

    StatusApi(Status status, WebhookCounts webhooks, Compliance compliance) {
        this.status = status;
        this.webhooks = webhooks;
        this.compliance = compliance;
    }

    /**
     * @param outcomes        how often each was recorded recently
     * @param webhooksRefused what this process refused since its start, by store and reason
     * @param compliance      privacy requests that a person has not done yet
     */
    record Answer(@JsonUnwrapped Backlog backlog, List<OutcomeCount> outcomes,
            @JsonProperty("webhooks_refused") List<RefusedWebhooks> webhooksRefused,
            Compliance.Requests compliance) {
    }

    @GetMapping("/api/v1/status")
    @Operation(summary = "Gives the backlog of each CRM, and the outcomes of the last hour and day")
    Answer status() {
        return new Answer(status.backlog(), status.outcomes(), webhooks.refused(), compliance.requests());
    }
}
