package io.shopbridge.lint;

import io.shopbridge.map.Values;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.ResourceHelper;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Loads route files with Camel's own loader, without starting a route: a misspelled step or key is found as at the
 * start. Camel's loader stops at the first fault of a file.
 */
final class RouteLoading {

    private static final String SEE =
            "see https://camel.apache.org/components/4.18.x/others/yaml-dsl.html for the keys of a step";
    private static final Pattern UNKNOWN = Pattern.compile("(?:Unknown node id|Unsupported field): (\\S+)");

    private RouteLoading() {
    }

    static void check(Path root, List<Path> files, List<Fault> faults) {
        CamelContext context = new DefaultCamelContext();
        context.build();
        try {
            for (Path file : files) {
                check(context, root.relativize(file).toString().replace('\\', '/'), file, faults);
            }
        } finally {
            context.stop();
        }
    }

    private static void check(CamelContext context, String name, Path file, List<Fault> faults) {
        try (YamlRoutesBuilderLoader loader = new YamlRoutesBuilderLoader()) {
            loader.setCamelContext(context);
            loader.start();
            RouteBuilder builder =
                    (RouteBuilder) loader.loadRoutesBuilder(ResourceHelper.fromString(name, Files.readString(file)));
            builder.setCamelContext(context);
            builder.configure();
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            faults.add(new Fault(name, line, "", "Camel can't load it: " + firstLine(e.getProblem()),
                    advice(e.getProblem())));
        } catch (Exception e) {
            // The loader wraps what it meets in exceptions of many kinds; each means that the file doesn't load.
            faults.add(new Fault(name, 0, "", "Camel can't load it: " + firstLine(e.getMessage()), SEE));
        }
    }

    /** Camel says what it doesn't know, but not what it does. */
    private static String advice(String problem) {
        Matcher unknown = UNKNOWN.matcher(problem == null ? "" : problem);
        return unknown.find() ? Nearest.to(unknown.group(1), words()).map(word -> "did you mean \"" + word + "\"? ")
                .orElse("") + SEE : SEE;
    }

    /** The steps and keys of the schema that comes with Camel's loader. */
    private static Set<String> words() {
        Set<String> words = new TreeSet<>();
        try (InputStream schema = YamlRoutesBuilderLoader.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            Values.JSON.readTree(schema).findValues("properties")
                    .forEach(properties -> properties.fieldNames().forEachRemaining(words::add));
        } catch (IOException e) {
            throw new UncheckedIOException("Camel's YAML schema can't be read from the class path", e);
        }
        return words;
    }

    private static String firstLine(String message) {
        return message == null ? "it gives no reason" : message.lines().findFirst().orElse("it gives no reason");
    }
}
