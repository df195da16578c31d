package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "backfill", description = "Brings a shop's history in, by a running instance: starts it and shows how far"
        + " it is. To stop this command does not stop the backfill; called again it shows the same one. The password comes"
        + " from SHOPBRIDGE_OPERATOR_PASSWORD.")
final class BackfillCommand implements Callable<Integer> {

    private static final String PATH = "/api/v1/backfills";
    private static final Set<String> OVER = Set.of("ended", "failed", "cancelled");
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final int BAR = 30;

    @Mixin
    private HelpOption help;

    @Mixin
    private Operator operator;

    @Spec
    private CommandSpec spec;

    @Option(names = "--store", required = true, paramLabel = "<store>", description = "Name of a configured store.")
    private String store;

    @Option(names = "--entities", split = ",", defaultValue = "customer,order", paramLabel = "<entity>",
            description = "Kinds of record, in this order; by default ${DEFAULT-VALUE}.")
    private List<String> entities;

    @Option(names = "--since", paramLabel = "<day>", description = "From this day in the shop, as 2025-01-01: orders by"
            + " the time they were made, others by their last change. Absent: all.")
    private LocalDate since;

    @Option(names = "--figures-before", paramLabel = "<day>", description = "Orders made before this day of the shop count"
            + " only in their buyers' figures, and are not delivered themselves, also if they change later. Not after today."
            + " It stays until another day is given or it is removed; with an earlier one those between are delivered.")
    private LocalDate figuresBefore;

    @Option(names = "--dry-run", description = "Takes nothing in, and says what would become of the records: created, updated,"
            + " found by which field, likely duplicates, rejected and why, calls of the CRM and hours at its limits. Shopify"
            + " exports them for it, and the CRM is asked for some of them.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode request = Values.JSON.createObjectNode().put("store", store);
        entities.forEach(request.putArray("entities")::add);
        request.put("dry_run", dryRun);
        if (figuresBefore != null) {
            request.put("figures_before", figuresBefore.toString());
        }
        if (since != null) {
            request.put("since", since.toString());
        }
        try {
            List<Long> ids = new ArrayList<>();
            operator.ask("POST", PATH, request.toString()).forEach(one -> ids.add(one.path("id").asLong()));
            boolean complete = true;
            for (long id : ids) {
                complete &= watch(id, out);
            }
            return complete ? 0 : 1;
        } catch (Operator.Refused e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    /** Whether it ended with all records. */
    private boolean watch(long id, PrintWriter out) throws Operator.Refused, InterruptedException {
        boolean terminal = Terminal.isThere();
        String before = "";
        while (true) {
            JsonNode now = progress(id);
            String line = line(now, Instant.now());
            if (terminal) {
                out.print("\r" + line + " ".repeat(Math.max(0, before.length() - line.length())));
            } else if (!now.path("state").asText().equals(before)) {
                out.println(line);
            }
            out.flush();
            before = terminal ? line : now.path("state").asText();
            if (OVER.contains(now.path("state").asText())) {
                out.println((terminal ? "\n" : "") + report(operator.ask("GET", PATH + "/" + id, "")));
                return now.path("state").asText().equals("ended") && now.path("unread").isEmpty();
            }
            Thread.sleep(BETWEEN_LOOKS.toMillis());
        }
    }

    /** Without what became of its records, which costs more. */
    private JsonNode progress(long id) throws Operator.Refused, InterruptedException {
        for (JsonNode one : operator.ask("GET", PATH, "")) {
            if (one.path("id").asLong() == id) {
                return one;
            }
        }
        throw new Operator.Refused("There is no backfill " + id + " any more");
    }

    /** What it does, how much of it is done, at which rate, and how long it will still take. */
    static String line(JsonNode now, Instant at) {
        String state = now.path("paused").asBoolean() ? "paused" : now.path("state").asText();
        boolean downloading = state.equals("downloading");
        long done = now.path(downloading ? "lines" : "records").asLong();
        long all = now.path(downloading ? "expected_lines" : "exported").asLong();
        StringBuilder line = new StringBuilder(now.path("entity").asText()).append(": ").append(state);
        if (all > 0) {
            int filled = (int) (BAR * Math.min(done, all) / all);
            line.append(" [").append("#".repeat(filled)).append(".".repeat(BAR - filled)).append("] ").append(done)
                    .append(" of ").append(all).append(downloading ? " lines" : " records");
        }
        Instant began = now.hasNonNull("began_at") ? Instant.parse(now.path("began_at").asText()) : at;
        long seconds = Math.max(1, Duration.between(began, at).toSeconds());
        if (done > 0 && done < all) {
            line.append(", ").append(done / seconds).append("/s, ")
                    .append((all - done) * seconds / done / 60 + 1).append(" min left");
        }
        if (now.hasNonNull("because")) {
            line.append("; ").append(now.path("because").asText());
        }
        return line.toString();
    }

    private static String reasons(JsonNode ofCrm) {
        StringBuilder reasons = new StringBuilder();
        ofCrm.properties().forEach(outcome -> outcome.getValue().properties().forEach(why -> reasons.append("\n    ")
                .append(why.getValue().asLong()).append(' ').append(outcome.getKey()).append(": ").append(why.getKey())));
        return reasons.toString();
    }

    static String report(JsonNode end) {
        if (end.has("forecast")) {
            return ForecastText.of(end);
        }
        StringBuilder report = new StringBuilder("  in Shopify's file: " + end.path("exported").asText("none")
                + ", brought in: " + end.path("records").asLong());
        if (end.hasNonNull("shop_has")) {
            report.append(", in the shop by its own count: ").append(end.path("shop_has").asLong());
        }
        if (end.hasNonNull("mirror_has")) {
            report.append(", in the mirror: ").append(end.path("mirror_has").asLong()).append("\n  changed: ")
                    .append(end.path("changed").asLong()).append(", unchanged: ").append(end.path("unchanged").asLong());
        }
        end.path("outcomes").properties().forEach(crm -> report.append("\n  ")
                .append(crm.getKey().isEmpty() ? "not for any CRM" : crm.getKey()).append(": ").append(crm.getValue()
                        .properties().stream().map(one -> one.getValue().asLong() + " " + one.getKey()).sorted()
                        .reduce((one, other) -> one + ", " + other).orElse("nothing yet"))
                .append(end.path("crms_have").has(crm.getKey()) ? "; it has "
                        + end.path("crms_have").path(crm.getKey()).asLong() + " of them all" : "")
                .append(reasons(end.path("reasons").path(crm.getKey()))));
        return report.append("\n  What is still to be delivered: GET /api/v1/status; rejected and held records: GET"
                + " /api/v1/rejected").toString();
    }
}
