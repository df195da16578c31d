package io.shopbridge.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.shopbridge.doctor.Doctor;
import io.shopbridge.doctor.Finding;
import io.shopbridge.lint.SettingFaults;
import io.shopbridge.map.Values;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

@Command(name = "doctor", description = "Checks whether every configured store and CRM is set up as the mappings"
        + " need it. Takes the server's settings, as --shopbridge.crms.<crm>.token=… or from the environment.")
final class DoctorCommand implements Callable<Integer> {

    enum Format { TEXT, JSON }

    /** Configuration needs an application; this one has nothing in it but what settings there are. */
    @Configuration(proxyBeanMethods = false)
    @ConfigurationPropertiesScan("io.shopbridge")
    static class Nothing {
    }

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Option(names = "--create", description = "Creates missing fields, or writes a package to deploy.")
    private boolean create;

    @Option(names = "--out", defaultValue = "deploy", description = "Folder for what a CRM's own tools must deploy,"
            + " written"
            + " by --create; by default deploy.")
    private Path out;

    @Option(names = "--format", defaultValue = "text", description = "text or json.")
    private Format format;

    @Unmatched
    private List<String> settings = new ArrayList<>();

    @Override
    public Integer call() throws JsonProcessingException {
        for (String setting : settings) {
            if (!setting.matches("(?s)--[a-z]+\\..*=.*")) {
                throw new ParameterException(spec.commandLine(), "Unknown argument " + setting.split("=", 2)[0]
                        + "; settings are given as --shopbridge.crms.<crm>.base-url=…");
            }
        }
        List<Finding> findings;
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Nothing.class)
                .web(WebApplicationType.NONE).lazyInitialization(true).bannerMode(Banner.Mode.OFF).logStartupInfo(false)
                .run(quiet())) {
            findings = new ArrayList<>(settings(context));
            findings.addAll(new Doctor(context.getEnvironment(), create, out, Clock.systemUTC()).examine());
        } catch (BindException e) {
            // Its value is not quoted: it may be a secret.
            findings = List.of(new Finding(Finding.Level.PROBLEM, "configuration", e.getName() + ": its value can't be read"
                    + " as " + e.getTarget().getType(), "correct the setting; the README has a table of all of them"));
        }
        print(findings);
        return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.PROBLEM) ? 1 : 0;
    }

    private static List<Finding> settings(ConfigurableApplicationContext context) {
        return SettingFaults.all(context.getEnvironment(), context.getBeanFactory()).stream().map(fault ->
                new Finding(Finding.Level.PROBLEM, "configuration", fault, "correct it; the README has a table of all"
                        + " settings")).toList();
    }

    /** Log lines from reading the settings are not findings. */
    private String[] quiet() {
        List<String> arguments = new ArrayList<>(settings);
        arguments.add("--logging.level.root=OFF");
        return arguments.toArray(String[]::new);
    }

    private void print(List<Finding> findings) throws JsonProcessingException {
        if (format == Format.JSON) {
            spec.commandLine().getOut().println(Values.JSON.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(findings));
        } else {
            findings.forEach(finding -> spec.commandLine().getOut().println(finding));
        }
    }
}
