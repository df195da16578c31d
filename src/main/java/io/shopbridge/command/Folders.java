package io.shopbridge.command;

import java.nio.file.Files;
import java.nio.file.Path;

/** Resolves the path argument of a command. */
final class Folders {

    private Folders() {
    }

    /** The mappings folder in a project folder, or the folder itself. */
    static Path mappings(Path path) {
        return Files.isDirectory(path.resolve("mappings")) ? path.resolve("mappings") : path;
    }
}
