package io.shopbridge.command;

import io.shopbridge.docs.FieldsPages;
import io.shopbridge.yaml.InvalidMappings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "docs", description = "Writes FIELDS.md into each CRM's folder: fields, owners, tables, rules, limits.")
final class DocsCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", defaultValue = ".", description = "A project folder or a mappings folder.")
    private Path path;

    @Option(names = "--check", description = "Writes nothing; fails if a page is outdated.")
    private boolean check;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Path mappings = Folders.mappings(path);
        Map<Path, String> pages;
        try {
            pages = FieldsPages.of(mappings, mappings.resolveSibling("routes"));
        } catch (InvalidMappings e) {
            out.println(e.getMessage());
            return 1;
        }
        List<Path> stale = FieldsPages.stale(pages);
        for (Path page : stale) {
            if (check) {
                out.println(page + " is outdated; run `java -jar shopbridge.jar docs`");
            } else {
                Files.writeString(page, pages.get(page));
                out.println(page + " written");
            }
        }
        return check && !stale.isEmpty() ? 1 : 0;
    }
}
