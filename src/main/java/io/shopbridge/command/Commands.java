package io.shopbridge.command;

import java.io.IOException;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.springframework.boot.logging.LoggingSystem;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The commands of the jar. */
@Command(name = "shopbridge", description = "Keeps a CRM in sync with Shopify. Without a command, it starts the"
        + " server.",
        subcommands = {LintCommand.class, TestCommand.class, MapCommand.class, DocsCommand.class, DoctorCommand.class,
            DecideCommand.class, WebhooksCommand.class, BackfillCommand.class,
            ExportCommand.class, ExplainCommand.class, PlanCommand.class, ApplyCommand.class, ReconcileCommand.class,
            RecountCommand.class, CommandLine.HelpCommand.class})
public final class Commands {

    @Mixin
    private HelpOption help;

    private Commands() {
    }

    /** Whether these are the arguments of a command: the server's begin with dashes. */
    public static boolean isOne(String... arguments) {
        return arguments.length > 0 && (!arguments[0].startsWith("-") || arguments[0].equals("--help")
                || arguments[0].equals("-h"));
    }

    /** Runs a command and returns the exit status: 0 all is well, 1 something is wrong, 2 the call itself is. */
    public static int run(String... arguments) {
        // The logs of the libraries are not part of the output of a command
        LoggingSystem.get(Commands.class.getClassLoader()).beforeInitialize();
        return line().execute(arguments);
    }

    static CommandLine line() {
        return new CommandLine(new Commands()).setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, line, arguments) -> {
                    int file = ExceptionUtils.indexOfType(e, IOException.class);
                    if (file < 0) {
                        throw e;
                    }
                    line.getErr().println("A file could not be read or written: "
                            + ExceptionUtils.getThrowableList(e).get(file));
                    return 1;
                });
    }
}
