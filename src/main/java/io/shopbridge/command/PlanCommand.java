package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Values;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "plan", description = "Says what a changed mappings folder would change in the CRMs: a running instance looks"
        + " at all records that it knows. No CRM is called, and nothing is written. To stop this command does not stop the"
        + " plan. The password comes from SHOPBRIDGE_OPERATOR_PASSWORD.")
final class PlanCommand implements Callable<Integer> {

    enum Format { TEXT, JSON }

    @Mixin
    private HelpOption help;

    @Mixin
    private Operator operator;

    @Spec
    private CommandSpec spec;

    @Option(names = "--mappings", required = true, paramLabel = "<folder>", description = "The changed folder.")
    private Path mappings;

    @Option(names = "--crm", split = ",", paramLabel = "<crm>", description = "Names of configured CRMs; by default all.")
    private List<String> crms = List.of();

    @Option(names = "--sample", paramLabel = "<records>", description = "About so many records of each kind and store, drawn by"
            + " chance; by default all. Only a plan of all can be applied.")
    private Integer sample;

    @Option(names = "--format", defaultValue = "text", description = "text or json.")
    private Format format;

    @Override
    public Integer call() throws InterruptedException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (!Files.isDirectory(mappings)) {
            throw new ParameterException(spec.commandLine(), "There is no folder " + mappings);
        }
        List<String> query = new ArrayList<>();
        if (!crms.isEmpty()) {
            query.add("crm=" + URLEncoder.encode(String.join(",", crms), StandardCharsets.UTF_8));
        }
        if (sample != null) {
            query.add("sample=" + sample);
        }
        try {
            JsonNode begun = operator.upload(PlanProgress.PATH + (query.isEmpty() ? "" : "?" + String.join("&", query)),
                    "application/zip", zip(mappings));
            JsonNode end = PlanProgress.watch(operator, begun.path("id").asLong(), "planning", out);
            JsonNode whole = operator.ask("GET", PlanProgress.PATH + "/" + begun.path("id").asLong(), "");
            out.println(format == Format.JSON ? Values.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(whole)
                    : PlanText.of(whole));
            return end.path("state").asText().equals("planned") ? 0 : 1;
        } catch (Operator.Refused e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private static byte[] zip(Path folder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes); Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                zip.putNextEntry(new ZipEntry(folder.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
