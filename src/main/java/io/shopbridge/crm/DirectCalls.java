package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.ApiClient.Reply;
import io.shopbridge.map.ExpressionFailed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springframework.http.HttpHeaders;

/** The calls of a crm.yaml outside of the routes, for commands that look at an account while nothing is delivered. */
public final class DirectCalls {

    /** A CRM that never comes to an end must not fill the memory. */
    private static final int MOST_PAGES = 500;

    private final Crm crm;
    private final ApiClient api;

    /** @throws CrmFailure where the CRM gives no access token */
    public DirectCalls(Crm crm) {
        this(crm, ApiClient.of(crm));
    }

    /** @param api with credentials that were got another way */
    public DirectCalls(Crm crm, ApiClient api) {
        this.crm = crm;
        this.api = api;
    }

    /**
     * What came of a call.
     *
     * @param reply   the last answer
     * @param done    whether the CRM did it, as {@code answers} of crm.yaml says
     * @param given   what the operation's {@code gives} says, an element each
     * @param because the CRM's own words where it did not; may be null
     */
    public record Answered(Reply reply, boolean done, List<JsonNode> given, String because) {

        /** Why the CRM did not do it, or of several things not one of them, for a person. */
        public String reason() {
            return given.stream().map(one -> one.path("because").asText(null)).filter(Objects::nonNull).findFirst()
                    .orElse(Objects.requireNonNullElse(because, "without a reason"));
        }
    }

    /**
     * Makes the call, and goes through all pages of its answer.
     *
     * @throws ApiClient.Unreachable if no answer came
     */
    public Answered call(CrmCall call) {
        List<JsonNode> all = new ArrayList<>();
        CrmCall paged = call;
        Reply reply = null;
        for (int pages = 0; paged != null && pages < MOST_PAGES; pages++) {
            reply = api.send(crm.request(paged));
            Optional<CrmDefinition.Answer> trouble = trouble(reply);
            if (trouble.isPresent() || reply.status() >= 300) {
                return new Answered(reply, false, all,
                        trouble.isEmpty() ? null : RestCrm.text(trouble.get().because(), reply.body()));
            }
            if (isPage(reply)) {
                return new Answered(reply, false, all, "a page instead of JSON, as a login or a proxy gives it; correct"
                        + " shopbridge.crms." + crm.name() + ".base-url");
            }
            try {
                List<JsonNode> given = crm.operations().gives(paged, reply.body());
                all.addAll(given);
                JsonNode next = crm.operations().next(paged, reply.body(), given.size());
                paged = next == null ? null : call.at(next);
            } catch (ExpressionFailed e) {
                return new Answered(reply, false, all, "the answer has another shape than crm.yaml says: "
                        + e.getMessage());
            }
        }
        return new Answered(reply, true, all, null);
    }

    private static boolean isPage(Reply reply) {
        return reply.body().isMissingNode()
                && reply.header(HttpHeaders.CONTENT_TYPE).filter(type -> !type.contains("json")).isPresent();
    }

    private Optional<CrmDefinition.Answer> trouble(Reply reply) {
        Map<String, Object> headers = new HashMap<>();
        reply.headers().forEach((name, values) -> headers.put(name, values.get(0)));
        return crm.answers().stream()
                .filter(answer -> RestCrm.fits(answer, reply.status(), reply.body(), headers)).findFirst();
    }
}
