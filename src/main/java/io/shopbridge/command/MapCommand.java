package io.shopbridge.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.InvalidCrm;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.map.Values;
import io.shopbridge.preview.Previewer;
import io.shopbridge.preview.Preview;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.Countries;
import io.shopbridge.yaml.InvalidMappings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "map", description = "Dry run: shows what a webhook's body, or an answer of Shopify's GraphQL or REST"
        + " API, would become in a CRM. Nothing is sent.")
final class MapCommand implements Callable<Integer> {

    enum Format { TEXT, JSON }

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", defaultValue = ".", description = "A project folder or a mappings folder.")
    private Path path;

    @Option(names = "--crm", required = true, description = "A CRM's folder of mappings/.")
    private String crm;

    @Option(names = "--payload", required = true, description = "A file with the body as Shopify sent it.")
    private Path payload;

    @Option(names = "--crm-has", description = "A file with the CRM's present record: its fields, or {id, fields, "
            + "updated_at, before, links}; before is what Shopbridge wrote last, links are the CRM's ids of related"
            + " records. Without it, the CRM does not have the record.")
    private Path crmHas;

    @Option(names = "--topic", description = "The webhook's topic; if absent, it is guessed from the body.")
    private String topic;

    @Option(names = "--store", defaultValue = "main", description = "The store's name, by default main.")
    private String store;

    @Option(names = "--region", defaultValue = "US", description = "Country of phone numbers without a code.")
    private String region;

    @Option(names = "--time-zone", defaultValue = "UTC", description = "The shop's time zone, for the day of a time"
            + " given in UTC.")
    private String timeZone;

    @Option(names = "--format", defaultValue = "text", description = "text or json.")
    private Format format;

    private ZoneId zone() {
        try {
            return ZoneId.of(timeZone);
        } catch (DateTimeException e) {
            throw new ParameterException(spec.commandLine(), "--time-zone: \"" + timeZone + "\" is not a time zone;"
                    + " write"
                    + " its name, as in America/Toronto");
        }
    }

    /** Of no country, every number without a code would be left out. */
    private String country() {
        String country = region.strip().toUpperCase(Locale.ROOT);
        if (!Countries.has(country)) {
            throw new ParameterException(spec.commandLine(), "--region: \"" + region + "\" is not a country; write its two"
                    + " letters, as in DE");
        }
        return country;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        Path mappings = Folders.mappings(path);
        Preview preview;
        try {
            Crm of = Crm.ofFolder(mappings, crm, Mappings.load(mappings));
            preview = new Previewer(of, new MappingContext(store, country(), zone(), null, Map.of()),
                    Shopify.load(mappings))
                    .preview(bytes(payload), Optional.ofNullable(topic), crmHas == null ? null : json(crmHas));
        } catch (InvalidMappings | InvalidCrm e) {
            out.println(e.getMessage());
            return 1;
        } catch (UnreadablePayload e) {
            // The call is right and the file is not: how the command is called would only hide what is wrong.
            spec.commandLine().getErr().println(payload + ": " + e.getMessage());
            return 2;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        if (format == Format.JSON) {
            out.println(Values.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(preview));
        } else {
            new PreviewText(out).print(preview);
        }
        boolean rejected = preview.records().stream().anyMatch(MapCommand::isRejected);
        return rejected ? 1 : 0;
    }

    private static boolean isRejected(Preview.Entry entry) {
        return entry.outcome() == Preview.Outcome.REJECTED
                || entry.children().stream().anyMatch(MapCommand::isRejected);
    }

    private byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), file + " can't be read; name a file");
        }
    }

    private JsonNode json(Path file) {
        try {
            JsonNode json = Values.read(file);
            if (json.isObject()) {
                return json;
            }
        } catch (IOException e) {
            // said below
        }
        throw new ParameterException(spec.commandLine(), file + " is not a file with a JSON object");
    }
}
