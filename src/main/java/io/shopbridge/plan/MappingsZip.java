package io.shopbridge.plan;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** A mappings folder as a zip file, with paths from the folder. It comes from outside, so all of it is doubted. */
public final class MappingsZip {

    /** Of the zip file, in bytes. The folder that is shipped has a tenth of it. */
    public static final int LARGEST = (int) DataSize.ofMegabytes(4).toBytes();

    private static final long LARGEST_UNPACKED = DataSize.ofMegabytes(32).toBytes();
    private static final int MOST_ENTRIES = 5_000;
    /** In characters, of which each may have three bytes: Linux takes 4,096 bytes. */
    private static final int LONGEST_PATH = 1_000;
    /** Of a file or a folder, in bytes, as file systems take them. */
    private static final int LONGEST_NAME = 255;

    private MappingsZip() {
    }

    /** It has more files or bytes than a mappings folder. */
    public static final class TooLarge extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        private TooLarge() {
            super("The folder has more than " + MOST_ENTRIES + " files, or more than "
                    + DataSize.ofBytes(LARGEST_UNPACKED).toMegabytes() + " MB. Give the mappings folder itself");
        }
    }

    /** What is done with the unpacked folder. */
    interface Reading<T> {
        T read(Path folder);
    }

    /**
     * Unpacks it to a temporary folder, which is there as long as it is read.
     *
     * @throws TooLarge                 where it has too many files or bytes
     * @throws IllegalArgumentException where it is no zip file, or names a file twice or outside its folder
     */
    static <T> T read(byte[] zip, Reading<T> reading) throws IOException {
        Path folder = Files.createTempDirectory("shopbridge-plan");
        try {
            unpack(zip, folder);
            return reading.read(folder);
        } finally {
            FileSystemUtils.deleteRecursively(folder);
        }
    }

    private static void unpack(byte[] zip, Path folder) throws IOException {
        Set<String> files = new HashSet<>();
        Set<String> folders = new HashSet<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            long left = LARGEST_UNPACKED;
            int entries = 0;
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path path = path(entry.getName());
                // Of a folder as well: it may have bytes, which going on to the next entry would unpack without a limit.
                byte[] bytes = in.readNBytes((int) left + 1);
                left -= bytes.length;
                entries++;
                if (left < 0 || entries > MOST_ENTRIES) {
                    throw new TooLarge();
                }
                if (!entry.isDirectory()) {
                    refuseTwo(path, files, folders);
                    Path file = folder.resolve(path);
                    Files.createDirectories(file.getParent());
                    Files.write(file, bytes);
                }
            }
        } catch (ZipException | EOFException e) {
            throw new IllegalArgumentException("The body is not a whole zip file: " + e.getMessage(), e);
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("The body is not a zip file with the files of a mappings folder");
        }
    }

    /** Also of names that only some file systems tell apart: a plan must say the same on every machine. */
    private static void refuseTwo(Path path, Set<String> files, Set<String> folders) {
        boolean second = !files.add(lower(path)) || folders.contains(lower(path));
        for (Path above = path.getParent(); above != null; above = above.getParent()) {
            folders.add(lower(above));
            second |= files.contains(lower(above));
        }
        if (second) {
            throw new IllegalArgumentException("The zip file has " + path + " beside a file or folder of the same name, or"
                    + " of one that differs only in capital letters");
        }
    }

    private static String lower(Path path) {
        return path.toString().toLowerCase(Locale.ROOT);
    }

    /** Within the folder. */
    private static Path path(String name) {
        try {
            Path path = Path.of(name).normalize();
            if (path.isAbsolute() || path.startsWith("..") || path.toString().isEmpty() && !name.endsWith("/")) {
                throw new IllegalArgumentException("A path of the zip file leads out of its folder");
            }
            if (name.length() > LONGEST_PATH || StreamSupport.stream(path.spliterator(), false).anyMatch(part ->
                    part.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME)) {
                throw new IllegalArgumentException("A path of the zip file is too long");
            }
            return path;
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("A path of the zip file is not one of this machine", e);
        }
    }
}
