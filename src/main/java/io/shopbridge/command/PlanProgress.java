package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/** Shows how far a plan is. */
final class PlanProgress {

    static final String PATH = "/api/v1/plans";

    private PlanProgress() {
    }

    /** Prints a line each time that it is further, and gives the plan as soon as it is no longer in this state. */
    static JsonNode watch(Operator operator, long id, String state, PrintWriter out)
            throws Operator.Refused, InterruptedException {
        return Watch.until(state, () -> find(operator, id), PlanProgress::line, out);
    }

    /** From the list, which has no personal data: that would be an entry of the audit each time. */
    private static JsonNode find(Operator operator, long id) throws Operator.Refused, InterruptedException {
        for (JsonNode one : operator.ask("GET", PATH, "")) {
            if (one.path("id").asLong() == id) {
                return one;
            }
        }
        throw new Operator.Refused("There is no plan " + id + " any more");
    }

    private static String line(JsonNode now) {
        String state = now.path("paused").asBoolean() ? "paused" : now.path("state").asText();
        return "plan " + now.path("id").asLong() + ": " + state + ", " + now.path("looked_at").asLong() + " records looked at, "
                + now.path("changes").asLong() + " would be written"
                + (now.path("marked").asLong() > 0 ? ", " + now.path("marked").asLong() + " marked" : "")
                + (now.hasNonNull("because") ? "; " + now.path("because").asText() : "");
    }
}
