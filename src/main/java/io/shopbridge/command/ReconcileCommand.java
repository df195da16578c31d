package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "reconcile", description = "Compares a CRM with the mirror, by a running instance: starts it, shows how far"
        + " it is, and what it found. To stop this command does not stop the reconciliation; called again it shows the same"
        + " one. The password comes from SHOPBRIDGE_OPERATOR_PASSWORD.")
final class ReconcileCommand implements Callable<Integer> {

    private static final String PATH = "/api/v1/reconciliations";

    @Mixin
    private HelpOption help;

    @Mixin
    private Operator operator;

    @Spec
    private CommandSpec spec;

    @Option(names = "--crm", required = true, paramLabel = "<crm>", description = "Name of a configured CRM.")
    private String crm;

    @Option(names = "--entities", split = ",", paramLabel = "<entity>",
            description = "Kinds of record, in this order; absent: all that the CRM has.")
    private List<String> entities;

    @Option(names = "--since", paramLabel = "<time>", description = "Only records that were synchronised since then, as"
            + " 2026-01-31T00:00:00Z; what is missing on either side is not looked for. Absent: all.")
    private Instant since;

    @Option(names = "--repair", split = ",", arity = "0..1", fallbackValue = "all", paramLabel = "<class>",
            description = "Repairs what differs: all classes, or these. Absent: only says what differs.")
    private List<String> repair;

    @Option(names = "--most", paramLabel = "<records>", description = "Repairs so many records at most.")
    private Long most;

    @Option(names = "--dry-run", description = "With --repair: only says what would be repaired.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try {
            JsonNode run = operator.ask("POST", PATH, request().toString());
            if (!run.path("as_asked").asBoolean(true)) {
                out.println("One that was asked for otherwise is under way, and is shown here. Call this again when it has"
                        + " ended.");
            }
            String path = PATH + "/" + run.path("id").asLong();
            JsonNode end = Watch.until("running", () -> operator.ask("GET", path, ""), ReconcileCommand::line, out);
            out.println(report(end));
            return end.path("state").asText().equals("done") ? 0 : 1;
        } catch (Operator.Refused e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private ObjectNode request() {
        ObjectNode request = Values.JSON.createObjectNode().put("crm", crm).put("dry_run", dryRun);
        if (entities != null) {
            entities.forEach(request.putArray("entities")::add);
        }
        if (since != null) {
            request.put("since", since.toString());
        }
        if (repair != null) {
            repair.forEach(request.putArray("repair")::add);
        }
        if (most != null) {
            request.put("repair_most", most);
        }
        return request;
    }

    /** What it does, and how much it has compared. */
    static String line(JsonNode now) {
        return now.path("crm").asText() + ": " + (now.path("paused").asBoolean() ? "paused" : now.path("state").asText())
                + ", " + now.path("compared").asLong() + " records compared"
                + (now.path("listed").asLong() > 0 ? " and " + now.path("listed").asLong() + " contacts listed" : "")
                + " by " + now.path("calls").asLong() + " calls"
                + (now.hasNonNull("at") ? ", at " + now.path("at").asText() : "")
                + (now.hasNonNull("because") ? "; " + now.path("because").asText() : "");
    }

    /** What it found. */
    static String report(JsonNode end) {
        StringBuilder report = new StringBuilder();
        end.path("differences").forEach(one -> {
            report.append("  ").append(one.path("entity").asText()).append(": ").append(one.path("found").asLong())
                    .append(' ').append(one.path("class").asText())
                    .append(one.hasNonNull("field") ? " in " + one.path("field").asText() : "").append(", ")
                    .append(one.path("repaired").asLong())
                    .append(end.path("dry_run").asBoolean() ? " would be repaired" : " repaired");
            if (one.hasNonNull("because")) {
                report.append(". ").append(one.path("because").asText());
            }
            one.path("examples").forEach(example -> report.append("\n    ").append(example.asText()));
            report.append('\n');
        });
        boolean differs = !report.isEmpty();
        checked(end.path("checked"), report);
        duplicates(end.path("duplicates"), end.path("listed").asLong(), report);
        if (!differs) {
            report.insert(0, report.isEmpty() ? "  Nothing differs." : "  Nothing differs.\n");
        }
        return report.indexOf("\n") < 0 ? report.toString() : report.append("  The report: GET ").append(PATH).append('/')
                .append(end.path("id").asLong()).append("/report").toString();
    }

    /** How much of the whole was compared, which may take several nights, and how old the oldest comparison is. */
    private static void checked(JsonNode checked, StringBuilder report) {
        long records = checked.path("records").asLong();
        if (records > 0) {
            long compared = checked.path("since_asked").asLong();
            long never = checked.path("never").asLong();
            report.append("  Of about ").append(records).append(" linked records, ").append(compared).append(" (")
                    .append(compared * 100 / records).append(" percent) have been compared since it was asked for")
                    .append(never == 0 ? "" : ", and " + never + " never").append("; the oldest comparison is of ")
                    .append(checked.path("oldest").asText()).append('\n');
        }
    }

    private static void duplicates(JsonNode found, long listed, StringBuilder report) {
        if (found.hasNonNull("because")) {
            report.append("  Contacts of the CRM that share an e-mail or phone: not looked at. ")
                    .append(found.path("because").asText()).append('\n');
        }
        found.path("shared").forEach(one -> report.append("  ").append(shared(one, listed))
                .append(one.hasNonNull("growth") ? ", %+d groups since the one before".formatted(one.path("growth").asLong())
                        : "").append('\n'));
        if (found.hasNonNull("advice")) {
            report.append("  ").append(found.path("advice").asText()).append('\n');
        }
    }

    private static String shared(JsonNode one, long listed) {
        String kind = one.path("kind").asText();
        long groups = one.path("groups").asLong();
        return groups == 0 ? "None of " + listed + " contacts share their " + kind
                : groups + " groups of contacts share their " + kind + ": " + one.path("contacts").asLong() + " of " + listed
                        + " contacts; in " + one.path("same_name").asLong() + " of these groups several have the same name";
    }
}
