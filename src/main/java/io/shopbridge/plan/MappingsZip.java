package io.shopbridge.plan;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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
    private static final int MOST_FILES = 5_000;

    private MappingsZip() {
    }

    /** What is done with the unpacked folder. */
    interface Reading<T> {
        T read(Path folder);
    }

    /**
     * Unpacks it to a temporary folder, which is there as long as it is read.
     *
     * @throws IllegalArgumentException where it is no zip file, is too large, or names a file outside its folder
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
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            long left = LARGEST_UNPACKED;
            int files = 0;
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path file = file(folder, entry.getName());
                if (!entry.isDirectory() && !file.equals(folder)) {
                    byte[] bytes = in.readNBytes((int) left + 1);
                    left -= bytes.length;
                    files++;
                    if (left < 0 || files > MOST_FILES) {
                        throw new IllegalArgumentException("The folder has more than " + MOST_FILES + " files, or more than "
                                + DataSize.ofBytes(LARGEST_UNPACKED).toMegabytes() + " MB. Give the mappings folder itself");
                    }
                    Files.createDirectories(file.getParent());
                    Files.write(file, bytes);
                }
            }
            if (files == 0) {
                throw new IllegalArgumentException("The body is not a zip file with the files of a mappings folder");
            }
        } catch (ZipException | EOFException e) {
            throw new IllegalArgumentException("The body is not a whole zip file: " + e.getMessage(), e);
        }
    }

    private static Path file(Path folder, String name) {
        try {
            Path file = folder.resolve(name).normalize();
            if (!file.startsWith(folder)) {
                throw new IllegalArgumentException("A path of the zip file leads out of its folder");
            }
            return file;
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("A path of the zip file is not one of this machine", e);
        }
    }
}
