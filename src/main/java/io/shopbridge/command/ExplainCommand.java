package io.shopbridge.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Values;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "explain", description = "Explains the fields of a record in a CRM, by a running instance: why a value is"
        + " so, why it was not written, who overwrote it. It prints personal data. The password comes from"
        + " SHOPBRIDGE_OPERATOR_PASSWORD.")
final class ExplainCommand implements Callable<Integer> {

    enum Format { TEXT, JSON }

    @Mixin
    private HelpOption help;

    @Mixin
    private Operator operator;

    @Spec
    private CommandSpec spec;

    @Option(names = "--crm", paramLabel = "<crm>", description = "Name of a configured CRM; may be left out where there is"
            + " one.")
    private String crm;

    @Option(names = "--record", required = true, paramLabel = "<record>", description = "The record, as in"
            + " order/5200000000001.")
    private String record;

    @Option(names = "--field", paramLabel = "<field>", description = "The CRM's name of one field; by default all fields of"
            + " the mapping.")
    private String field;

    @Option(names = "--store", paramLabel = "<store>", description = "Name of a store; may be left out where one store has"
            + " such a record.")
    private String store;

    @Option(names = "--format", defaultValue = "text", description = "text or json.")
    private Format format;

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        List<String> query = new ArrayList<>();
        add(query, "record", record);
        add(query, "crm", crm);
        add(query, "field", field);
        add(query, "store", store);
        try {
            JsonNode explanation = operator.ask("GET", "/api/v1/explanations?" + String.join("&", query), "");
            out.println(format == Format.JSON
                    ? Values.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(explanation) : text(explanation));
            return 0;
        } catch (Operator.Refused e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private static void add(List<String> query, String name, String value) {
        if (value != null) {
            query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }

    static String text(JsonNode all) {
        StringBuilder text = new StringBuilder(all.path("record").asText() + " of store " + all.path("store").asText() + " in "
                + all.path("crm").asText() + ": ");
        text.append(all.hasNonNull("crm_id") ? all.path("object").asText() + " " + all.path("crm_id").asText() + ", linked at "
                + all.path("linked_at").asText() + ", last in step at " + all.path("synced_at").asText("an unknown time")
                : "no record there");
        all.path("standing").forEach(sentence -> text.append("\n  ").append(sentence.asText()));
        all.path("fields").forEach(one -> field(text, one));
        text.append("\n\nattempts, the newest first");
        all.path("attempts").forEach(one -> text.append("\n  ").append(one.path("at").asText()).append("  ")
                .append(one.path("outcome").asText()).append(because(one)));
        return text.toString();
    }

    private static void field(StringBuilder text, JsonNode field) {
        text.append("\n\n").append(field.path("field").asText());
        line(text, "Shopify", field, "shopify");
        line(text, "CRM", field, "crm");
        line(text, "last written", field, "last_written");
        text.append("\n  ").append(field.path("would_write").asBoolean() ? "would be written now: " : "not written: ")
                .append(field.path("because").asText());
        if (field.hasNonNull("history")) {
            text.append("\n  in the CRM ").append(field.path("history").asText());
        }
        if (field.hasNonNull("owner")) {
            text.append("\n  owner ").append(field.path("owner").asText()).append(", ").append(field.path("mapping").asText());
            if (field.hasNonNull("from")) {
                text.append(": ").append(field.path("from").asText().strip().replaceAll("\\s+", " "));
            }
        }
        field.path("sources").forEach(source -> text.append("\n  from ").append(source.path("field").asText()).append(" (")
                .append(source.path("facet").asText()).append(", as of ").append(source.path("at").asText()).append(")")
                .append(event(source.path("event"))));
        field.path("conflicts").forEach(one -> text.append("\n  conflict at ").append(one.path("at").asText())
                .append(": both sides had changed it, and the value of ").append(one.path("winner").asText()).append(" stayed"));
    }

    private static void line(StringBuilder text, String name, JsonNode field, String key) {
        text.append("\n  ").append(name).append(": ").append(field.hasNonNull(key) ? field.get(key).toString() : "nothing");
    }

    private static String event(JsonNode event) {
        return event.isObject() ? ", brought by event " + event.path("inbox_id").asLong() + ", " + event.path("topic").asText()
                + ", received at " + event.path("received_at").asText() : "";
    }

    private static String because(JsonNode one) {
        return one.hasNonNull("because") ? ": " + one.path("because").asText() : "";
    }
}
