package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "decide", description = "Decides which CRM record a held record is, in a running instance. Without a"
        + " number, it lists what is held. The password comes from SHOPBRIDGE_OPERATOR_PASSWORD.")
final class DecideCommand implements Callable<Integer> {

    private static final String PATH = "/api/v1/rejected";

    /** One of them. */
    private static final class Decision {

        @Option(names = "--link-to", paramLabel = "<id>", description = "It is this record of the CRM.")
        private String linkTo;

        @Option(names = "--create-new", description = "It is none of the candidates: a new record is created.")
        private boolean createNew;

        @Option(names = "--never-the-same", paramLabel = "<id>",
                description = "It is not this record of the CRM. This is remembered.")
        private String never;

        ObjectNode json() {
            ObjectNode json = Values.JSON.createObjectNode();
            return createNew ? json.put("decision", "create-new") : linkTo != null
                    ? json.put("decision", "link-to").put("crm_id", linkTo)
                    : json.put("decision", "never-the-same").put("crm_id", never);
        }
    }

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "<number>", description = "Number of the held record in the list.")
    private Long number;

    @ArgGroup
    private Decision decision;

    @Mixin
    private Operator operator;

    @Override
    public Integer call() throws InterruptedException {
        if (number == null != (decision == null)) {
            throw new ParameterException(spec.commandLine(),
                    "give a number and a decision, or neither to list what is held");
        }
        PrintWriter out = spec.commandLine().getOut();
        try {
            JsonNode body = number == null ? operator.ask("GET", PATH + "?outcome=held&limit=500", "")
                    : operator.ask("POST", PATH + "/" + number + "/decision", decision.json().toString());
            if (number != null) {
                out.println(body.path("done").asText());
            }
            body.path("items").forEach(held -> print(held, out));
            return 0;
        } catch (Operator.Refused e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private static void print(JsonNode held, PrintWriter out) {
        if (!held.path("candidates").isEmpty()) {
            out.println(held.path("id").asText() + "  " + held.path("entity").asText() + " "
                    + held.path("record").asText() + " of store " + held.path("store").asText() + " for "
                    + held.path("crm").asText());
            held.path("errors").forEach(sentence -> out.println("    " + sentence.asText()));
        }
    }
}
