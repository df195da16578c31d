package io.shopbridge.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.shopbridge.lint.Lint;
import io.shopbridge.map.Values;
import io.shopbridge.yaml.Fault;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "lint", description = "Lists every fault in mappings/ and routes/.")
final class LintCommand implements Callable<Integer> {

    enum Format { TEXT, JSON }

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", defaultValue = ".", description = "A project folder or a mappings folder.")
    private Path path;

    @Option(names = "--format", defaultValue = "text", description = "text or json.")
    private Format format;

    @Override
    public Integer call() throws JsonProcessingException {
        List<Fault> faults;
        try {
            faults = Lint.check(path);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        if (format == Format.JSON) {
            spec.commandLine().getOut().println(Values.JSON.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(faults));
        } else {
            faults.forEach(fault -> spec.commandLine().getOut().println(fault));
        }
        return faults.isEmpty() ? 0 : 1;
    }
}
