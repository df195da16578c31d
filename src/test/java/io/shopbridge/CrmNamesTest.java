package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A CRM is its folder: what it needs stands there, and no line of Java knows it but those of a protocol of its own. */
class CrmNamesTest {

    private static final Path MAIN = Path.of("src/main/java/io/shopbridge");
    private static final Path MAPPINGS = Path.of("mappings");
    /** Sources of facts about vendors may be named. A text is matched first, so that no address in it is a comment. */
    private static final Pattern COMMENT_OR_TEXT =
            Pattern.compile("(\"(?:[^\"\\\\\\n]|\\\\.)*\")|//[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    @Test
    void noLineOfJavaNamesACrmOutsideAProtocolOfItsOwn() throws IOException {
        List<String> named = new ArrayList<>();
        Pattern names = names();
        try (Stream<Path> files = Files.walk(MAIN)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.startsWith(MAIN.resolve("salesforce"))).sorted().toList()) {
                code(Files.readString(file)).lines().filter(line -> names.matcher(line).find())
                        .forEach(line -> named.add(file + ": " + line.strip()));
            }
        }
        assertThat(named).isEmpty();
    }

    @Test
    void aNameIsSeenInCodeAndInTextsButNotInComments() throws IOException {
        assertThat(code("/* HubSpot */ int a; // see https://hubspot.com\n")).isEqualTo(" int a; \n");
        assertThat(code("String url = \"https://api.hubapi.com\"; // x")).contains("hubapi").doesNotContain("x");
        assertThat(names().matcher("new HubSpotSetup()").find()).isTrue();
        assertThat(names().matcher("\"CRM One\"").find()).isTrue();
        assertThat(names().matcher("catch (CrmGone e)").find()).isFalse();
    }

    private static String code(String java) {
        return COMMENT_OR_TEXT.matcher(java).replaceAll("$1");
    }

    /** Folders and titles, also as Java spells them. */
    private static Pattern names() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (Stream<Path> folders = Files.list(MAPPINGS)) {
            for (Path crm : folders.map(folder -> folder.resolve("crm.yaml")).filter(Files::exists).toList()) {
                names.add(crm.getParent().getFileName().toString());
                names.add(Yaml.read(MAPPINGS, crm, new ArrayList<>()).orElseThrow().entries().get("name").text()
                        .orElseThrow());
            }
        }
        return Pattern.compile(names.stream().map(name -> name.replaceAll("[ -]", "[ _-]?"))
                .collect(Collectors.joining("|")), Pattern.CASE_INSENSITIVE);
    }
}
