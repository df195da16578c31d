package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "recount", description = "Compares a shop with the mirror, by a running instance: starts it, shows how far it"
        + " is, and which records are missing here, older here, or gone there. To stop this command does not stop the"
        + " recount; called again it shows the same one. The password comes from SHOPBRIDGE_OPERATOR_PASSWORD.")
final class RecountCommand implements Callable<Integer> {

    private static final String PATH = "/api/v1/recounts";

    @Mixin
    private HelpOption help;

    @Mixin
    private Operator operator;

    @Spec
    private CommandSpec spec;

    @Option(names = "--store", required = true, paramLabel = "<store>", description = "Name of a configured store.")
    private String store;

    @Option(names = "--entities", split = ",", paramLabel = "<entity>",
            description = "Kinds of record: order, customer. Absent: all that can be counted.")
    private List<String> entities;

    @Option(names = "--repair", description = "Takes in what differs. Absent: only says what differs.")
    private boolean repair;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode request = Values.JSON.createObjectNode().put("store", store).put("repair", repair);
        if (entities != null) {
            entities.forEach(request.putArray("entities")::add);
        }
        try {
            JsonNode started = operator.ask("POST", PATH, request.toString());
            if (repair && !started.path("repair").asBoolean()) {
                out.println("One without repair is under way. Call this again when it has ended.");
            }
            String path = PATH + "/" + started.path("id").asLong();
            JsonNode end = Watch.until("running", () -> operator.ask("GET", path, ""), RecountCommand::line, out);
            out.println(report(end));
            return end.path("state").asText().equals("done") ? 0 : 1;
        } catch (Operator.Refused e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    static String line(JsonNode now) {
        return now.path("store").asText() + ": " + now.path("state").asText() + ", " + now.path("counted").asLong()
                + " records counted by " + now.path("calls").asLong() + " calls"
                + (now.path("open").asLong() > 0 ? ", " + now.path("open").asLong() + " windows or records to look at" : "")
                + (now.hasNonNull("because") ? "; " + now.path("because").asText() : "");
    }

    /** What it found. */
    static String report(JsonNode end) {
        StringBuilder report = new StringBuilder();
        end.path("differences").forEach(one -> {
            report.append("  ").append(one.path("entity").asText()).append(": ").append(one.path("found").asLong())
                    .append(' ').append(one.path("class").asText()).append(", ").append(one.path("repaired").asLong())
                    .append(" repaired").append(one.hasNonNull("because") ? ". " + one.path("because").asText() : "");
            one.path("examples").forEach(example -> report.append("\n    ").append(example.asText()));
            report.append('\n');
        });
        return report.isEmpty() ? "  Nothing differs." : report.toString().stripTrailing();
    }
}
