package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "outcomes", description = "The outcome of every record and event")
class OutcomesApi {

    private final Outcomes outcomes;
    private final KnownNames names;

    OutcomesApi(Outcomes outcomes, KnownNames names) {
        this.names = names;
        this.outcomes = outcomes;
    }

    @GetMapping("/api/v1/outcomes")
    @Operation(summary = "Lists outcomes, newest first")
    Page<Outcome> outcomes(@ParameterObject OutcomeQuery query, HttpServletRequest request) {
        Parameters.check(request, OutcomeQuery.NAMES);
        names.check(query.store(), query.crm());
        return outcomes.find(query);
    }
}
