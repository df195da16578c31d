package io.shopbridge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Shopbridge as a process of its own. */
public final class ShopbridgeProcess implements AutoCloseable {

    private static final int SECONDS_TO_STOP = 30;

    private final Process process;

    private ShopbridgeProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts it of the classes that are tested here, and returns at once.
     *
     * @param log      where it writes
     * @param options  of the JVM
     * @param settings each as {@code --name=value}; of two with one name the later counts
     */
    public static ShopbridgeProcess start(Path log, List<String> options, List<String> settings) {
        List<String> arguments = new ArrayList<>(options);
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path"), Shopbridge.class.getName()));
        return java(log, arguments, settings);
    }

    /** Starts the packed jar, and returns at once. */
    static ShopbridgeProcess startJar(Path jar, Path log, List<String> settings) {
        return java(log, List.of("-jar", jar.toString()), settings);
    }

    private static ShopbridgeProcess java(Path log, List<String> arguments, List<String> settings) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        command.addAll(laterCounts(settings));
        try {
            return new ShopbridgeProcess(new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(log.toFile()).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Spring joins what is given twice; here the later counts. */
    static List<String> laterCounts(List<String> settings) {
        Map<String, String> byName = new LinkedHashMap<>();
        settings.forEach(setting -> byName.put(setting.substring(0, setting.indexOf('=')), setting));
        return List.copyOf(byName.values());
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** By SIGTERM: so it stops its database, which a killed one can't. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
