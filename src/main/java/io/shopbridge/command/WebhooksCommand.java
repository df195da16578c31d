package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "webhooks", description = "Shows, in a running instance, which webhook subscriptions a shop has, which the"
        + " mappings in use need, and what is missing or wrong. The password comes from SHOPBRIDGE_OPERATOR_PASSWORD.")
final class WebhooksCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help;

    @Mixin
    private Operator operator;

    @Spec
    private CommandSpec spec;

    @Option(names = "--store", required = true, paramLabel = "<store>", description = "Name of the store.")
    private String store;

    @Option(names = "--apply", description = "Registers what is missing, corrects what is wrong, deletes what is of no"
            + " use.")
    private boolean apply;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        String path = "/api/v1/stores/" + URLEncoder.encode(store, StandardCharsets.UTF_8) + "/subscriptions";
        try {
            JsonNode body = operator.ask(apply ? "POST" : "GET", apply ? path + "/mend" : path, "");
            print(body, out);
            // Without the address nothing was compared; the notes say so.
            return body.path("faults").isEmpty() && body.hasNonNull("address") ? 0 : 1;
        } catch (Operator.Refused e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private static void print(JsonNode answer, PrintWriter out) {
        out.println("Registered in the shop of store " + answer.path("store").asText() + ":");
        answer.path("registered").forEach(one -> out.println("    " + one.path("topic").asText() + "  "
                + one.path("uri").asText()));
        out.println("Needed" + (answer.hasNonNull("address") ? " for " + answer.path("address").asText() : "") + ":");
        answer.path("needed").forEach(topic -> out.println("    " + topic.asText()));
        if (!answer.hasNonNull("address")) {
            out.println("Not compared.");
        } else if (answer.path("faults").isEmpty()) {
            out.println("Nothing is missing or wrong, as far as can be seen.");
        } else {
            out.println("Missing or wrong:");
            answer.path("faults").forEach(fault -> out.println("    " + fault.path("topic").asText() + ": "
                    + fault.path("because").asText() + refused(answer, fault)));
        }
        answer.path("notes").forEach(note -> out.println(note.asText()));
    }

    private static String refused(JsonNode answer, JsonNode fault) {
        JsonNode why = answer.path("refused").path(fault.path("topic").asText());
        return why.isMissingNode() ? "" : "; Shopify refused to mend it: " + why.asText();
    }
}
