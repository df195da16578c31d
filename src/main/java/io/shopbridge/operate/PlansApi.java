package io.shopbridge.operate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.audit.Audit;
import io.shopbridge.plan.MappingsZip;
import io.shopbridge.plan.Plan;
import io.shopbridge.plan.Plan.State;
import io.shopbridge.plan.Plans;
import io.shopbridge.plan.RunningMappings;
import io.shopbridge.start.StartRefused;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "plans", description = "What changed mappings would change in the CRMs, and bringing it there")
class PlansApi {

    private static final Set<String> NAMES = Set.of("crm", "sample");
    private static final String ENDED = "It has ended";
    private static final String UNKNOWN = "There is none with this number";

    private final Plans plans;
    private final RunningMappings running;
    private final ObjectMapper json;
    private final Audit audit;

    PlansApi(Plans plans, RunningMappings running, ObjectMapper json, Audit audit) {
        this.plans = plans;
        this.running = running;
        this.json = json;
        this.audit = audit;
    }

    /** Parameters of a plan. All are text here, so that error messages are our own. */
    record Query(
            @Parameter(description = "Names of CRMs, with commas between; left out: all") String crm,
            @Parameter(description = "About so many records of each kind and store, drawn by chance; left out: all, as"
                    + " apply needs it", schema = @Schema(type = "integer")) String sample) {
    }

    @PostMapping(path = "/api/v1/plans", consumes = {"application/zip", MediaType.APPLICATION_OCTET_STREAM_VALUE})
    @Operation(summary = "Begins one: the body is the changed mappings folder as a zip file. No CRM is called",
            requestBody = @io.swagger.v3.oas.annotations.parameters.RequestBody(required = true, content = @Content(
                    mediaType = "application/zip", schema = @Schema(type = "string", format = "binary"))))
    @ApiResponse(responseCode = "200", description = "It is under way")
    @ApiResponse(responseCode = "400", description = "The folder has faults, which are listed, or is no zip file")
    @ApiResponse(responseCode = "413", description = "The file is too large, also unpacked")
    @ApiResponse(responseCode = "415", description = "It does not say that it is a zip file")
    PlanState begin(@ParameterObject Query query, HttpServletRequest request) throws IOException {
        Parameters.check(request, NAMES);
        List<String> crms = query.crm() == null ? List.of()
                : Stream.of(query.crm().split(",")).map(String::strip).filter(name -> !name.isEmpty()).toList();
        if (query.sample() != null && !query.sample().matches("[1-9][0-9]{0,8}")) {
            throw Problem.badParameter("sample is \"" + query.sample() + "\"; write a number of records, as in 1000.");
        }
        byte[] folder = request.getInputStream().readNBytes(MappingsZip.LARGEST + 1);
        if (folder.length > MappingsZip.LARGEST) {
            throw new Problem(HttpStatus.PAYLOAD_TOO_LARGE, "Too large", "The zip file has more than "
                    + MappingsZip.LARGEST / 1024 / 1024 + " MB. Give the mappings folder itself.");
        }
        try {
            return state(plans.begin(folder, crms, query.sample() == null ? null : Integer.valueOf(query.sample())));
        } catch (MappingsZip.TooLarge e) {
            throw new Problem(HttpStatus.PAYLOAD_TOO_LARGE, "Too large", e.getMessage() + ".");
        } catch (IllegalArgumentException | StartRefused e) {
            throw new Problem(HttpStatus.BAD_REQUEST, "Not usable", e.getMessage());
        }
    }

    @GetMapping("/api/v1/plans")
    @Operation(summary = "Lists them, newest first, without what they found")
    List<PlanState> all() {
        return plans.all().stream().map(plan -> PlanState.of(plan, null)).toList();
    }

    @GetMapping("/api/v1/plans/{id}")
    @Operation(summary = "What it found. The examples are personal data")
    @ApiResponse(responseCode = "404", description = UNKNOWN)
    PlanState find(@PathVariable long id) throws JsonProcessingException {
        Plan plan = plan(id);
        audit.did("read", "the examples of plan " + id);
        return state(plan);
    }

    @PostMapping("/api/v1/plans/{id}/apply")
    @Operation(summary = "Marks the records that change as work, which comes after all other work")
    @ApiResponse(responseCode = "404", description = UNKNOWN)
    @ApiResponse(responseCode = "409", description = "The mappings of the plan do not run everywhere yet, or it was"
            + " made of a sample")
    PlanState apply(@PathVariable long id) {
        Plan plan = plan(id);
        if (plan.sample() != null) {
            throw conflict("Plan " + id + " looked at a sample only. Plan again without sample, then apply that one.");
        } else if (plan.state() == State.PLANNING) {
            throw conflict("Plan " + id + " is not ready: " + plan.lookedAt() + " records were looked at so far.");
        } else if (plan.state() != State.PLANNED && plan.state() != State.APPLYING) {
            throw conflict("Plan " + id + " is over: " + plan.state().word() + ". Plan again.");
        }
        running.inTheWayOf(plan).ifPresent(because -> {
            throw conflict(because + ".");
        });
        plans.apply(id);
        return PlanState.of(plan(id), null);
    }

    @PostMapping("/api/v1/plans/{id}/pause")
    @Operation(summary = "Stops it for now, within seconds; what was marked is still delivered")
    @ApiResponse(responseCode = "404", description = UNKNOWN)
    @ApiResponse(responseCode = "409", description = ENDED)
    PlanState pause(@PathVariable long id) {
        return changed(id, one -> plans.pause(one, true));
    }

    @PostMapping("/api/v1/plans/{id}/resume")
    @Operation(summary = "Lets it go on where it stopped")
    @ApiResponse(responseCode = "404", description = UNKNOWN)
    @ApiResponse(responseCode = "409", description = ENDED)
    PlanState resume(@PathVariable long id) {
        return changed(id, one -> plans.pause(one, false));
    }

    @PostMapping("/api/v1/plans/{id}/cancel")
    @Operation(summary = "Ends it; what was marked is still delivered")
    @ApiResponse(responseCode = "404", description = UNKNOWN)
    @ApiResponse(responseCode = "409", description = ENDED)
    PlanState cancel(@PathVariable long id) {
        return changed(id, plans::cancel);
    }

    private PlanState changed(long id, LongPredicate change) {
        plan(id);
        if (!change.test(id)) {
            throw conflict("Plan " + id + " has ended.");
        }
        return PlanState.of(plan(id), null);
    }

    private PlanState state(Plan plan) throws JsonProcessingException {
        JsonNode result = json.readTree(plan.result());
        return PlanState.of(plan, result);
    }

    private Plan plan(long id) {
        return plans.find(id).orElseThrow(() ->
                new Problem(HttpStatus.NOT_FOUND, "Unknown plan", "There is no plan " + id + "."));
    }

    private static Problem conflict(String detail) {
        return new Problem(HttpStatus.CONFLICT, "Not now", detail);
    }
}
