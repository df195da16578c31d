package io.shopbridge.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The processor time that the threads of a JVM have taken, by what they are for, as proc(5) has it. */
record ThreadTimes(Map<Group, Double> millis) {

    /** Who they are, by the beginnings of their names, of which Linux keeps 15 characters. */
    enum Group {
        HTTP("http-nio"), CAMEL("Camel"), JIT("C1 Compiler", "C2 Compiler"), GC("GC ", "VM Thread", "G1 "), OTHER;

        private final List<String> names;

        Group(String... names) {
            this.names = List.of(names);
        }

        private static Group of(String thread) {
            return Stream.of(values()).filter(group -> group.names.stream().anyMatch(thread::startsWith)).findFirst()
                    .orElse(OTHER);
        }
    }

    /** Linux counts in hundredths of a second for every program, whatever the kernel's own clock (USER_HZ). */
    private static final int MILLIS_OF_A_TICK = 10;

    static ThreadTimes of(long pid) {
        Map<Group, Double> millis = new EnumMap<>(Group.class);
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            threads.forEach(thread -> add(thread, millis));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ThreadTimes(millis);
    }

    private static void add(Path thread, Map<Group, Double> millis) {
        try {
            // 7012 (C2 CompilerThre) S 1 …: user and system time are the 12th and 13th after the name.
            String stat = Files.readString(thread.resolve("stat"));
            String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
            String[] after = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            millis.merge(Group.of(name),
                    (double) (Long.parseLong(after[11]) + Long.parseLong(after[12])) * MILLIS_OF_A_TICK, Double::sum);
        } catch (IOException e) {
            // It ended meanwhile.
        }
    }

    double of(Group group) {
        return millis.getOrDefault(group, 0.0);
    }

    double all() {
        return Stream.of(Group.values()).mapToDouble(this::of).sum();
    }

    /** What was added since; threads that ended meanwhile are not in it. */
    ThreadTimes since(ThreadTimes before) {
        Map<Group, Double> added = new EnumMap<>(Group.class);
        Stream.of(Group.values()).forEach(group -> added.put(group, Math.max(0, of(group) - before.of(group))));
        return new ThreadTimes(added);
    }

    /** In ms a webhook: {@code HTTP 0.41, Camel 1.30, JIT 2.10, GC 0.08, other 0.12}. */
    String perWebhook(int webhooks) {
        return Stream.of(Group.values()).map(group -> String.format(Locale.ROOT, "%s %.2f",
                group == Group.CAMEL ? "Camel" : group == Group.OTHER ? "other" : group.name(), of(group) / webhooks))
                .collect(Collectors.joining(", "));
    }
}
