package io.shopbridge.command;

import io.shopbridge.cases.AnswerCase;
import io.shopbridge.cases.AnswerCases;
import io.shopbridge.cases.MappingCase;
import io.shopbridge.cases.MappingCases;
import io.shopbridge.lint.Lint;
import io.shopbridge.map.Mappings;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.InvalidMappings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "test", description = "Runs the cases of all *.test.yaml files, and lists fields that none of them"
        + " expects.")
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
        List<AnswerCase> answers;
        try {
            cases = MappingCases.load(mappings, Mappings.load(mappings));
            answers = AnswerCases.load(mappings, Shopify.load(mappings));
        } catch (InvalidMappings e) {
            e.faults().forEach(out::println);
            return 1;
        }
        if (cases.isEmpty() && answers.isEmpty()) {
            throw new ParameterException(spec.commandLine(), path + " has no mapping with tests; name a project"
                    + " folder or a mappings folder");
        }
        List<Fault> untested = Lint.untested(mappings);
        untested.forEach(out::println);
        int failed = 0;
        for (MappingCase one : cases) {
            failed += failed(one.file() + ":" + one.line() + " " + one.name(), one.differences());
        }
        for (AnswerCase one : answers) {
            failed += failed(one.file() + ":" + one.line() + " " + one.name(), one.differences());
        }
        out.println(cases.size() + answers.size() + " cases, " + failed + " failed");
        return failed == 0 && untested.isEmpty() ? 0 : 1;
    }

    private int failed(String name, List<String> differences) {
        differences.forEach(difference -> spec.commandLine().getOut().println(name + ": " + difference));
        return differences.isEmpty() ? 0 : 1;
    }
}
