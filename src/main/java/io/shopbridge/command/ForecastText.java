package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The forecast of a dry run, for a person. */
final class ForecastText {

    private static final List<String> OUTCOMES = List.of("created", "updated", "unchanged", "skipped", "held", "rejected",
            "waiting");

    private ForecastText() {
    }

    static String of(JsonNode end) {
        List<String> lines = new ArrayList<>();
        lines.add("In Shopify's file: " + end.path("exported").asText("none") + ". Nothing was taken in.");
        for (Map.Entry<String, JsonNode> crm : end.path("forecast").properties()) {
            lines.add(crm.getKey().isEmpty() ? "not for any CRM" : crm.getKey());
            for (Map.Entry<String, JsonNode> kind : crm.getValue().path("records").properties()) {
                lines.add("  " + kind.getKey() + ": " + outcomes(kind.getValue()) + found(kind.getValue()));
            }
            crm.getValue().path("rejected_because").properties().forEach(reason ->
                    lines.add("  " + reason.getValue().asText() + " rejected: " + reason.getKey()));
            if (crm.getValue().has("hours")) {
                lines.add("  calls: " + crm.getValue().path("calls").properties().stream().map(limit ->
                        limit.getValue().asText() + " " + limit.getKey().replace('_', ' '))
                        .collect(Collectors.joining(", ")) + "; at least " + crm.getValue().path("hours").asText()
                        + " hours at its limits, if nobody else uses them");
            }
        }
        return "  " + String.join("\n  ", lines);
    }

    private static String outcomes(JsonNode kind) {
        return OUTCOMES.stream().filter(outcome -> kind.path(outcome).asLong() > 0)
                .map(outcome -> kind.path(outcome).asLong() + " " + outcome).collect(Collectors.joining(", "));
    }

    private static String found(JsonNode kind) {
        String found = kind.path("found_by").properties().stream().map(by -> by.getValue().asLong() + " found by "
                + by.getKey()).collect(Collectors.joining(", "));
        long alike = kind.path("likely_duplicates").asLong();
        long not = kind.path("not_looked_up").asLong();
        return (found.isEmpty() ? "" : "; of them " + found)
                + (alike == 0 ? "" : "; " + alike + " likely duplicates, which share an e-mail or a phone")
                + (not == 0 ? "" : "; estimated, since " + kind.path("looked_up").asLong() + " were looked up in the CRM"
                        + " and " + not + " were not");
    }
}
