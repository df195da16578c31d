package io.shopbridge.command;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "export", description = "Writes what a running instance knows, as CSV for spreadsheets or as JSON Lines."
        + " It contains personal data. The password comes from SHOPBRIDGE_OPERATOR_PASSWORD.")
final class ExportCommand implements Callable<Integer> {

    enum Format { CSV, JSONL }

    @Mixin
    private HelpOption help;

    @Mixin
    private Operator operator;

    @Spec
    private CommandSpec spec;

    @Option(names = "--what", required = true, paramLabel = "<export>", description = "customers, orders, line-items,"
            + " links, outcomes, audit, or a file of mappings/exports of your own.")
    private String what;

    @Option(names = "--format", defaultValue = "csv", description = "csv or jsonl, by default csv. JSON Lines have all"
            + " that is known.")
    private Format format;

    @Option(names = "--to", paramLabel = "<file>", description = "The file to write; it is there when it is whole. By"
            + " default the output of this command.")
    private Path to;

    @Option(names = "--store", paramLabel = "<store>", description = "Only of this store.")
    private String store;

    @Option(names = "--crm", paramLabel = "<crm>", description = "Only of this CRM: of links and outcomes.")
    private String crm;

    @Option(names = "--since", paramLabel = "<time>", description = "Only what changed from this time on, as in"
            + " 2026-11-01T00:00:00Z.")
    private String since;

    @Option(names = "--until", paramLabel = "<time>", description = "Only what changed before this time.")
    private String until;

    @Override
    public Integer call() throws InterruptedException, IOException {
        PrintWriter err = spec.commandLine().getErr();
        // A slash would not even reach what knows the exports.
        if (!what.matches("[A-Za-z0-9_-]+")) {
            throw new ParameterException(spec.commandLine(), "--what: a name has letters, digits, - and _ alone, as in"
                    + " line-items");
        }
        // A device or a folder would be replaced by the file.
        if (to != null && Files.exists(to) && !Files.isRegularFile(to)) {
            throw new ParameterException(spec.commandLine(), "--to: " + to + " is not a file; name one, or leave --to out"
                    + " for the output of this command");
        }
        Path part = to == null ? null : to.resolveSibling(to.getFileName() + ".part");
        try {
            if (part == null) {
                operator.download(path(), System.out);
                // It keeps its failures to itself, such as a full disk that it is redirected to.
                if (System.out.checkError()) {
                    err.println("The output could not be written to its end, so it is not whole: is the disk full?");
                    return 1;
                }
            } else {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
                    operator.download(path(), out);
                }
                Files.move(part, to, StandardCopyOption.REPLACE_EXISTING);
            }
            return 0;
        } catch (Operator.Refused e) {
            return failed(part, e.getMessage());
        } catch (IOException e) {
            return failed(part, to + " could not be written: " + e);
        }
    }

    private int failed(Path part, String message) throws IOException {
        if (part != null) {
            Files.deleteIfExists(part);
        }
        spec.commandLine().getErr().println(message);
        return 1;
    }

    private String path() {
        Map<String, String> query = new TreeMap<>();
        query.put("format", format.name().toLowerCase(Locale.ROOT));
        query.put("store", store);
        query.put("crm", crm);
        query.put("since", since);
        query.put("until", until);
        return "/api/v1/exports/" + encoded(what) + query.entrySet().stream()
                .filter(one -> one.getValue() != null).map(one -> one.getKey() + "=" + encoded(one.getValue()))
                .collect(Collectors.joining("&", "?", ""));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
