package io.shopbridge.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.yaml.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every folder of {@code lint/broken} holds the files that differ from {@code lint/right} (one that ends in
 * {@code .removed} is missing there) and {@code findings.txt}, the lines that the linter must answer: no more, no
 * fewer.
 */
class BrokenFilesTest {

    private static final Path CASES = Path.of("src/test/resources/lint");
    private static final String REMOVED = ".removed";
    private static final String FINDINGS = "findings.txt";
    private static final String REST = "…";

    @TempDir
    private Path project;

    static Stream<String> broken() throws IOException {
        try (Stream<Path> folders = Files.list(CASES.resolve("broken"))) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    @Test
    void whatIsRightHasNoFindings() {
        assertThat(Lint.check(CASES.resolve("right"))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("broken")
    void isRefusedWithFileLineAndAdvice(String name) throws IOException {
        Path broken = CASES.resolve("broken").resolve(name);
        for (Path file : files(CASES.resolve("right"))) {
            put(CASES.resolve("right"), file, "");
        }
        for (Path file : files(broken)) {
            put(broken, file, REMOVED);
        }

        List<Fault> faults = Lint.check(project);

        assertThat(faults).map(Fault::toString).isNotEmpty().zipSatisfy(
                Files.readAllLines(broken.resolve(FINDINGS)), BrokenFilesTest::isLine);
        assertThat(faults).allSatisfy(fault -> assertThat(fault.right()).isNotBlank());
    }

    /** A line that ends in an ellipsis leaves out which other words are legal. */
    private static void isLine(String actual, String expected) {
        if (expected.endsWith(REST)) {
            assertThat(actual).startsWith(expected.substring(0, expected.length() - REST.length()));
        } else {
            assertThat(actual).isEqualTo(expected);
        }
    }

    private void put(Path root, Path file, String removed) throws IOException {
        String name = root.relativize(file).toString();
        if (!removed.isEmpty() && name.endsWith(removed)) {
            Files.delete(project.resolve(name.substring(0, name.length() - removed.length())));
        } else {
            Path target = project.resolve(name);
            Files.createDirectories(target.getParent());
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(Files::isRegularFile).filter(path -> !path.endsWith(FINDINGS)).toList();
        }
    }
}
