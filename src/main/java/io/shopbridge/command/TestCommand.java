package io.shopbridge.command;

import io.shopbridge.map.InvalidMappings;
import io.shopbridge.map.Mappings;
import io.shopbridge.merge.MappingCase;
import io.shopbridge.merge.MappingTests;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "test", description = "Runs the cases of all *.test.yaml files.")
final class TestCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", defaultValue = ".", description = "A project folder or a mappings folder.")
    private Path path;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Path mappings = Folders.mappings(path);
        List<MappingCase> cases;
        try {
            cases = MappingTests.load(mappings, Mappings.load(mappings));
        } catch (InvalidMappings e) {
            e.faults().forEach(out::println);
            return 1;
        }
        int failed = 0;
        for (MappingCase one : cases) {
            List<String> differences = one.differences();
            failed += differences.isEmpty() ? 0 : 1;
            differences.forEach(difference ->
                    out.println(one.file() + ":" + one.line() + " " + one.name() + ": " + difference));
        }
        out.println(cases.size() + " cases, " + failed + " failed");
        return failed == 0 ? 0 : 1;
    }
}
