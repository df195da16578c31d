package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "apply", description = "Has the records of a plan written, after all other work, by a running instance that"
        + " already uses the planned mappings. To stop this command does not stop it: POST /api/v1/plans/<id>/pause does."
        + " The password comes from SHOPBRIDGE_OPERATOR_PASSWORD.")
final class ApplyCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help;

    @Mixin
    private Operator operator;

    @Spec
    private CommandSpec spec;

    @Option(names = "--plan", required = true, paramLabel = "<id>", description = "Number of the plan.")
    private long plan;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try {
            operator.ask("POST", PlanProgress.PATH + "/" + plan + "/apply", "");
            JsonNode end = PlanProgress.watch(operator, plan, "applying", out);
            out.println("plan " + plan + ": " + end.path("marked").asLong() + " records were marked. What is still to be delivered:"
                    + " GET /api/v1/status; rejected and held records: GET /api/v1/rejected");
            return end.path("state").asText().equals("applied") ? 0 : 1;
        } catch (Operator.Refused e) {
            out.println(e.getMessage());
            return 1;
        }
    }
}
