package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a plan found, for people. */
final class PlanText {

    private PlanText() {
    }

    static String of(JsonNode plan) {
        StringBuilder text = new StringBuilder();
        plan.path("result").forEach(kind -> kind(text, kind));
        if (plan.path("result").isEmpty()) {
            text.append("\nNo record of the CRMs is known yet.");
        }
        return text.append(plan.hasNonNull("sample")
                ? "\n\nThis is a sample. Plan without --sample to apply it."
                : "\n\nTo bring it to the CRMs, start every instance with this folder, then: shopbridge apply --plan "
                        + plan.path("id").asLong()).toString();
    }

    private static void kind(StringBuilder text, JsonNode kind) {
        text.append("\n").append(kind.path("crm").asText()).append(", ").append(kind.path("entity").asText()).append(": ");
        if (kind.path("unmapped").asBoolean()) {
            text.append("no mapping any more; what the CRM has stays as it is");
            return;
        }
        text.append(kind.path("looked_at").asLong()).append(" looked at");
        List<String> parts = new ArrayList<>();
        part(parts, kind, "written", "written");
        part(parts, kind, "perhaps", "written only if the CRM has certain values");
        part(parts, kind, "created", "of these not in the CRM yet");
        part(parts, kind, "also_now", "of these written by the running mappings as well");
        part(parts, kind, "unchanged", "unchanged");
        part(parts, kind, "skipped", "skipped");
        part(parts, kind, "refused", "refused");
        part(parts, kind, "waiting", "incomplete or waiting");
        part(parts, kind, "elsewhere", "held or rejected for other reasons");
        parts.forEach(part -> text.append("\n  ").append(part));
        kind.path("fields").properties().forEach(field -> field(text, field));
        reasons(text, "refused because", kind.path("refusals"));
        reasons(text, "skipped because", kind.path("skips"));
        reasons(text, "delivered without", kind.path("left_out"));
        reasons(text, "not written, another record of the CRM has the value:", kind.path("clashes"));
        text.append("\n  at most ").append(kind.path("calls").asLong()).append(" calls");
        if (kind.hasNonNull("seconds")) {
            text.append(", ").append(kind.path("seconds").asLong()).append(" s at the CRM's limits");
        }
    }

    private static void part(List<String> parts, JsonNode kind, String key, String words) {
        if (kind.path(key).asLong() > 0) {
            parts.add(kind.path(key).asLong() + " " + words);
        }
    }

    private static void field(StringBuilder text, Map.Entry<String, JsonNode> field) {
        JsonNode found = field.getValue();
        text.append("\n  ").append(field.getKey()).append(": ").append(found.path("written").asLong()).append(" records");
        if (found.path("perhaps").asLong() > 0) {
            text.append(", ").append(found.path("perhaps").asLong()).append(" more if the CRM's value allows it (owner ")
                    .append(found.path("owner").asText()).append(")");
        }
        if (found.path("conflicts").asLong() > 0) {
            text.append(", of which ").append(found.path("conflicts").asLong()).append(" may be conflicts: the later edit wins");
        }
        found.path("examples").forEach(example -> text.append("\n    ").append(example.path("record").asText()).append(": ")
                .append(value(example.path("before"))).append(" → ").append(value(example.path("after"))));
    }

    private static void reasons(StringBuilder text, String words, JsonNode reasons) {
        reasons.properties().forEach(reason -> {
            text.append("\n  ").append(words).append(" ").append(reason.getKey()).append(": ")
                    .append(reason.getValue().path("records").asLong()).append(" records, ")
                    .append(reason.getValue().path("newly").asLong()).append(" of them newly");
            reason.getValue().path("examples").forEach(example -> text.append("\n    ").append(example.path("record").asText())
                    .append(example.hasNonNull("after") ? ": " + example.path("after").asText() : ""));
        });
    }

    private static String value(JsonNode value) {
        return value.isNull() || value.isMissingNode() ? "nothing" : value.toString();
    }
}
