package io.shopbridge.bench;

import io.shopbridge.bench.CrmDouble.Held;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Measures Shopbridge as a whole: webhooks in at one end, records of a simulated CRM at the other. Run it by
 * {@code src/bench/run.sh}; the README beside that says what each figure means.
 */
public final class Bench {

    private static final int PATIENCE_MS = 30_000;
    private static final int CONNECTIONS = 64;

    /** What a run of webhooks came to in the CRM. */
    private record Delivered(double perSecond, double callsPer1000, long[] lagMillis, int lost, int doubled, int stale) {
    }

    private final Map<String, String> options;
    private final Workload workload;
    private final Load load;
    private final CrmDouble crm;
    private final Application application;

    private Bench(Map<String, String> options, Workload workload, Load load, CrmDouble crm, Application application) {
        this.options = options;
        this.workload = workload;
        this.load = load;
        this.crm = crm;
        this.application = application;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = options(arguments);
        Path project = Path.of("").toAbsolutePath();
        Path jar = Path.of(options.get("jar")).toAbsolutePath();
        Path directory = Files.createTempDirectory("shopbridge-bench");
        int port = freePort();
        String name = options.get("crm");
        try (CrmDouble crm = CrmDouble.start(directory, jar, name, freePort(), freePort());
                Application application = Application.start(project, directory, jar,
                        List.of(options.get("java-options").split(" ")), name, crm.port(), port)) {
            // Where the bench is interrupted, what it started ends too.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                application.close();
                crm.close();
            }));
            Workload workload = new Workload(port, Integer.parseInt(options.get("spread")));
            say("%s, Java %s, %d processors, orders of %d bytes, %s", name, System.getProperty("java.version"),
                    Runtime.getRuntime().availableProcessors(), workload.orderSize(), directory);
            Bench bench = new Bench(options, workload, new Load(port, CONNECTIONS), crm, application);
            for (String phase : options.get("phases").split(",")) {
                bench.run(phase);
            }
            say("memory: JVM peak %d MB resident, PostgreSQL %d MB", application.peakMegabytes(),
                    application.postgresMegabytes());
        }
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>(Map.of("crm", "crm-one", "jar", "target/bench/shopbridge.jar",
                "java-options", "-Xmx256m -XX:+UseSerialGC", "phases", "warm-up,steady,burst,paced,ramp",
                "webhooks", "18000", "seconds", "10", "hold", "30", "steady-seconds", "30", "pace", "1500",
                "spread", "100"));
        options.put("steps", "1000,2000,3000,4000,5000,6000");
        options.put("latencies", "5,50");
        for (String argument : arguments) {
            String[] parts = argument.replaceFirst("^--", "").split("=", 2);
            if (parts.length < 2 || !options.containsKey(parts[0])) {
                System.err.println("Unknown argument " + argument + "; known are, with their defaults, "
                        + new TreeMap<>(options));
                System.exit(2);
            }
            options.put(parts[0], parts[1]);
        }
        return options;
    }

    private int number(String option) {
        return Integer.parseInt(options.get(option));
    }

    private int[] numbers(String option) {
        return Arrays.stream(options.get(option).split(",")).mapToInt(Integer::parseInt).toArray();
    }

    private void run(String phase) throws IOException, InterruptedException {
        switch (phase) {
            case "warm-up" -> {
                deliver("warm-up", 4000, 1000, 5);
                deliver("warm-up", 8000, Double.POSITIVE_INFINITY, 5);
            }
            case "steady" -> {
                for (int latency : numbers("latencies")) {
                    deliver("steady", 100 * number("steady-seconds"), 100, latency);
                }
            }
            case "burst" -> {
                for (int latency : numbers("latencies")) {
                    deliver("burst", number("webhooks"), Double.POSITIVE_INFINITY, latency);
                }
            }
            case "paced" -> {
                for (int latency : numbers("latencies")) {
                    deliver("paced", number("webhooks"), number("pace"), latency);
                }
            }
            case "ramp" -> ramp();
            default -> throw new IllegalArgumentException("No phase " + phase
                    + "; there are warm-up, steady, burst, paced, ramp");
        }
    }

    /** Raises the rate until the 99th percentile of the answers passes a second, then holds the last that did not. */
    private void ramp() throws IOException, InterruptedException {
        int best = 0;
        for (int rate : numbers("steps")) {
            if (!holds("ramp", rate, number("seconds"))) {
                break;
            }
            best = rate;
        }
        if (best > 0) {
            holds("hold", best, number("hold"));
        }
    }

    private boolean holds(String phase, int rate, int seconds) throws IOException, InterruptedException {
        List<Webhook> webhooks = workload.webhooks(rate * seconds);
        Load.Result result = load.send(webhooks, rate);
        Delivered delivered = settle(webhooks, result, crm.calls());
        boolean holds = result.refused() == 0 && result.ackMillis(0.99) < 1000
                && result.acksPerSecond() > 0.97 * rate;
        say("%-8s %5d/s for %d s: %s  ack p50 %.1f p99 %.1f ms, %.0f acks/s, refused %d; later lost %d doubled %d"
                + " stale %d", phase, rate, seconds, holds ? "held" : "NOT held", result.ackMillis(0.5),
                result.ackMillis(0.99), result.acksPerSecond(), result.refused(), delivered.lost(), delivered.doubled(),
                delivered.stale());
        crm.clear();
        return holds;
    }

    private void deliver(String phase, int count, double rate, int latency) throws IOException, InterruptedException {
        crm.latency(latency);
        List<Webhook> webhooks = workload.webhooks(count);
        System.gc();
        long callsBefore = crm.calls();
        Map<String, Long> pathsBefore = crm.callsByPath();
        Duration jvm = application.cpu();
        Duration postgres = application.postgresCpu();
        Load.Result result = load.send(webhooks, rate);
        Delivered delivered = settle(webhooks, result, callsBefore);
        double jvmMillis = application.cpu().minus(jvm).toMillis() / (double) webhooks.size();
        double postgresMillis = application.postgresCpu().minus(postgres).toMillis() / (double) webhooks.size();
        say("%-8s CRM %d ms, %d webhooks at %s: ack p50 %.1f p99 %.1f ms, %.0f acks/s, refused %d; delivered %.0f/s, lag"
                + " p50 %d p95 %d p99 %d ms, %.0f CRM calls per 1000; lost %d doubled %d stale %d; CPU a webhook: JVM"
                + " %.2f PostgreSQL %.2f ms; JVM %d MB, PostgreSQL %d MB", phase, latency, webhooks.size(),
                Double.isInfinite(rate) ? "once" : (int) rate + "/s",
                result.ackMillis(0.5), result.ackMillis(0.99), result.acksPerSecond(), result.refused(),
                delivered.perSecond(), quantile(delivered.lagMillis(), 0.5), quantile(delivered.lagMillis(), 0.95),
                quantile(delivered.lagMillis(), 0.99), delivered.callsPer1000(), delivered.lost(), delivered.doubled(),
                delivered.stale(), jvmMillis, postgresMillis, application.peakMegabytes(), application.postgresMegabytes());
        Map<String, Long> paths = new TreeMap<>(crm.callsByPath());
        paths.replaceAll((path, calls) -> calls - pathsBefore.getOrDefault(path, 0L));
        paths.values().removeIf(calls -> calls == 0);
        say("         calls: %s", paths);
        crm.clear();
    }

    /** Waits until the CRM holds the newest state of every accepted record, or nothing has moved for long. */
    private Delivered settle(List<Webhook> webhooks, Load.Result result, long callsBefore)
            throws IOException, InterruptedException {
        Map<String, Integer> newest = new HashMap<>();
        for (int i = 0; i < webhooks.size(); i++) {
            if (result.accepted()[i]) {
                webhooks.get(i).states().forEach((record, version) -> newest.merge(record, version, Math::max));
            }
        }
        long calls = crm.calls();
        long since = System.currentTimeMillis();
        Map<String, List<Held>> held = Map.of();
        boolean complete = false;
        while (!complete && System.currentTimeMillis() - since < PATIENCE_MS) {
            Thread.sleep(1500);
            long now = crm.calls();
            if (now != calls) {
                calls = now;
                since = System.currentTimeMillis();
            } else {
                // Only when it is quiet: reading all records costs the double what it should give to calls.
                held = crm.records();
                complete = faults(newest, held)[0] + faults(newest, held)[2] == 0;
            }
        }
        int[] faults = faults(newest, held);
        // The lag of a record is that of its newest state, from the first webhook that brought it.
        Map<String, Long> lags = new HashMap<>();
        long first = Long.MAX_VALUE;
        long last = 0;
        for (int i = 0; i < webhooks.size(); i++) {
            first = Math.min(first, result.postedAt()[i]);
            for (Map.Entry<String, Integer> state : webhooks.get(i).states().entrySet()) {
                List<Held> there = held.getOrDefault(state.getKey(), List.of());
                if (there.size() == 1 && there.get(0).version() == state.getValue()) {
                    lags.merge(state.getKey(), there.get(0).appliedAt() - result.postedAt()[i], Math::max);
                    last = Math.max(last, there.get(0).appliedAt());
                }
            }
        }
        long[] sorted = lags.values().stream().mapToLong(Long::longValue).sorted().toArray();
        return new Delivered(result.ackMicros().length * 1000.0 / Math.max(1, last - first),
                (calls - callsBefore) * 1000.0 / webhooks.size(), sorted, faults[0], faults[1], faults[2]);
    }

    /** Lost, doubled, stale. */
    private static int[] faults(Map<String, Integer> newest, Map<String, List<Held>> held) {
        int[] faults = new int[3];
        newest.forEach((record, version) -> {
            List<Held> there = held.getOrDefault(record, List.of());
            faults[0] += there.isEmpty() ? 1 : 0;
            faults[1] += there.size() > 1 ? 1 : 0;
            faults[2] += there.size() == 1 && there.get(0).version() != version ? 1 : 0;
        });
        return faults;
    }

    static long quantile(long[] sorted, double share) {
        return sorted.length == 0 ? -1 : sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))];
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
